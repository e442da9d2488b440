//! Secrets from random number generators.

use super::{FillError, Plain, Secret, SecretBytes};
use crate::pool::Pool;
use rand_core::TryCryptoRng;

impl<T: Plain> Secret<T> {
    /// A random value in the process-wide pool, drawn in place.
    ///
    /// # Errors
    /// [`FillError`]: no locked memory, or the generator's own.
    pub fn try_random<R: TryCryptoRng>(rng: &mut R) -> Result<Self, FillError<R::Error>> {
        Self::try_random_in(rng, Pool::global())
    }

    /// As [`Secret::try_random`], in `pool`.
    ///
    /// # Errors
    /// As [`Secret::try_random`].
    pub fn try_random_in<R: TryCryptoRng>(
        rng: &mut R,
        pool: &Pool,
    ) -> Result<Self, FillError<R::Error>> {
        let mut secret = Self::try_init_with_in(|_| {}, pool).map_err(FillError::Lock)?;
        rng.try_fill_bytes(secret.expose_bytes_mut())
            .map_err(FillError::Source)?;
        Ok(secret)
    }
}

impl SecretBytes {
    /// `len` random bytes in the process-wide pool, drawn in place.
    ///
    /// # Errors
    /// As [`Secret::try_random`].
    pub fn try_random<R: TryCryptoRng>(
        len: usize,
        rng: &mut R,
    ) -> Result<Self, FillError<R::Error>> {
        Self::try_fill_with(len, |bytes| rng.try_fill_bytes(bytes))
    }
}
