//! The allocators of the published crate: raw pages, each in a mapping of its
//! own, no guards.

use super::hardening::harden;
use super::{AllocateLocked, FreeLocked, GetLimit, LockedPageAllocator};
use crate::limits::count_drop_error;
use crate::region::{lock_pages, unlock_pages};
use crate::trace::event;
use stayput_sys::limits::{Resource, UNLIMITED, getrlimit, working_set};
use stayput_sys::process::fork_generation;
use stayput_sys::{PageRange, map, wipe::wipe};
use std::collections::BTreeMap;
use std::ffi::c_void;
use std::fmt;
use std::ptr;

macro_rules! allocator {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        ///
        /// Dropping it leaves what it handed out alone: pointers may live on.
        #[derive(Debug)]
        pub struct $name {
            page_size: usize,
            handed_out: HandedOut,
        }

        impl $name {
            /// An allocator with the system's page size.
            #[must_use]
            pub fn new() -> Self {
                Self::with_page_size(stayput_sys::page_size())
            }

            pub(super) fn with_page_size(page_size: usize) -> Self {
                event!(trace, page_size = page_size, "locked page allocator");
                Self { page_size, handed_out: HandedOut::default() }
            }

            /// The unit that sizes round up to, in bytes.
            #[must_use]
            pub fn page_size(&self) -> &usize {
                &self.page_size
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl LockedPageAllocator for $name {}

        impl AllocateLocked for $name {
            fn allocate_locked(&mut self, len: usize, locking_success: *mut bool) -> *mut c_void {
                let (start, locked) = match self.handed_out.allocate(len, self.page_size) {
                    Some((range, locked)) => (range.as_ptr(), locked),
                    None => (ptr::null_mut(), false),
                };
                tell(locking_success, locked);
                start
            }
        }

        impl FreeLocked for $name {
            fn free_locked(&mut self, addr: *mut c_void, len: usize) {
                self.handed_out.free(addr, len, self.page_size);
            }
        }

        impl GetLimit for $name {
            fn get_limit(&mut self) -> usize {
                limit()
            }
        }
    };
}

allocator! {
    /// Locked pages, under the name that Unix programs know.
    PosixLockedPageAllocator
}

allocator! {
    /// Locked pages, under the name that Windows programs know.
    Win32LockedPageAllocator
}

/// The published signature is safe and takes a raw pointer: null is tolerated,
/// anything else must be a bool to write, as the trait says.
fn tell(locking_success: *mut bool, locked: bool) {
    if !locking_success.is_null() {
        // SAFETY: not null; the caller of the trait's method owns it.
        unsafe { locking_success.write(locked) };
    }
}

/// The live allocations of one allocator, by address.
#[derive(Default)]
struct HandedOut {
    live: BTreeMap<usize, Allocation>,
}

struct Allocation {
    range: PageRange,
    locked: bool,
    /// A fork child gets neither the lock nor, for its part, the content.
    generation: u64,
}

impl HandedOut {
    fn allocate(&mut self, len: usize, page_size: usize) -> Option<(PageRange, bool)> {
        event!(trace, len = len, "locked pages wanted");
        let size = rounded(len, page_size)?;
        let range = map::reserve(size)
            .inspect_err(|error| event!(error, error = error, "no address space"))
            .ok()?;
        harden(range);
        // SAFETY: reserved just above, and ours alone.
        if let Err(error) = unsafe { map::commit(range) } {
            event!(error, error = error, "no memory");
            release(range);
            return None;
        }
        let locked = match lock_pages(range) {
            Ok(lock) => {
                lock.into_pages();
                true
            }
            Err(error) => {
                event!(warn, error = error, "pages are handed out unlocked");
                false
            }
        };
        let allocation = Allocation {
            range,
            locked,
            generation: fork_generation(),
        };
        self.live.insert(range.start(), allocation);
        Some((range, locked))
    }

    fn free(&mut self, addr: *mut c_void, len: usize, page_size: usize) {
        if addr.is_null() {
            return;
        }
        let known = self
            .live
            .get(&addr.expose_provenance())
            .map(|allocation| allocation.range.len());
        if known.is_none() || known != rounded(len, page_size) {
            event!(
                error,
                len = len,
                "free_locked: this allocator did not hand that out"
            );
            return;
        }
        if let Some(allocation) = self.live.remove(&addr.expose_provenance()) {
            allocation.free();
        }
    }
}

impl Allocation {
    fn free(self) {
        if self.generation == fork_generation() {
            // SAFETY: handed out by `allocate`, given back by the caller, and
            // still mapped: it was in the table.
            unsafe { wipe(self.range.as_ptr().cast(), self.range.len()) };
            if self.locked {
                unlock_pages(self.range);
            }
        }
        release(self.range);
        event!(trace, len = self.range.len(), "locked pages freed");
    }
}

impl fmt::Debug for HandedOut {
    /// How many there are, not where.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.live.len())
    }
}

fn release(range: PageRange) {
    // SAFETY: reserved whole by `allocate`, and nobody uses it any more.
    if let Err(error) = unsafe { map::release(range) } {
        count_drop_error();
        event!(error, error = error, "pages were not unmapped");
    }
}

/// `len` in whole pages of this size; `None` for 0 and for overflow.
fn rounded(len: usize, page_size: usize) -> Option<usize> {
    len.checked_next_multiple_of(page_size)
        .filter(|&size| size > 0 && isize::try_from(size).is_ok())
}

/// See [`GetLimit::get_limit`].
fn limit() -> usize {
    match getrlimit(Resource::Memlock) {
        Ok(limit) if limit.soft == UNLIMITED => usize::MAX,
        Ok(limit) => usize::try_from(limit.soft).unwrap_or(usize::MAX),
        Err(_) => working_set().map_or(usize::MAX, |(minimum, _)| minimum),
    }
}
