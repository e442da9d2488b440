//! The region crate: pages and locks; the wipe is the caller's.

use crate::peer::{Peer, Refusal};
use region::{Allocation, LockGuard, Protection};
use std::slice;

pub(crate) struct Region;

/// One page or more, locked.
pub(crate) struct Pages {
    _lock: LockGuard, // before the pages go
    pages: Allocation,
    len: usize,
}

// SAFETY: both own plain addresses, which any thread may unlock and unmap.
unsafe impl Send for Pages {}

impl Peer for Region {
    const NAME: &'static str = "region";
    type Held = Pages;

    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Pages, Refusal> {
        let mut pages = region::alloc(len, Protection::READ_WRITE).map_err(Refusal::new)?;
        let lock = region::lock(pages.as_ptr::<u8>(), len).map_err(Refusal::new)?;
        // SAFETY: the pages are fresh, so zero, and have at least `len` bytes.
        fill(unsafe { slice::from_raw_parts_mut(pages.as_mut_ptr(), len) });
        let _lock = lock;
        Ok(Pages { _lock, pages, len })
    }

    fn read<R>(held: &Pages, see: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: `held` owns the pages, which have at least `len` bytes.
        see(unsafe { slice::from_raw_parts(held.pages.as_ptr(), held.len) })
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: `self` owns the pages, which have at least `len` bytes.
        unsafe { libc::explicit_bzero(self.pages.as_mut_ptr(), self.len) };
    }
}
