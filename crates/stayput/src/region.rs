//! Locks on memory that you already have, and that stack.
//!
//! The operating system keeps no count: unlocking a page undoes every lock of
//! it, so two buffers that share a page would undo each other. Here each page is
//! counted for the whole process (the pool and [`LockedPages`](crate::page) use
//! the same counts): it is unlocked when the last guard on it goes.
//!
//! A guard only locks. It gives no dump or fork advice, and in a fork child the
//! copy is not locked, since the kernel does not pass locks on.
//!
//! ```
//! # fn main() -> Result<(), stayput::LockError> {
//! let mut password = *b"correct horse";
//! {
//!     let mut locked = stayput::region::lock(&mut password)?;
//!     locked[0] = b'C'; // derefs to [u8]
//!     locked.fill(0);   // wipe before the lock goes
//! }
//! # Ok(()) }
//! ```

mod counts;
mod fork_local;
mod locked_before;
mod page_block;
mod system_alloc;
mod table;

use crate::limits::LockError;
use stayput_sys::PageRange;
use std::fmt;
use std::ops::{Deref, DerefMut};

pub(crate) use fork_local::ForkLocal;
pub(crate) use system_alloc::SystemAlloc;
pub(crate) use table::{PageLock, adopt_pages, forget_pages, lock_pages, unlock_pages};

/// A locked buffer; dropping it releases the lock, not the memory.
#[must_use = "the lock ends when this is dropped"]
pub struct RegionLock<'a> {
    buffer: &'a mut [u8],
    /// `None` for an empty buffer.
    lock: Option<PageLock>,
}

impl RegionLock<'_> {
    /// The pages that are locked on behalf of this buffer.
    #[must_use]
    pub fn pages(&self) -> Option<PageRange> {
        self.lock.as_ref().map(PageLock::range)
    }
}

/// Locks the pages that hold `buffer` for as long as the guard lives.
///
/// # Errors
/// [`LockError`] with the cause; counts and kernel state are then as before.
pub fn lock(buffer: &mut [u8]) -> Result<RegionLock<'_>, LockError> {
    let lock = match PageRange::covering(buffer.as_ptr().expose_provenance(), buffer.len()) {
        Some(range) => Some(lock_pages(range)?),
        None => None,
    };
    Ok(RegionLock { buffer, lock })
}

/// A guard without a borrow, as [`lock_raw`] returns.
#[must_use = "the lock ends when this is dropped"]
pub struct RawRegionLock(Option<PageLock>);

impl RawRegionLock {
    /// The pages that are locked on behalf of this guard.
    #[must_use]
    pub fn pages(&self) -> Option<PageRange> {
        self.0.as_ref().map(PageLock::range)
    }
}

/// Locks the pages that hold `len` bytes at `ptr`; guards may overlap.
///
/// # Safety
/// The range must stay mapped until the guard is dropped: otherwise the counts
/// describe pages that are gone, and a later mapping at the same address is
/// unlocked by a guard that never locked it.
///
/// # Errors
/// As [`lock`]; also a range that leaves the address space.
pub unsafe fn lock_raw(ptr: *const u8, len: usize) -> Result<RawRegionLock, LockError> {
    if len == 0 {
        return Ok(RawRegionLock(None));
    }
    let range =
        PageRange::covering(ptr.expose_provenance(), len).ok_or_else(table::out_of_range)?;
    lock_pages(range).map(|lock| RawRegionLock(Some(lock)))
}

impl Deref for RegionLock<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.buffer
    }
}

impl DerefMut for RegionLock<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        self.buffer
    }
}

impl fmt::Debug for RegionLock<'_> {
    /// The buffer's content is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegionLock")
            .field("len", &self.buffer.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RawRegionLock {
    /// How much is locked, not where.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRegionLock")
            .field("len", &self.pages().map_or(0, PageRange::len))
            .finish_non_exhaustive()
    }
}
