//! A whole program's heap in locked memory.

use super::classes::Request;
use super::config::{Backing, Config, OnFork};
use super::heap::Heap;
use super::registry::Registry;
use super::stats::Stats;
use crate::limits::Policy;
use stayput_sys::wipe::wipe;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fmt;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};
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
pub struct LockedHeap {
    config: Config,
    heap: Mutex<Heap>,
    /// Where the heap's memory is, to be known inside too.
    registry: Registry,
    /// What was freed inside, one leading to the next.
    freed_inside: AtomicPtr<Freed>,
}

/// The start of an allocation that was wiped and waits for the heap.
struct Freed {
    next: *mut Self,
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
            registry: Registry::new(),
            freed_inside: AtomicPtr::new(ptr::null_mut()),
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
        self.take_back(&mut heap);
        let result = work(&mut heap);
        heap.note_growth(&self.registry);
        drop(heap);
        INSIDE.set(false);
        Some(result)
    }

    /// Keeps an allocation of the heap until nobody is in it. Growth allocates from the
    /// system, but whoever listens to its events (`tracing`) may free what he had before.
    ///
    /// # Safety
    /// The allocation is the heap's, has `len` bytes, and the caller gives it up.
    #[cold]
    unsafe fn keep(&self, start: NonNull<u8>, len: usize) {
        // SAFETY: the caller's promise.
        unsafe { wipe(start.as_ptr(), len) };
        let freed = start.as_ptr().cast::<Freed>();
        let mut next = self.freed_inside.load(Ordering::Relaxed);
        loop {
            // SAFETY: no slot is smaller or less aligned than a pointer.
            unsafe { freed.write(Freed { next }) };
            let (success, failure) = (Ordering::Release, Ordering::Relaxed);
            match self
                .freed_inside
                .compare_exchange_weak(next, freed, success, failure)
            {
                Ok(_) => return,
                Err(current) => next = current,
            }
        }
    }

    /// Takes back what [`LockedHeap::keep`] kept.
    fn take_back(&self, heap: &mut Heap) {
        if self.freed_inside.load(Ordering::Relaxed).is_null() {
            return;
        }
        let mut next = self.freed_inside.swap(ptr::null_mut(), Ordering::Acquire);
        while let Some(freed) = NonNull::new(next) {
            // SAFETY: `keep` wrote it, and whoever took the list alone has it; what it
            // starts was given up.
            unsafe {
                next = freed.as_ref().next;
                heap.free(freed.cast());
            }
        }
    }
}

impl fmt::Debug for LockedHeap {
    /// What it holds. The heap itself stays closed meanwhile: the text may come from it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockedHeap")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
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
        let Some(start) = NonNull::new(ptr) else {
            return;
        };
        // SAFETY: the caller gives the allocation up.
        match self.inside(|heap| unsafe { heap.free(start) }) {
            Some(true) => {}
            // SAFETY: as above, and it lies in the heap.
            None if self.registry.holds(ptr.addr()) => unsafe { self.keep(start, layout.size()) },
            // SAFETY: the heap does not have it, so the system handed it out.
            _ => unsafe { System.dealloc(ptr, layout) },
        }
    }
}
