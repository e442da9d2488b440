//! Filling in place by what may fail.

use super::{Secret, SecretBytes, ZeroInit};
use crate::limits::LockError;
use crate::pool::Pool;
use std::error::Error;
use std::fmt;

/// A secret could not be made or filled.
#[derive(Debug)]
pub enum FillError<E> {
    /// No locked memory; the source was not asked.
    Lock(LockError),
    /// The source failed; what it had written is wiped.
    Source(E),
}

impl<T: ZeroInit> Secret<T> {
    /// A value in the process-wide pool, filled in place by what may fail; it starts
    /// as zeros.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::io::Read;
    /// let mut file = std::fs::File::open("/dev/urandom")?;
    /// let key = stayput::Secret::<[u8; 32]>::try_fill_with(|key| file.read_exact(key))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`FillError`].
    pub fn try_fill_with<E>(
        fill: impl FnOnce(&mut T) -> Result<(), E>,
    ) -> Result<Self, FillError<E>> {
        Self::try_fill_with_in(fill, Pool::global())
    }

    /// As [`Secret::try_fill_with`], in `pool`.
    ///
    /// # Errors
    /// As [`Secret::try_fill_with`].
    pub fn try_fill_with_in<E>(
        fill: impl FnOnce(&mut T) -> Result<(), E>,
        pool: &Pool,
    ) -> Result<Self, FillError<E>> {
        let mut secret = Self::try_init_with_in(|_| {}, pool).map_err(FillError::Lock)?;
        fill(secret.expose_mut()).map_err(FillError::Source)?;
        Ok(secret)
    }
}

impl SecretBytes {
    /// `len` bytes in the process-wide pool, filled in place by what may fail; they
    /// start as zeros.
    ///
    /// # Errors
    /// [`FillError`].
    pub fn try_fill_with<E>(
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
    ) -> Result<Self, FillError<E>> {
        Self::try_fill_with_in(len, fill, Pool::global())
    }

    /// As [`SecretBytes::try_fill_with`], in `pool`.
    ///
    /// # Errors
    /// As [`SecretBytes::try_fill_with`].
    pub fn try_fill_with_in<E>(
        len: usize,
        fill: impl FnOnce(&mut [u8]) -> Result<(), E>,
        pool: &Pool,
    ) -> Result<Self, FillError<E>> {
        let mut secret = Self::try_init_with_in(len, |_| {}, pool).map_err(FillError::Lock)?;
        fill(secret.expose_mut()).map_err(FillError::Source)?;
        Ok(secret)
    }
}

impl<E: fmt::Display> fmt::Display for FillError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lock(error) => write!(f, "no place for a secret: {error}"),
            Self::Source(error) => write!(f, "a secret's source failed: {error}"),
        }
    }
}

impl<E: Error + 'static> Error for FillError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(match self {
            Self::Lock(error) => error,
            Self::Source(error) => error,
        })
    }
}
