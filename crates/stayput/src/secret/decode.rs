//! Secrets from text that encodes bytes.
//!
//! Decoding takes the same time for any content of the same length (`base16ct`,
//! `base64ct`) and writes into locked memory only. Where it fails, the position of the
//! fault is looked for, and so no secret any more.

#[cfg(feature = "base64")]
mod base64;
#[cfg(feature = "hex")]
mod hex;

use super::{Plain, Secret, SecretBytes, with_wiped_stack};
use crate::limits::LockError;
use std::error::Error;
use std::fmt;

#[cfg(feature = "base64")]
pub use base64::Base64;

/// Text could not be decoded. Its message names positions, never content.
#[derive(Debug)]
#[non_exhaustive]
pub enum DecodeError {
    /// No locked memory.
    Lock(LockError),
    /// The text is not in the encoding.
    Malformed {
        /// Bytes from the text's start to the fault; its length if something is missing.
        position: usize,
        /// What stands there in the encoding.
        expected: &'static str,
    },
    /// The text encodes more or fewer bytes than the value has.
    Length {
        /// Bytes that the value has.
        expected: usize,
        /// Bytes that the text encodes.
        found: usize,
    },
}

/// More stack than a decoder uses, which holds a few bytes there.
const DEPTH: usize = 4096;

/// A decoder's work: the number of bytes it has written, or where the text is at fault.
type Decoded = Result<usize, (usize, &'static str)>;

/// Has `decode` write at most `room` bytes.
fn decoded(
    room: usize,
    decode: impl FnOnce(&mut [u8]) -> Decoded,
) -> Result<SecretBytes, DecodeError> {
    let mut secret = SecretBytes::try_init_with(room, |_| {}).map_err(DecodeError::Lock)?;
    let written = with_wiped_stack(DEPTH, || decode(secret.expose_mut()));
    let written =
        written.map_err(|(position, expected)| DecodeError::Malformed { position, expected })?;
    secret.truncate(written);
    Ok(secret)
}

/// The value that consists of these bytes.
fn sized<T: Plain>(bytes: &SecretBytes) -> Result<Secret<T>, DecodeError> {
    let (expected, found) = (size_of::<T>(), bytes.len());
    if expected != found {
        return Err(DecodeError::Length { expected, found });
    }
    let mut secret = Secret::try_init_with(|_| {}).map_err(DecodeError::Lock)?;
    secret.expose_bytes_mut().copy_from_slice(bytes.expose());
    Ok(secret)
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lock(error) => write!(f, "no place for a secret: {error}"),
            Self::Malformed { position, expected } => {
                write!(f, "malformed text at byte {position}: expected {expected}")
            }
            Self::Length { expected, found } => write!(
                f,
                "the text encodes {found} bytes: expected {expected}, as the value has"
            ),
        }
    }
}

impl Error for DecodeError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Lock(error) => Some(error),
            Self::Malformed { .. } | Self::Length { .. } => None,
        }
    }
}
