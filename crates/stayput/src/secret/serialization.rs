//! Secrets as deserializers find them, and as they are written where that is wanted.

mod reading;

use super::{Plain, Secret, SecretBytes, SecretString};
use ::serde::ser::{SerializeSeq, Serializer};

/// Secrets that can be written in the clear.
pub trait SerializeExposed {
    /// Writes the content, unprotected, into whatever the serializer writes to.
    ///
    /// # Errors
    /// The serializer's.
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
}

/// Writes a secret's content; for fields that are to be written in spite of what they
/// are. What it goes to is unprotected.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use stayput::SecretString;
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Login {
///     user: String,
///     #[serde(serialize_with = "stayput::secret::serialize_exposed")]
///     password: SecretString,
/// }
/// let login: Login = serde_json::from_str(r#"{"user":"eve","password":"hunter2"}"#)?;
/// assert_eq!(login.password.expose(), "hunter2");
/// assert!(serde_json::to_string(&login)?.contains("hunter2"));
/// # Ok(()) }
/// ```
///
/// # Errors
/// The serializer's.
pub fn serialize_exposed<T: SerializeExposed, S: Serializer>(
    secret: &T,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.serialize_exposed(serializer)
}

impl SerializeExposed for SecretString {
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl SerializeExposed for SecretBytes {
    /// As a sequence, which every format has.
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        sequence(self.expose(), serializer)
    }
}

impl<T: Plain> SerializeExposed for Secret<T> {
    /// As a sequence of its bytes, which every format has.
    fn serialize_exposed<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        sequence(self.expose_bytes(), serializer)
    }
}

fn sequence<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let mut sequence = serializer.serialize_seq(Some(bytes.len()))?;
    for byte in bytes {
        sequence.serialize_element(byte)?;
    }
    sequence.end()
}
