//! A pool's state, as its handles and blocks share it, across forks too.

use super::cache::{self, Cache};
use super::classes::Request;
use super::config::Config;
use super::heap::Heap;
use super::misuse::{Misuse, end_process};
use super::registry::Registry;
use crate::limits::{LockError, Operation, out_of_room};
use crate::region::ForkLocal;
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One pool.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    /// Afresh in each fork child: the parent's arenas are not the child's.
    heap: ForkLocal<Mutex<Heap>>,
    /// Where arenas are and were, for all generations.
    registry: Registry,
}

/// What a block keeps of its pool.
#[derive(Clone, Debug)]
pub(super) enum Handle {
    /// The process-wide pool, which lives for ever.
    Global,
    Counted(Arc<Shared>),
}

thread_local! {
    /// Gives the thread's cache back when the thread ends.
    static THREAD: Thread = const { Thread(Cell::new(ptr::null_mut())) };
}

/// Knows the cache itself: `cache.rs`' own thread-local may be gone already when this one
/// ends, where they are the system's keys (Windows).
struct Thread(Cell<*mut Cache>);

impl Drop for Thread {
    fn drop(&mut self) {
        cache::end(self.0.get(), GLOBAL.heap().as_deref_mut());
    }
}

static GLOBAL: Shared = Shared::new(Config::DEFAULT);

impl Handle {
    /// Zeroed memory.
    #[inline(always)]
    pub(super) fn allocate(&self, request: Request) -> Result<NonNull<u8>, LockError> {
        if let (Self::Global, Some(class)) = (self, request.class) {
            if let Some(slot) = cache::take(class) {
                return Ok(slot);
            }
        }
        self.allocate_slowly(request.size, request.align)
    }

    /// Wipes and takes back what [`Handle::allocate`] handed out. Memory of a
    /// parent process is left alone; a pointer that was never ours ends the
    /// process.
    ///
    /// # Safety
    /// Nobody uses the allocation any more, and nobody has written more than
    /// the bytes that `request` had asked for.
    #[inline(always)]
    pub(super) unsafe fn free(&self, start: NonNull<u8>, request: Request) {
        if let (Self::Global, Some(class)) = (self, request.class) {
            // SAFETY: the caller's promise; the class holds as many bytes.
            if unsafe { cache::keep(start, request.size, class) } {
                return;
            }
        }
        // SAFETY: the caller's promise is the same.
        unsafe { self.free_slowly(start, request.size, request.align) };
    }

    /// Past this thread's cache, which is filled on the way.
    #[cold]
    fn allocate_slowly(&self, size: usize, align: usize) -> Result<NonNull<u8>, LockError> {
        let request = Request::new(size, align);
        match self {
            Self::Global => allocate_global(request),
            Self::Counted(shared) => shared.allocate(request),
        }
    }

    /// Makes room in this thread's cache, or goes past it.
    ///
    /// # Safety
    /// As [`Handle::free`].
    #[cold]
    unsafe fn free_slowly(&self, start: NonNull<u8>, size: usize, align: usize) {
        let shared = self.shared();
        if shared.inherited(start) {
            return;
        }
        let Some(mut heap) = shared.heap() else {
            return;
        };
        let class = Request::new(size, align).class;
        if let (Self::Global, Some(class)) = (self, class) {
            let relieved = in_lasting_cache(|| cache::relieve(&mut heap, class)).is_some();
            // SAFETY: the caller's promise is the same.
            if relieved && unsafe { cache::keep(start, size, class) } {
                return;
            }
        }
        // SAFETY: the caller's promise is the same.
        if !unsafe { heap.free(start) } {
            end_process(Misuse::ForeignPointer);
        }
    }

    pub(super) fn shared(&self) -> &Shared {
        match self {
            Self::Global => &GLOBAL,
            Self::Counted(shared) => shared,
        }
    }
}

impl Shared {
    pub(super) const fn new(config: Config) -> Self {
        Self {
            config,
            heap: ForkLocal::new(),
            registry: Registry::new(),
        }
    }

    /// The heap of this process; `None` where the system has no page for it.
    pub(super) fn heap(&self) -> Option<MutexGuard<'_, Heap>> {
        let heap = self.heap.get_or_make(|| {
            if self.config.leaves_holes() {
                self.registry.reserve_holes();
            }
            Mutex::new(Heap::new())
        })?;
        // A panic can't leave the heap half changed: nothing in it unwinds.
        Some(heap.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// As [`Shared::heap`], as an error.
    pub(super) fn heap_or_error(&self) -> Result<MutexGuard<'_, Heap>, LockError> {
        self.heap()
            .ok_or_else(|| LockError::new(Operation::Map, None, None, out_of_room()))
    }

    /// Whether a parent process allocated what starts there. Asked without the
    /// lock, which a thread of the parent may have held when it forked.
    pub(super) fn inherited(&self, start: NonNull<u8>) -> bool {
        self.registry.inherited(start.as_ptr().addr())
    }

    /// Zeroed memory, past the threads' caches.
    fn allocate(&self, request: Request) -> Result<NonNull<u8>, LockError> {
        let mut heap = self.heap_or_error()?;
        self.allocate_from(&mut heap, request)
    }

    fn allocate_from(&self, heap: &mut Heap, request: Request) -> Result<NonNull<u8>, LockError> {
        let start = heap.allocate(&self.config, request);
        heap.note_growth(&self.registry);
        start
    }
}

/// Fills this thread's cache on the way, where it has one and the class is known.
fn allocate_global(request: Request) -> Result<NonNull<u8>, LockError> {
    let mut heap = GLOBAL.heap_or_error()?;
    if let Some(class) = request.class {
        let stocked = in_lasting_cache(|| cache::stock_up(&mut heap, &GLOBAL.config, class));
        heap.note_growth(&GLOBAL.registry);
        if let Some(slot) = stocked
            .and_then(Result::ok)
            .and_then(|()| cache::take(class))
        {
            return Ok(slot);
        }
    }
    GLOBAL.allocate_from(&mut heap, request).or_else(|error| {
        // What this thread keeps of other sizes may be all that is missing.
        cache::empty(&mut heap);
        GLOBAL.allocate_from(&mut heap, request).map_err(|_| error)
    })
}

/// Works on this thread's cache if somebody will give it back: not when the thread is
/// ending already.
fn in_lasting_cache<R>(work: impl FnOnce() -> R) -> Option<R> {
    let noted = |thread: &Thread| {
        let done = work();
        thread.0.set(cache::of_this_thread());
        done
    };
    THREAD.try_with(noted).ok()
}
