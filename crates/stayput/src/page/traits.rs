//! The traits of the published crate.

use std::ffi::c_void;

/// An allocator of locked pages, whole: usable as `&mut dyn LockedPageAllocator`
/// and as a bound.
pub trait LockedPageAllocator: AllocateLocked + FreeLocked + GetLimit {}

/// Allocation of locked pages.
pub trait AllocateLocked {
    /// At least `len` zeroed bytes on pages of their own, or null: for `len` 0,
    /// for a length that overflows, and where memory ran out.
    ///
    /// Whether they are locked is written to `locking_success` on every path,
    /// unless that is null. Memory that could not be locked is handed out all
    /// the same: the caller decides.
    fn allocate_locked(&mut self, len: usize, locking_success: *mut bool) -> *mut c_void;
}

/// Release of locked pages.
pub trait FreeLocked {
    /// Wipes, unlocks and unmaps what [`AllocateLocked::allocate_locked`]
    /// returned for this `len`. Null, or anything else that this allocator did
    /// not hand out, is left alone.
    fn free_locked(&mut self, addr: *mut c_void, len: usize);
}

/// The limit on locked memory.
pub trait GetLimit {
    /// Bytes that this process may lock in all; `usize::MAX` for no limit.
    ///
    /// Sources: the soft `RLIMIT_MEMLOCK` (getrlimit(2)); on Windows the minimum
    /// working set (`GetProcessWorkingSetSizeEx`), which grows on demand.
    fn get_limit(&mut self) -> usize;
}
