//! Locked memory for many small secrets.
//!
//! A pool reserves address space between guard pages, commits and locks it in
//! steps, and hands out slots of 28 sizes (16 to 4096 bytes; more gets pages of
//! its own). A thousand keys cost a few mappings and no wasted page: 2,048 keys
//! of 32 bytes fit in 64 KiB of locked memory. Memory is wiped when it comes
//! back, so what is handed out is zero. Bookkeeping lies outside.
//!
//! Growth stops with a [`LockError`] that names the limit in the way. Freeing
//! twice, or what is not the pool's, is possible from unsafe code only and ends
//! the process with a message.
//!
//! After a fork the child owns none of its parent's memory: drops touch nothing
//! there, and new allocations come from fresh arenas.
//!
//! Events about a pool (feature `tracing`) are sent while it is locked: who listens must
//! not use that pool meanwhile.
//!
//! `munlockall`, in whoever's hands, undoes the pool's locks too:
//! [`Pool::verify`] finds that, [`Pool::relock`] mends it.
//!
//! ```
//! use allocator_api2::vec::Vec;
//! use stayput::Pool;
//!
//! # fn main() -> Result<(), stayput::LockError> {
//! let pool = Pool::builder().max_locked(64 * 1024).build();
//! let mut bytes = Vec::new_in(&pool); // grows with wiped copies
//! bytes.extend_from_slice(b"secret");
//! assert!(pool.stats().locked > 0);
//! # Ok(()) }
//! ```

mod allocator;
mod arena;
mod block;
mod books;
mod builder;
mod cache;
mod classes;
mod config;
mod depot;
mod free_pages;
mod heap;
mod locked_heap;
mod mapper;
mod misuse;
#[cfg(stayput_nightly)]
mod nightly;
#[cfg(feature = "sealed")]
mod per_process;
mod place;
mod registry;
mod reservation;
mod shared;
mod slot;
mod spans;
mod stack;
mod states;
mod stats;
mod verify;

use crate::limits::{Cause, LockError, Operation, Protection, Status};
use shared::Handle;
use std::fmt;
use std::io;

pub use crate::page::{Plain, ZeroInit};
pub use block::Block;
pub use builder::PoolBuilder;
pub use config::Backing;
pub use locked_heap::LockedHeap;
#[cfg(feature = "sealed")]
pub(crate) use per_process::PerProcess;
pub use place::Place;
pub use stats::Stats;
pub use verify::Lapse;

/// A pool of locked memory. Clones share it; it lives until the last clone and
/// the last block are gone.
#[derive(Clone)]
pub struct Pool {
    handle: Handle,
}

impl Pool {
    /// The process-wide pool: [`Policy::Require`](crate::Policy),
    /// [`Backing::Locked`], no bound of its own. It is never unmapped.
    #[must_use]
    #[inline]
    pub fn global() -> &'static Self {
        static GLOBAL: Pool = Pool {
            handle: Handle::Global,
        };
        &GLOBAL
    }

    /// Settings for a pool of one's own.
    pub fn builder() -> PoolBuilder {
        PoolBuilder::default()
    }

    /// `len` zeroed bytes.
    ///
    /// # Errors
    /// [`LockError`] with the limit that stopped the pool's growth.
    #[inline]
    pub fn block(&self, len: usize) -> Result<Block, LockError> {
        Block::new(self, len)
    }

    /// A `T` of zeros.
    ///
    /// # Errors
    /// As [`Pool::block`].
    #[inline]
    pub fn place<T: ZeroInit>(&self) -> Result<Place<T>, LockError> {
        Place::new(self)
    }

    /// Commits and locks ahead, so that the next `bytes` need no growth. Sizes
    /// round up to slots and pages, so leave some room.
    ///
    /// # Errors
    /// As [`Pool::block`]; what was committed so far stays.
    pub fn reserve(&self, bytes: usize) -> Result<(), LockError> {
        if bytes > isize::MAX as usize / 2 {
            return Err(LockError::new(
                Operation::Map,
                None,
                None,
                Cause::InvalidRange,
            ));
        }
        self.handle
            .shared()
            .heap_or_error()?
            .reserve(&self.handle.shared().config, bytes)
    }

    /// Gives free pages back to the system and to the limit; the bytes given
    /// back. What other threads keep in their caches stays there.
    #[expect(clippy::must_use_candidate, reason = "called for its effect")]
    pub fn trim(&self) -> usize {
        let heap = self.handle.shared().heap();
        heap.map_or(0, |mut heap| {
            if matches!(self.handle, Handle::Global) {
                cache::empty(&mut heap);
            }
            heap.trim()
        })
    }

    /// What the pool holds.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.handle
            .shared()
            .heap()
            .map_or_else(Stats::default, |heap| heap.stats())
    }

    /// Asks the kernel about every page that the pool believes locked, and
    /// returns those that are not, or no longer left out of dumps.
    ///
    /// # Errors
    /// Those of reading `/proc/self/smaps`.
    pub fn verify(&self) -> io::Result<Vec<Lapse>> {
        match self.handle.shared().heap() {
            Some(heap) => verify::verify(&heap),
            None => Ok(Vec::new()),
        }
    }

    /// Mends what [`Pool::verify`] finds: locks and advises again. Returns what
    /// had lapsed.
    ///
    /// # Errors
    /// [`LockError`] with the limit in the way, or for advice that the system refuses;
    /// some pages are mended then.
    pub fn relock(&self) -> Result<Vec<Lapse>, LockError> {
        verify::relock(&*self.handle.shared().heap_or_error()?)
    }

    fn from_handle(handle: Handle) -> Self {
        Self { handle }
    }

    #[inline]
    fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The report for an allocation of `len` bytes at `address`.
    fn protection_of(&self, address: usize, len: usize, inherited: bool) -> Protection {
        let known = if inherited {
            None
        } else {
            self.handle
                .shared()
                .heap()
                .and_then(|heap| heap.protection(address, len))
        };
        let no = Status::No("the memory belongs to the parent process");
        known.unwrap_or(Protection {
            locked: no,
            dump_excluded: no,
            fork: Status::Yes,
            guarded: no,
            kernel_unmapped: no,
            file_backed: Status::No("anonymous memory"),
        })
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
