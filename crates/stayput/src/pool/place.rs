//! One value in pool memory, owned.

use super::classes::Request;
use super::slot::Slot;
use super::{Plain, Pool, ZeroInit};
use crate::limits::{LockError, Protection};
use std::fmt;
use std::marker::PhantomData;
use std::mem::needs_drop;
use std::ptr::NonNull;
use std::slice;

/// A `T` in pool memory: zero at first, dropped and wiped at the end.
pub struct Place<T: ZeroInit> {
    slot: Slot,
    /// Also makes `Send` and `Sync` depend on T.
    owns: PhantomData<T>,
}

impl<T: ZeroInit> Place<T> {
    /// A value of zeros.
    #[inline]
    pub(super) fn new(pool: &Pool) -> Result<Self, LockError> {
        Ok(Self {
            slot: Slot::allocate(pool, const { Request::of::<T>() })?,
            owns: PhantomData,
        })
    }

    /// The value.
    #[must_use]
    #[inline]
    pub fn get(&self) -> &T {
        // SAFETY: the slot has T's size and alignment and `self` owns it. It
        // holds zeros, which `ZeroInit` makes valid, or a T written since.
        unsafe { self.typed().as_ref() }
    }

    /// The value, writable.
    #[must_use]
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: as above, and `&mut self` is the only access.
        unsafe { self.typed().as_mut() }
    }

    /// What protects it.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.slot.protection(size_of::<T>())
    }

    #[inline]
    /// The pool it came from.
    #[must_use]
    pub fn pool(&self) -> Pool {
        self.slot.pool()
    }

    fn typed(&self) -> NonNull<T> {
        self.slot.start().cast()
    }
}

impl<T: Plain> Place<T> {
    /// The bytes that the value consists of.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        // SAFETY: the slot has T's size, all of it initialised: `Plain` has no
        // padding.
        unsafe { slice::from_raw_parts(self.slot.start().as_ptr(), size_of::<T>()) }
    }

    /// The bytes that the value consists of, writable.
    #[must_use]
    pub fn as_bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above; `&mut self` is the only access, and `Plain` makes any
        // bytes a value.
        unsafe { slice::from_raw_parts_mut(self.slot.start().as_ptr(), size_of::<T>()) }
    }
}

impl<T: ZeroInit> Drop for Place<T> {
    #[inline]
    fn drop(&mut self) {
        // In a fork child the value is the parent's to drop.
        if needs_drop::<T>() && !self.slot.is_inherited() {
            // SAFETY: the value is valid and never used again: what comes next
            // only wipes bytes.
            unsafe { self.typed().drop_in_place() };
        }
        // SAFETY: `self` owns the allocation and is going away.
        unsafe { self.slot.free(const { Request::of::<T>() }) };
    }
}

impl<T: ZeroInit> fmt::Debug for Place<T> {
    /// The content is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}
