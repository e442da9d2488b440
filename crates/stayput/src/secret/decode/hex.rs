//! Hexadecimal text.

use super::{DecodeError, Decoded, decoded, sized};
use crate::secret::{Plain, Secret, SecretBytes};

impl SecretBytes {
    /// The bytes that pairs of hexadecimal digits, upper or lower case, stand for; in the
    /// process-wide pool. The text is its owner's to protect.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use stayput::{SecretBytes, SecretString};
    /// let text = SecretString::take_from(&mut String::from("00ffAb"))?;
    /// let key = SecretBytes::try_from_hex(text.expose())?;
    /// assert_eq!(key.expose(), [0x00, 0xff, 0xab]);
    /// let error = SecretBytes::try_from_hex("00fg").unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "malformed text at byte 3: expected a hexadecimal digit"
    /// );
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`].
    pub fn try_from_hex(text: impl AsRef<[u8]>) -> Result<Self, DecodeError> {
        let text = text.as_ref();
        decoded(text.len() / 2, |place| decode(text, place))
    }
}

impl<T: Plain> Secret<T> {
    /// As [`SecretBytes::try_from_hex`], for a value of fixed size.
    ///
    /// # Errors
    /// [`DecodeError`]; its `Length` where the text has other than twice as many digits as
    /// the value has bytes.
    pub fn try_from_hex(text: impl AsRef<[u8]>) -> Result<Self, DecodeError> {
        sized(&SecretBytes::try_from_hex(text)?)
    }
}

fn decode(text: &[u8], place: &mut [u8]) -> Decoded {
    match base16ct::mixed::decode(text, place) {
        Ok(decoded) => Ok(decoded.len()),
        Err(_) => {
            let fault = text.iter().position(|byte| !byte.is_ascii_hexdigit());
            Err((fault.unwrap_or(text.len()), "a hexadecimal digit"))
        }
    }
}
