//! A pool's state, as its handles and blocks share it, across forks too.

use super::config::{Backing, Config};
use super::heap::Heap;
use super::misuse::{Misuse, end_process};
use super::registry::Registry;
use crate::limits::{Cause, LockError, Operation};
use crate::region::ForkLocal;
use std::ptr::NonNull;
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

static GLOBAL: Shared = Shared::new(Config::DEFAULT);

impl Handle {
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
            if self.config.backing == Backing::SecretMem {
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
            .ok_or_else(|| LockError::new(Operation::Map, None, None, Cause::OutOfMemory))
    }

    /// Zeroed memory.
    pub(super) fn allocate(&self, size: usize, align: usize) -> Result<NonNull<u8>, LockError> {
        let mut heap = self.heap_or_error()?;
        let result = heap.allocate(&self.config, size, align);
        for arena in &heap.arenas {
            self.registry.note(arena.data(), arena.high_water());
        }
        result
    }

    /// Wipes and takes back. Memory of the parent process is left alone; a
    /// pointer that was never ours ends the process.
    ///
    /// # Safety
    /// Nobody uses the allocation any more.
    pub(super) unsafe fn free(&self, ptr: NonNull<u8>) {
        let Some(mut heap) = self.heap() else { return };
        // SAFETY: the caller's promise is the same.
        let known = unsafe { heap.free(ptr) };
        if !known && !self.registry.inherited(ptr.as_ptr().addr()) {
            end_process(Misuse::ForeignPointer);
        }
    }
}
