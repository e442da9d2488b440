//! A value on pages of its own that are inaccessible unless borrowed.

use super::{LockedPages, ZeroInit, canary};
use crate::limits::{LockError, Operation, Policy, Protection, Status, count_drop_error, diagnose};
use crate::trace::event;
use stayput_sys::map::{self, Access, INACCESSIBLE_IS_UNLOCKED};
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A `T` that ends where the rear guard page begins; before it lies a canary.
///
/// The data's mapping differs from the guards' in its flags (locked, dump, fork),
/// so that the kernel has nothing to merge when the access changes.
pub(crate) struct GuardedPlace<T: ZeroInit> {
    pages: LockedPages,
    /// Live shared borrows. Held across the change of access, so that nobody
    /// reads before it or after. Not used in a fork child: a thread that is not
    /// there may hold it.
    shared: Mutex<usize>,
    /// Also makes `Send` and `Sync` depend on T.
    owns: PhantomData<T>,
}

impl<T: ZeroInit> GuardedPlace<T> {
    /// A value of zeros, which `fill` may change before access ends.
    pub(crate) fn new(policy: Policy, fill: impl FnOnce(&mut T)) -> Result<Self, LockError> {
        // The value lies at a page's end, which must be a place for it.
        const { assert!(align_of::<T>() <= 4096, "aligned to more than a page") };
        let mut place = Self {
            pages: LockedPages::with_policy(size_of::<T>().max(1), policy)?,
            shared: Mutex::new(0),
            owns: PhantomData,
        };
        let slack = place.pages.len() - size_of::<T>();
        canary::plant(&mut place.pages.as_mut_slice()[..slack]);
        // SAFETY: as for sole access; the pages are accessible still.
        fill(unsafe { place.typed().as_mut() });
        place.set(place.at_rest())?;
        Ok(place)
    }

    /// Readable while any such borrow lives.
    pub(crate) fn borrow(&self) -> Result<SharedAccess<'_, T>, LockError> {
        if self.pages.is_inherited() {
            self.set(Access::Read)?;
        } else {
            let mut shared = self.shared();
            if *shared == 0 {
                self.set(Access::Read)?;
            }
            *shared += 1;
        }
        Ok(SharedAccess { place: self })
    }

    /// Readable and writable while the borrow lives.
    pub(crate) fn borrow_mut(&mut self) -> Result<SoleAccess<'_, T>, LockError> {
        self.set(Access::ReadWrite)?;
        // `&mut self`: shared borrows that were never given back are gone too.
        *self
            .shared
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner) = 0;
        Ok(SoleAccess { place: self })
    }

    pub(crate) fn protection(&self) -> Protection {
        let pages = self.pages.protection();
        Protection {
            guarded: match self.at_rest() {
                Access::None => pages.guarded,
                _ => Status::No("readable at rest: the system unlocks inaccessible pages"),
            },
            ..pages
        }
    }

    fn set(&self, access: Access) -> Result<(), LockError> {
        self.try_set(access)
            .map_err(|error| diagnose(Operation::Protect, self.pages.data(), 0, &error))
    }

    fn try_set(&self, access: Access) -> io::Result<()> {
        if self.pages.is_absent() {
            return Err(io::Error::other("the pages are the parent process's alone"));
        }
        // SAFETY: `self` owns the pages; access shrinks only when the last borrow
        // of its kind ends.
        unsafe { map::protect(self.pages.data(), access) }
    }

    /// The access that is left between borrows. Where inaccessible pages can't be locked,
    /// pages that are stay readable: what is never paged out outweighs what faults.
    fn at_rest(&self) -> Access {
        if INACCESSIBLE_IS_UNLOCKED && self.pages.protection().locked.is_yes() {
            Access::Read
        } else {
            Access::None
        }
    }

    /// The end of a borrow.
    fn withdraw(&self) -> io::Result<()> {
        self.try_set(self.at_rest())
    }

    fn shared(&self) -> MutexGuard<'_, usize> {
        // Nothing panics while it is held.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What lies before the value: the canary.
    ///
    /// # Safety
    /// The pages must be readable.
    unsafe fn slack(&self) -> &[u8] {
        let len = self.pages.len() - size_of::<T>();
        // SAFETY: within the pages, initialised, and no part of the value; readable
        // by the caller's promise.
        unsafe { slice::from_raw_parts(self.pages.data().as_ptr().cast(), len) }
    }

    fn typed(&self) -> NonNull<T> {
        let start = self.pages.data().as_ptr().cast::<u8>();
        // SAFETY: within the pages, and so not null: they are at least as long as T.
        unsafe { NonNull::new_unchecked(start.add(self.pages.len() - size_of::<T>()).cast()) }
    }
}

impl<T: ZeroInit> Drop for GuardedPlace<T> {
    fn drop(&mut self) {
        if self.pages.is_inherited() {
            return; // the value is the parent's to drop
        }
        if let Err(error) = self.try_set(Access::ReadWrite) {
            count_drop_error();
            event!(error, error = error, "pages are unmapped without a wipe");
            self.pages.give_up_content();
            return;
        }
        // SAFETY: made accessible just above.
        canary::check(unsafe { self.slack() });
        // SAFETY: the value is valid and never used again; the pages, which are
        // dropped next, only wipe bytes.
        unsafe { self.typed().drop_in_place() };
    }
}

/// A borrow for reading.
pub(crate) struct SharedAccess<'a, T: ZeroInit> {
    place: &'a GuardedPlace<T>,
}

impl<T: ZeroInit> Deref for SharedAccess<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: T's size and alignment, owned by the place, readable while
        // `self` is counted. It holds zeros, which `ZeroInit` makes valid, or a T
        // written since; nobody writes while the place is borrowed shared.
        unsafe { self.place.typed().as_ref() }
    }
}

impl<T: ZeroInit> Drop for SharedAccess<'_, T> {
    fn drop(&mut self) {
        if self.place.pages.is_inherited() {
            return; // zeros, or the child's own reading: nothing to protect
        }
        let mut shared = self.place.shared();
        *shared -= 1;
        let withdrawn = match *shared {
            0 => self.place.withdraw(),
            _ => Ok(()),
        };
        drop(shared); // whoever listens to events may borrow too
        told(withdrawn);
    }
}

/// A borrow for reading and writing.
pub(crate) struct SoleAccess<'a, T: ZeroInit> {
    place: &'a mut GuardedPlace<T>,
}

impl<T: ZeroInit> Deref for SoleAccess<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: as for shared access; `self` holds the only borrow.
        unsafe { self.place.typed().as_ref() }
    }
}

impl<T: ZeroInit> DerefMut for SoleAccess<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above, and `&mut self` is the only access.
        unsafe { self.place.typed().as_mut() }
    }
}

impl<T: ZeroInit> Drop for SoleAccess<'_, T> {
    fn drop(&mut self) {
        if !self.place.pages.is_inherited() {
            // SAFETY: accessible while `self` lives.
            canary::check_nearest(unsafe { self.place.slack() });
            told(self.place.withdraw());
        }
    }
}

/// The end of a borrow has nobody to tell of an error.
fn told(withdrawn: io::Result<()>) {
    if let Err(error) = withdrawn {
        count_drop_error();
        event!(error, error = error, "pages stay accessible");
    }
}

impl<T: ZeroInit> fmt::Debug for GuardedPlace<T> {
    /// The content is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedPlace").finish_non_exhaustive()
    }
}
