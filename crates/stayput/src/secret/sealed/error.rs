//! What may keep a value from being sealed or opened.

use crate::limits::LockError;
use std::error::Error;
use std::fmt;
use std::io;

/// A value could not be sealed or opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum SealError {
    /// No locked memory, for the key or for the opened value.
    Lock(LockError),
    /// The system gave no random numbers for the key.
    Random(io::Error),
    /// A parent process sealed it, and keys do not pass to fork children.
    Inherited,
    /// The sealed bytes are not what was sealed as this type and length: something
    /// wrote to them.
    Altered,
    /// More bytes than the cipher takes at a time (256 GiB).
    TooLong,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lock(error) => write!(f, "no place for a key or an opened value: {error}"),
            Self::Random(error) => write!(f, "no random numbers for a key: {error}"),
            Self::Inherited => f.write_str(
                "sealed by a parent process, whose key a fork child does not have: seal it \
                 again in the child, or open it in the parent",
            ),
            Self::TooLong => f.write_str("too long to seal: expected less than 256 GiB"),
            Self::Altered => f.write_str(
                "the sealed bytes were changed since they were sealed: something wrote to memory \
                 that is not its own",
            ),
        }
    }
}

impl Error for SealError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Lock(error) => Some(error),
            Self::Random(error) => Some(error),
            Self::Inherited | Self::Altered | Self::TooLong => None,
        }
    }
}

impl From<LockError> for SealError {
    fn from(error: LockError) -> Self {
        Self::Lock(error)
    }
}
