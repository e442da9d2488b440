//! An owned buffer over any of the allocators.

use super::{AllocateLocked, FreeLocked};
use stayput_sys::wipe::wipe;
use std::fmt;
use std::slice;

/// A buffer from an allocator of locked pages; cleansed and freed when dropped.
///
/// ```
/// use stayput::page::*;
/// let mut key = LockedBuf::new(PosixLockedPageAllocator::default(), 32).expect("memory");
/// key.as_mut_slice().fill(7);
/// assert_eq!(key.as_slice(), [7; 32]);
/// ```
pub struct LockedBuf<A: AllocateLocked + FreeLocked> {
    allocator: A,
    start: *mut u8,
    len: usize,
    locked: bool,
}

impl<A: AllocateLocked + FreeLocked> LockedBuf<A> {
    /// `len` bytes from `alloc`; `None` where it has none.
    ///
    /// The allocator must keep the promise of [`AllocateLocked`]: what it
    /// returns is memory of `len` initialised bytes that nobody else uses until
    /// it is freed. Those of this crate do.
    #[must_use]
    pub fn new(mut alloc: A, len: usize) -> Option<Self> {
        let mut locked = false;
        let start = alloc.allocate_locked(len, &mut locked);
        (!start.is_null()).then(|| Self {
            allocator: alloc,
            start: start.cast(),
            len,
            locked,
        })
    }

    /// Whether the allocator locked it.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.locked
    }

    /// The bytes.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the allocator promised `len` bytes, which `self` owns.
        unsafe { slice::from_raw_parts(self.start, self.len) }
    }

    /// The bytes, writable.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` is the only access.
        unsafe { slice::from_raw_parts_mut(self.start, self.len) }
    }
}

impl<A: AllocateLocked + FreeLocked> Drop for LockedBuf<A> {
    fn drop(&mut self) {
        // SAFETY: `self` owns the bytes. Wiped here whatever the allocator does.
        unsafe { wipe(self.start, self.len) };
        self.allocator.free_locked(self.start.cast(), self.len);
    }
}

// SAFETY: the buffer owns its bytes; the allocator decides for itself.
unsafe impl<A: AllocateLocked + FreeLocked + Send> Send for LockedBuf<A> {}
// SAFETY: a shared buffer gives shared access only.
unsafe impl<A: AllocateLocked + FreeLocked + Sync> Sync for LockedBuf<A> {}

impl<A: AllocateLocked + FreeLocked> fmt::Debug for LockedBuf<A> {
    /// The content is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockedBuf")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
