//! State that a fork child starts afresh.
//!
//! After a fork the parent's state may be locked by a thread that does not
//! exist in the child, and describes memory that the child does not own. So the
//! child leaves it alone and makes its own at first use.

use super::system_alloc::SystemAlloc;
use allocator_api2::boxed::Box;
use stayput_sys::process::fork_generation;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A value for each process that uses it; at most one is made in each.
#[derive(Debug)]
pub(crate) struct ForkLocal<T> {
    slot: AtomicPtr<Slot<T>>,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u64,
    value: T,
}

impl<T> ForkLocal<T> {
    pub(crate) const fn new() -> Self {
        Self {
            slot: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// This process's value, made by `make` if there is none yet; `None` where
    /// the system has no page left for it.
    pub(crate) fn get_or_make(&self, make: impl FnOnce() -> T) -> Option<&T> {
        let generation = fork_generation();
        let seen = self.slot.load(Ordering::Acquire);
        // SAFETY: a non-null slot was published by the exchange below and is
        // never freed while `self` lives.
        if let Some(slot) = unsafe { seen.as_ref() } {
            if slot.generation == generation {
                return Some(&slot.value);
            }
        }
        self.publish(
            seen,
            Slot {
                generation,
                value: make(),
            },
        )
    }

    /// Of several threads that make a value, one wins and all use its.
    fn publish(&self, seen: *mut Slot<T>, slot: Slot<T>) -> Option<&T> {
        let made = Box::into_raw(Box::try_new_in(slot, SystemAlloc).ok()?);
        let current =
            match self
                .slot
                .compare_exchange(seen, made, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => made,
                Err(winner) => {
                    // SAFETY: `made` comes from `into_raw` above and lost: nobody
                    // else has seen it.
                    drop(unsafe { Box::from_raw_in(made, SystemAlloc) });
                    winner
                }
            };
        // SAFETY: published, and not freed while `self` lives.
        Some(unsafe { &(*current).value })
    }
}

impl<T> Drop for ForkLocal<T> {
    fn drop(&mut self) {
        let slot = *self.slot.get_mut();
        if slot.is_null() {
            return;
        }
        // SAFETY: published by `publish`; `&mut self` says nobody uses it.
        let slot = unsafe { Box::from_raw_in(slot, SystemAlloc) };
        if slot.generation != fork_generation() {
            // The parent's: its locks may be held for ever. Leave it.
            std::mem::forget(slot);
        }
    }
}

// SAFETY: the slot is shared by reference only (so `T: Sync`), and may be
// dropped by another thread than made it (so `T: Send`).
unsafe impl<T: Send + Sync> Sync for ForkLocal<T> {}
// SAFETY: as above.
unsafe impl<T: Send + Sync> Send for ForkLocal<T> {}
