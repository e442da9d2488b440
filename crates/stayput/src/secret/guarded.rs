//! A value that is inaccessible unless borrowed.

use super::ZeroInit;
use crate::limits::{LockError, Policy, Protection};
use crate::page::{GuardedPlace, SharedAccess, SoleAccess};
use std::fmt;
use std::ops::{Deref, DerefMut};
use zeroize::ZeroizeOnDrop;

/// A `T` on locked pages of its own that any stray read or write of this process
/// faults on (`PROT_NONE`) unless it is exposed: readable while an [`Exposed`]
/// lives, in however many threads, and writable while an [`ExposedMut`] does.
///
/// It ends where an inaccessible guard page begins, so writing past its end is a
/// fault; a canary before it ends the process, with a message, when the value is
/// given back after somebody wrote there. `T`'s own `Drop` runs at the end, then
/// the pages are wiped.
///
/// Access costs two system calls (`mprotect`), and each value whole pages: for
/// few, long-lived keys. At rest root can still read it, by debuggers and
/// `/proc/PID/mem`, which override the protection: that takes
/// [`Sealed`](crate::secret) or [`Backing::SecretMem`](crate::Backing).
///
/// ```
/// # fn main() -> Result<(), stayput::LockError> {
/// use stayput::Guarded;
/// let mut key = Guarded::<[u8; 32]>::try_init_with(|place| place.fill(7))?;
/// key.expose_mut()?[0] = 8;
/// assert_eq!(key.expose()?[..2], [8, 7]); // inaccessible again after this line
/// # Ok(()) }
/// ```
///
/// Access does not outlive the value, and whoever writes is alone:
///
/// ```compile_fail,E0505
/// # fn main() -> Result<(), stayput::LockError> {
/// # let mut key = stayput::Guarded::<[u8; 32]>::try_init_with(|place| place.fill(7))?;
/// let exposed = key.expose()?;
/// drop(key);
/// assert_eq!(exposed[0], 7);
/// # Ok(()) }
/// ```
/// ```compile_fail,E0502
/// # fn main() -> Result<(), stayput::LockError> {
/// # let mut key = stayput::Guarded::<[u8; 32]>::try_init_with(|place| place.fill(7))?;
/// let exposed = key.expose()?;
/// key.expose_mut()?[0] = 8;
/// assert_eq!(exposed[0], 7);
/// # Ok(()) }
/// ```
/// ```compile_fail,E0716
/// # fn main() -> Result<(), stayput::LockError> {
/// # let mut key = stayput::Guarded::<[u8; 32]>::try_init_with(|place| place.fill(7))?;
/// let first: Option<&u8> = key.expose()?.first(); // that borrow ends here
/// assert_eq!(first, Some(&7));
/// # Ok(()) }
/// ```
///
/// In a fork child an inherited value reads as zeros, and what the child writes
/// there is neither locked nor protected. One that is
/// [backed by a file](Policy::FileBacked) can't be exposed there: that is an error.
///
/// On Windows, which unlocks pages that become inaccessible, a locked value can be read
/// at rest, and only writing is a fault: [`Guarded::protection`] says so.
pub struct Guarded<T: ZeroInit> {
    place: GuardedPlace<T>,
}

impl<T: ZeroInit> Guarded<T> {
    /// A value filled in place; it starts as zeros.
    ///
    /// # Errors
    /// [`LockError`] with the limit in the way; `fill` is then not called.
    pub fn try_init_with(fill: impl FnOnce(&mut T)) -> Result<Self, LockError> {
        Self::try_init_with_policy(Policy::Require, fill)
    }

    /// As [`Guarded::try_init_with`], with a policy for where locking is
    /// impossible.
    ///
    /// # Errors
    /// As [`Guarded::try_init_with`]; under [`Policy::Prefer`] and
    /// [`Policy::Off`] only for want of memory, under [`Policy::FileBacked`] also
    /// where its directory is of no use.
    pub fn try_init_with_policy(
        policy: Policy,
        fill: impl FnOnce(&mut T),
    ) -> Result<Self, LockError> {
        GuardedPlace::new(policy, fill).map(|place| Self { place })
    }

    /// The value, readable while the borrow lives. Copies of it are unprotected:
    /// make none.
    ///
    /// # Errors
    /// [`LockError`] where the system refuses the access.
    pub fn expose(&self) -> Result<Exposed<'_, T>, LockError> {
        self.place.borrow().map(Exposed)
    }

    /// The value, readable and writable while the borrow lives.
    ///
    /// # Errors
    /// As [`Guarded::expose`].
    pub fn expose_mut(&mut self) -> Result<ExposedMut<'_, T>, LockError> {
        self.place.borrow_mut().map(ExposedMut)
    }

    /// What protects it.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.place.protection()
    }
}

impl<T: ZeroInit> ZeroizeOnDrop for Guarded<T> {}

/// Access to read a [`Guarded`] value; the last one's drop ends it.
#[must_use = "access ends when this is dropped"]
pub struct Exposed<'a, T: ZeroInit>(SharedAccess<'a, T>);

/// Access to read and write a [`Guarded`] value; its drop ends it.
#[must_use = "access ends when this is dropped"]
pub struct ExposedMut<'a, T: ZeroInit>(SoleAccess<'a, T>);

impl<T: ZeroInit> Deref for Exposed<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ZeroInit> Deref for ExposedMut<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: ZeroInit> DerefMut for ExposedMut<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

macro_rules! redacted {
    ($($type:ty, $shown:literal;)*) => {$(
        impl<T: ZeroInit> fmt::Debug for $type {
            /// The content is not shown.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($shown)
            }
        }
    )*};
}

redacted! {
    Guarded<T>, "Guarded(..)";
    Exposed<'_, T>, "Exposed(..)";
    ExposedMut<'_, T>, "ExposedMut(..)";
}
