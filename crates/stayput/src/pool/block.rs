//! Bytes from a pool, owned.

use super::Pool;
use super::shared::Handle;
use crate::limits::{LockError, Protection};
use stayput_sys::process::fork_generation;
use std::fmt;
use std::ptr::NonNull;
use std::slice;

/// A buffer in pool memory: zero at first, wiped when dropped.
///
/// In a fork child an inherited block reads as zeros (on
/// [`Backing::SecretMem`](super::Backing) reading it is a fault), and dropping
/// it touches nothing.
pub struct Block {
    start: NonNull<u8>,
    len: usize,
    generation: u64,
    owner: Handle,
}

impl Block {
    /// `len` zeroed bytes.
    pub(super) fn new(pool: &Pool, len: usize, align: usize) -> Result<Self, LockError> {
        let owner = pool.handle().clone();
        let generation = fork_generation();
        let start = owner.shared().allocate(len, align)?;
        Ok(Self {
            start,
            len,
            generation,
            owner,
        })
    }

    /// The bytes.
    #[must_use]
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the allocation has `len` initialised bytes, which `self` owns.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// The bytes, writable.
    #[must_use]
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` is the only access.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
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
        Pool::from_handle(self.owner.clone())
    }

    /// What protects it.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.pool()
            .protection_of(self.start.as_ptr().addr(), self.len, self.is_inherited())
    }

    /// The first byte, for typed owners.
    #[inline]
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// Whether a parent process made it.
    #[inline]
    pub(super) fn is_inherited(&self) -> bool {
        self.generation != fork_generation()
    }
}

impl Drop for Block {
    #[inline]
    fn drop(&mut self) {
        if !self.is_inherited() {
            // SAFETY: `self` owns the allocation and is going away.
            unsafe { self.owner.shared().free(self.start) };
        }
    }
}

// SAFETY: the block owns its bytes; the pool behind it is shared under a lock.
unsafe impl Send for Block {}
// SAFETY: a shared block gives shared access only.
unsafe impl Sync for Block {}

impl fmt::Debug for Block {
    /// The content is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
