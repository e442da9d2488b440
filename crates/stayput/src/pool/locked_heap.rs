//! A whole program's heap in locked memory.

use super::classes::Request;
use super::config::{Backing, Config, OnFork};
use super::heap::Heap;
use super::stats::Stats;
use crate::limits::Policy;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A global allocator whose memory is locked, left out of dumps, and wiped when
/// it is freed.
///
/// For small programs that handle little but secrets: every `String` and `Vec`
/// lies in locked memory. An allocation that can't be locked fails, which most
/// code answers by ending the process, so mind the limit (`stayput doctor`).
///
/// In a fork child the heap is readable and unlocked, since a child reads its
/// arguments from it before `exec`. As after every fork of a process with
/// threads, such a child must not allocate.
///
/// ```
/// use stayput::LockedHeap;
///
/// #[global_allocator]
/// static HEAP: LockedHeap = LockedHeap::new();
///
/// let password = String::from("correct horse");
/// assert!(HEAP.stats().used >= password.len());
/// ```
#[derive(Debug)]
pub struct LockedHeap {
    config: Config,
    heap: Mutex<Heap>,
}

thread_local! {
    /// Whether this thread is in the heap: what growth and its errors allocate
    /// comes from the system.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

impl LockedHeap {
    /// An allocator that hands out locked memory or none.
    #[must_use]
    pub const fn new() -> Self {
        Self::with_policy(Policy::Require)
    }

    /// The same with another policy: under [`Policy::Prefer`] memory that can't be
    /// locked is handed out all the same, and `stats` tell. [`Policy::FileBacked`] is
    /// as [`Policy::Require`] here: children could not read their arguments from a file
    /// that they do not share.
    #[must_use]
    pub const fn with_policy(policy: Policy) -> Self {
        Self {
            config: Config {
                policy,
                backing: Backing::Locked,
                max_locked: usize::MAX,
                on_fork: OnFork::Keep,
            },
            heap: Mutex::new(Heap::new()),
        }
    }

    /// What the heap holds.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inside(|heap| heap.stats()).unwrap_or_default()
    }

    /// Runs `work` on the heap, unless this thread is in it already.
    fn inside<R>(&self, work: impl FnOnce(&mut Heap) -> R) -> Option<R> {
        if INSIDE.replace(true) {
            return None;
        }
        let mut heap: MutexGuard<'_, Heap> =
            self.heap.lock().unwrap_or_else(PoisonError::into_inner);
        let result = work(&mut heap);
        drop(heap);
        INSIDE.set(false);
        Some(result)
    }
}

impl Default for LockedHeap {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: what the heap hands out is live until it is freed, has the size and
// alignment asked for, and belongs to nobody else; nothing here unwinds.
unsafe impl GlobalAlloc for LockedHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let request = Request::new(layout.size(), layout.align());
        // The error itself was allocated inside, and is freed there.
        let allocate = |heap: &mut Heap| heap.allocate(&self.config, request).ok();
        match self.inside(allocate) {
            Some(start) => start.map_or(ptr::null_mut(), NonNull::as_ptr),
            // SAFETY: the caller's layout is not of size 0.
            None => unsafe { System.alloc_zeroed(layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same; memory is handed out zeroed.
        unsafe { self.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        let ours = NonNull::new(ptr).map(|start| {
            // SAFETY: the caller gives the allocation up.
            self.inside(|heap| unsafe { heap.free(start) })
        });
        match ours {
            Some(Some(true)) => {}
            // What is freed inside was allocated inside: by the system.
            // SAFETY: the heap does not have it, so the system handed it out.
            _ => unsafe { System.dealloc(ptr, layout) },
        }
    }
}
