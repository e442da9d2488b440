//! Text.

use super::SecretBytes;
use crate::limits::{LockError, Protection};
use crate::pool::Pool;
use std::error::Error;
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// UTF-8 text in locked memory.
///
/// ```
/// # fn main() -> Result<(), stayput::LockError> {
/// use stayput::SecretString;
/// let mut typed = String::from("hunter2");
/// let password = SecretString::take_from(&mut typed)?;
/// assert_eq!(password.expose(), "hunter2");
/// assert!(typed.is_empty());
/// # Ok(()) }
/// ```
pub struct SecretString {
    bytes: SecretBytes,
}

/// The bytes are not UTF-8; they are still there, and still protected.
pub struct NotUtf8(SecretBytes);

impl SecretString {
    /// No text, in the process-wide pool.
    ///
    /// # Errors
    /// [`LockError`] with the limit in the way.
    pub fn try_new() -> Result<Self, LockError> {
        SecretBytes::try_new().map(|bytes| Self { bytes })
    }

    /// No text, with room for `capacity` bytes before the first move, in `pool`.
    ///
    /// # Errors
    /// As [`SecretString::try_new`].
    pub fn try_with_capacity_in(capacity: usize, pool: &Pool) -> Result<Self, LockError> {
        SecretBytes::try_with_capacity_in(capacity, pool).map(|bytes| Self { bytes })
    }

    /// Copies the text in and wipes the source, its spare capacity included. The
    /// string is left empty.
    ///
    /// # Errors
    /// As [`SecretString::try_new`]; the source is then as it was.
    pub fn take_from(source: &mut String) -> Result<Self, LockError> {
        Self::take_from_in(source, Pool::global())
    }

    /// As [`SecretString::take_from`], in `pool`.
    ///
    /// # Errors
    /// As [`SecretString::take_from`].
    pub fn take_from_in(source: &mut String, pool: &Pool) -> Result<Self, LockError> {
        let copy = |bytes: &mut [u8]| bytes.copy_from_slice(source.as_bytes());
        let bytes = SecretBytes::try_init_with_in(source.len(), copy, pool)?;
        source.zeroize();
        Ok(Self { bytes })
    }

    /// Takes bytes that are UTF-8, without a copy.
    ///
    /// # Errors
    /// [`NotUtf8`], which holds the bytes.
    pub fn from_utf8(bytes: SecretBytes) -> Result<Self, NotUtf8> {
        match std::str::from_utf8(bytes.expose()) {
            Ok(_) => Ok(Self { bytes }),
            Err(_) => Err(NotUtf8(bytes)),
        }
    }

    /// Appends text; the caller answers for the source.
    ///
    /// # Errors
    /// [`LockError`] where room is needed and the pool can't grow; the content
    /// is then as it was.
    pub fn try_push_str(&mut self, more: &str) -> Result<(), LockError> {
        self.bytes.try_extend_from_slice(more.as_bytes())
    }

    /// The text. Copies of it are unprotected: make none.
    #[must_use]
    pub fn expose(&self) -> &str {
        // Only whole strings come in, so this is UTF-8, except in a fork child,
        // where zeros are too.
        std::str::from_utf8(self.bytes.expose()).unwrap_or_default()
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What protects it.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.bytes.protection()
    }

    /// The pool it lives in.
    #[must_use]
    pub fn pool(&self) -> Pool {
        self.bytes.pool()
    }

    /// The text as bytes, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> SecretBytes {
        self.bytes
    }
}

impl NotUtf8 {
    /// The bytes that are not UTF-8.
    #[must_use]
    pub fn into_bytes(self) -> SecretBytes {
        self.0
    }
}

impl Zeroize for SecretString {
    /// Wipes the text and leaves none.
    fn zeroize(&mut self) {
        self.bytes.zeroize();
    }
}

impl ZeroizeOnDrop for SecretString {}

impl fmt::Debug for SecretString {
    /// Neither the content nor its length is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretString(..)")
    }
}

impl fmt::Debug for NotUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NotUtf8(..)")
    }
}

impl fmt::Display for NotUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected UTF-8, found other bytes; into_bytes() gives them back")
    }
}

impl Error for NotUtf8 {}
