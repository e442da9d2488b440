//! Values that are encrypted while idle.

mod envelope;
mod error;
mod key;

use super::{Plain, Secret, SecretBytes};
use crate::limits::Protection;
use crate::pool::Pool;
use envelope::Envelope;
use key::Key;
use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;

pub use error::SealError;

/// A `T` that is encrypted (ChaCha20-Poly1305) while idle, and decrypted into
/// locked memory for as long as a closure runs.
///
/// At rest it costs ordinary memory and no lock: for many secrets under a small
/// limit, and against whoever reads all of the process's memory, debuggers of
/// root included, where the key lies in `memfd_secret` memory
/// ([`key_protection`]). The key is drawn at first use, one for each process; no
/// nonce is used twice with it. A fork child draws a key of its own and can't open
/// what its parent sealed. Type and length are bound to the content.
///
/// While a closure runs, and for the cipher's state while it works (on the
/// thread's stack, wiped after), the process is as readable as with [`Secret`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use stayput::Sealed;
/// let mut key = Sealed::<[u8; 32]>::try_init_with(|place| place.fill(7))?;
/// key.open_mut(|key| key[0] = 8)?;
/// assert_eq!(key.open(|key| key[0] + key[1])?, 15);
/// # Ok(()) }
/// ```
///
/// What is opened does not leave the closure:
///
/// ```compile_fail
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use stayput::Sealed;
/// let key = Sealed::<[u8; 32]>::try_init_with(|place| place.fill(7))?;
/// let escaped: &[u8; 32] = key.open(|key| key)?;
/// # Ok(()) }
/// ```
pub struct Sealed<T: Plain> {
    envelope: Envelope,
    pool: Pool,
    of: PhantomData<fn(T) -> T>,
}

impl<T: Plain> Sealed<T> {
    /// Seals a value that is filled in place, in the process-wide pool; it starts
    /// as zeros.
    ///
    /// # Errors
    /// [`SealError`]: no locked memory for value or key, or no random numbers.
    pub fn try_init_with(fill: impl FnOnce(&mut T)) -> Result<Self, SealError> {
        Self::try_init_with_in(fill, Pool::global())
    }

    /// As [`Sealed::try_init_with`]; filled, and later opened, in `pool`.
    ///
    /// # Errors
    /// As [`Sealed::try_init_with`].
    pub fn try_init_with_in(fill: impl FnOnce(&mut T), pool: &Pool) -> Result<Self, SealError> {
        Self::seal(Secret::try_init_with_in(fill, pool)?)
    }

    /// Seals a secret, whose memory is wiped; later opened in its pool.
    ///
    /// # Errors
    /// As [`Sealed::try_init_with`].
    pub fn seal(secret: Secret<T>) -> Result<Self, SealError> {
        Ok(Self {
            envelope: Envelope::seal(secret.expose_bytes(), type_name::<T>())?,
            pool: secret.pool(),
            of: PhantomData,
        })
    }

    /// Shows the value to `look`, after which it is wiped.
    ///
    /// # Errors
    /// [`SealError`]; `look` is then not called.
    pub fn open<R>(&self, look: impl FnOnce(&T) -> R) -> Result<R, SealError> {
        self.opened().map(|secret| look(secret.expose()))
    }

    /// Has `change` change the value and seals it again; should `change` panic, the
    /// value stays as it was.
    ///
    /// # Errors
    /// As [`Sealed::open`]; where sealing it again fails, the value stays as it was.
    pub fn open_mut<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> Result<R, SealError> {
        let mut secret = self.opened()?;
        let result = change(secret.expose_mut());
        *self = Self::seal(secret)?;
        Ok(result)
    }

    /// Gives the value back as a secret.
    ///
    /// # Errors
    /// As [`Sealed::open`].
    pub fn unseal(self) -> Result<Secret<T>, SealError> {
        self.opened()
    }

    /// The encrypted bytes, as they lie in ordinary memory. Without the key they say
    /// nothing.
    #[must_use]
    pub fn ciphertext(&self) -> &[u8] {
        self.envelope.ciphertext()
    }

    fn opened(&self) -> Result<Secret<T>, SealError> {
        let mut secret = Secret::try_init_with_in(|_| {}, &self.pool)?;
        self.envelope
            .open(secret.expose_bytes_mut(), type_name::<T>())?;
        Ok(secret)
    }
}

/// Bytes of any length that are encrypted while idle; otherwise as [`Sealed`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use stayput::{SealedBytes, SecretBytes};
/// let mut token = SealedBytes::seal(SecretBytes::take_from(&mut b"token".to_vec())?)?;
/// token.open_mut(|token| token.try_extend_from_slice(b"-2"))??;
/// assert!(token.open(|token| token == b"token-2")?);
/// # Ok(()) }
/// ```
pub struct SealedBytes {
    envelope: Envelope,
    pool: Pool,
}

impl SealedBytes {
    const KIND: &str = "bytes";

    /// Seals bytes, whose memory is wiped; later opened in their pool.
    ///
    /// # Errors
    /// As [`Sealed::try_init_with`].
    pub fn seal(secret: SecretBytes) -> Result<Self, SealError> {
        Ok(Self {
            envelope: Envelope::seal(secret.expose(), Self::KIND)?,
            pool: secret.pool(),
        })
    }

    /// Shows the bytes to `look`, after which they are wiped.
    ///
    /// # Errors
    /// As [`Sealed::open`].
    pub fn open<R>(&self, look: impl FnOnce(&[u8]) -> R) -> Result<R, SealError> {
        self.opened().map(|secret| look(secret.expose()))
    }

    /// Has `change` change the bytes, their number too, and seals them again; should
    /// `change` panic, they stay as they were.
    ///
    /// # Errors
    /// As [`Sealed::open_mut`].
    pub fn open_mut<R>(
        &mut self,
        change: impl FnOnce(&mut SecretBytes) -> R,
    ) -> Result<R, SealError> {
        let mut secret = self.opened()?;
        let result = change(&mut secret);
        *self = Self::seal(secret)?;
        Ok(result)
    }

    /// Gives the bytes back as a secret.
    ///
    /// # Errors
    /// As [`Sealed::open`].
    pub fn unseal(self) -> Result<SecretBytes, SealError> {
        self.opened()
    }

    /// The encrypted bytes, as many as were sealed.
    #[must_use]
    pub fn ciphertext(&self) -> &[u8] {
        self.envelope.ciphertext()
    }

    fn opened(&self) -> Result<SecretBytes, SealError> {
        let len = self.envelope.ciphertext().len();
        let mut secret = SecretBytes::try_init_with_in(len, |_| {}, &self.pool)?;
        self.envelope.open(secret.expose_mut(), Self::KIND)?;
        Ok(secret)
    }
}

/// What protects this process's key, which is drawn if nothing was sealed yet.
///
/// It lies in [`Backing::SecretMem`](crate::Backing) memory where there is any, for
/// the life of the process (in which the system then can't hibernate), else in
/// locked memory.
///
/// # Errors
/// As [`Sealed::try_init_with`].
pub fn key_protection() -> Result<Protection, SealError> {
    Key::current().map(Key::protection)
}

impl<T: Plain> fmt::Debug for Sealed<T> {
    /// The content is not shown, encrypted or not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(..)")
    }
}

impl fmt::Debug for SealedBytes {
    /// The content is not shown, encrypted or not.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedBytes(..)")
    }
}

#[cfg(test)]
mod tests;
