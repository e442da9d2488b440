//! Bytes from a pool, owned.

use super::Pool;
use super::classes::Request;
use super::slot::Slot;
use crate::limits::{LockError, Protection};
use std::fmt;
use std::slice;

/// A buffer in pool memory: zero at first, wiped when dropped.
///
/// In a fork child an inherited block reads as zeros (on
/// [`Backing::SecretMem`](super::Backing), and where a
/// [file](crate::Policy::FileBacked) backs it, reading it is a fault), and dropping it
/// touches nothing.
pub struct Block {
    slot: Slot,
    len: usize,
}

impl Block {
    /// `len` zeroed bytes.
    #[inline]
    pub(super) fn new(pool: &Pool, len: usize) -> Result<Self, LockError> {
        let slot = Slot::allocate(pool, Request::new(len, 1))?;
        Ok(Self { slot, len })
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the allocation has `len` initialised bytes, which `self` owns.
        unsafe { slice::from_raw_parts(self.slot.start().as_ptr(), self.len) }
    }

    /// The bytes, writable.
    #[must_use]
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` is the only access.
        unsafe { slice::from_raw_parts_mut(self.slot.start().as_ptr(), self.len) }
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it has no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pool it came from.
    #[must_use]
    pub fn pool(&self) -> Pool {
        self.slot.pool()
    }

    /// What protects it.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.slot.protection(self.len)
    }
}

impl Drop for Block {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: `self` owns the allocation and is going away.
        unsafe { self.slot.free(Request::new(self.len, 1)) };
    }
}

impl fmt::Debug for Block {
    /// The content is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
