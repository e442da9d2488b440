//! A value of fixed size.

use super::{Plain, ZeroInit};
use crate::limits::{LockError, Protection};
use crate::pool::{Place, Pool};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A `T` in locked memory.
///
/// `T`'s own `Drop` runs first, then the memory is wiped.
///
/// ```
/// # fn main() -> Result<(), stayput::LockError> {
/// use stayput::Secret;
/// let mut key = Secret::<[u8; 32]>::try_init_with(|place| place.fill(7))?;
/// key.expose_mut()[0] = 8;
/// assert_eq!(key.expose()[..2], [8, 7]);
/// assert_eq!(format!("{key:?}"), "Secret(..)");
/// # Ok(()) }
/// ```
pub struct Secret<T: ZeroInit> {
    place: Place<T>,
}

impl<T: ZeroInit> Secret<T> {
    /// A value in the process-wide pool, filled in place; it starts as zeros.
    ///
    /// # Errors
    /// [`LockError`] with the limit in the way; `fill` is then not called.
    #[inline]
    pub fn try_init_with(fill: impl FnOnce(&mut T)) -> Result<Self, LockError> {
        Self::try_init_with_in(fill, Pool::global())
    }

    /// A value in `pool`, filled in place; it starts as zeros.
    ///
    /// # Errors
    /// As [`Secret::try_init_with`].
    #[inline]
    pub fn try_init_with_in(fill: impl FnOnce(&mut T), pool: &Pool) -> Result<Self, LockError> {
        let mut place = pool.place()?;
        fill(place.get_mut());
        Ok(Self { place })
    }

    /// The value. Copies of it are unprotected: make none.
    #[must_use]
    #[inline]
    pub fn expose(&self) -> &T {
        self.place.get()
    }

    /// The value, writable.
    #[must_use]
    #[inline]
    pub fn expose_mut(&mut self) -> &mut T {
        self.place.get_mut()
    }

    /// What protects it.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.place.protection()
    }

    /// The pool it lives in.
    #[must_use]
    pub fn pool(&self) -> Pool {
        self.place.pool()
    }
}

impl<T: Plain> Secret<T> {
    /// The value's bytes. Copies of them are unprotected: make none.
    #[must_use]
    pub fn expose_bytes(&self) -> &[u8] {
        self.place.as_bytes()
    }

    /// The value's bytes, writable.
    #[must_use]
    pub fn expose_bytes_mut(&mut self) -> &mut [u8] {
        self.place.as_bytes_mut()
    }
}

impl<T: ZeroInit + Zeroize> Zeroize for Secret<T> {
    fn zeroize(&mut self) {
        self.expose_mut().zeroize();
    }
}

impl<T: ZeroInit> ZeroizeOnDrop for Secret<T> {}

impl<T: ZeroInit> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
