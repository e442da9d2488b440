//! What the owners of pool memory share: where it starts, and whose it is.

use super::Pool;
use super::classes::Request;
use super::shared::Handle;
use crate::limits::{LockError, Protection};
use std::ptr::NonNull;

/// An allocation. It does not know its length: its owner does, as part of a type
/// where it can.
pub(super) struct Slot {
    start: NonNull<u8>,
    owner: Handle,
}

impl Slot {
    /// Zeroed bytes.
    #[inline(always)]
    pub(super) fn allocate(pool: &Pool, request: Request) -> Result<Self, LockError> {
        let owner = pool.handle().clone();
        let start = owner.allocate(request)?;
        Ok(Self { start, owner })
    }

    /// Wipes and gives back.
    ///
    /// # Safety
    /// `request` is what was asked for; nobody uses the allocation any more.
    #[inline(always)]
    pub(super) unsafe fn free(&mut self, request: Request) {
        // SAFETY: the caller's promise; owners write what they asked for at most.
        unsafe { self.owner.free(self.start, request) };
    }

    /// The first byte.
    #[inline]
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// Whether a parent process made it.
    pub(super) fn is_inherited(&self) -> bool {
        self.owner.shared().inherited(self.start)
    }

    pub(super) fn pool(&self) -> Pool {
        Pool::from_handle(self.owner.clone())
    }

    pub(super) fn protection(&self, len: usize) -> Protection {
        self.pool()
            .protection_of(self.start.as_ptr().addr(), len, self.is_inherited())
    }
}

// SAFETY: the slot owns its bytes; the pool behind it is shared under a lock.
unsafe impl Send for Slot {}
// SAFETY: a shared slot gives an address only.
unsafe impl Sync for Slot {}
