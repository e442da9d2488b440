//! Base64 text.

use super::{DecodeError, Decoded, decoded, sized};
use crate::secret::{Plain, Secret, SecretBytes};
use base64ct::Encoding;

/// The dialects of Base64 (RFC 4648).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Base64 {
    /// `+` and `/`, padded with `=`.
    #[default]
    Standard,
    /// `+` and `/`, without padding.
    StandardUnpadded,
    /// `-` and `_`, padded with `=`.
    Url,
    /// `-` and `_`, without padding.
    UrlUnpadded,
}

impl SecretBytes {
    /// The bytes that Base64 text stands for, in the process-wide pool. The text is its
    /// owner's to protect; it has no line breaks.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use stayput::SecretBytes;
    /// use stayput::secret::Base64;
    /// let key = SecretBytes::try_from_base64("c2VjcmV0IQ==", Base64::Standard)?;
    /// assert_eq!(key.expose(), b"secret!");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`DecodeError`]; also for text that no encoder writes (bits set that stand for
    /// nothing).
    pub fn try_from_base64(text: impl AsRef<[u8]>, dialect: Base64) -> Result<Self, DecodeError> {
        let text = text.as_ref();
        let room = text.len().div_ceil(4).saturating_mul(3);
        decoded(room, |place| decode(text, place, dialect))
    }
}

impl<T: Plain> Secret<T> {
    /// As [`SecretBytes::try_from_base64`], for a value of fixed size.
    ///
    /// # Errors
    /// [`DecodeError`]; its `Length` where the text encodes another number of bytes.
    pub fn try_from_base64(text: impl AsRef<[u8]>, dialect: Base64) -> Result<Self, DecodeError> {
        sized(&SecretBytes::try_from_base64(text, dialect)?)
    }
}

fn decode(text: &[u8], place: &mut [u8], dialect: Base64) -> Decoded {
    let decoded = match dialect {
        Base64::Standard => base64ct::Base64::decode(text, place),
        Base64::StandardUnpadded => base64ct::Base64Unpadded::decode(text, place),
        Base64::Url => base64ct::Base64Url::decode(text, place),
        Base64::UrlUnpadded => base64ct::Base64UrlUnpadded::decode(text, place),
    };
    decoded.map(<[u8]>::len).map_err(|_| fault(text, dialect))
}

/// Where malformed text is at fault.
fn fault(text: &[u8], dialect: Base64) -> (usize, &'static str) {
    let is_padded = matches!(dialect, Base64::Standard | Base64::Url);
    let is_url = matches!(dialect, Base64::Url | Base64::UrlUnpadded);
    let digits = match text {
        [digits @ .., b'=', b'='] | [digits @ .., b'='] if is_padded => digits,
        _ => text,
    };
    let is_digit = |byte: &u8| match byte {
        b'+' | b'/' => !is_url,
        b'-' | b'_' => is_url,
        _ => byte.is_ascii_alphanumeric(),
    };
    if let Some(position) = digits.iter().position(|byte| !is_digit(byte)) {
        return (position, "a digit of this dialect of Base64");
    }
    let is_whole = if is_padded {
        text.len() % 4 == 0
    } else {
        text.len() % 4 != 1
    };
    if is_whole {
        let last = digits.len().saturating_sub(1);
        (
            last,
            "a digit whose last bits are zero, as encoders write it",
        )
    } else if is_padded {
        (
            text.len(),
            "groups of four characters, the last padded with `=`",
        )
    } else {
        (text.len(), "one more digit at least")
    }
}
