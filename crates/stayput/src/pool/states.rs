//! One byte for each granule of an arena: which slot starts there, if any.
//!
//! Atomic, since threads change those of their own slots without the pool's lock.

use super::classes::{Class, GRANULE};
use super::zeroed;
use crate::region::SystemAlloc;
use allocator_api2::vec::Vec;
use std::sync::atomic::{AtomicU8, Ordering};

/// Nothing live starts here. Live slots have [`Class::live`].
pub(super) const FREE: u8 = 0;

/// A slot in a thread's cache: this bit, and what it had when it was live.
pub(super) const CACHED: u8 = 0x40;

/// Granules whose bytes change places with each other: 4 KiB of data.
const BLOCK: usize = 256;

#[derive(Debug)]
pub(super) struct States(Vec<AtomicU8, SystemAlloc>);

impl States {
    /// For `len` bytes of data; `None` where address space ran out.
    pub(super) fn of(len: usize) -> Option<Self> {
        zeroed::vec((len / GRANULE).next_multiple_of(BLOCK)).map(Self)
    }

    pub(super) fn as_ptr(&self) -> *const AtomicU8 {
        self.0.as_ptr()
    }

    /// Of the slot of this class that starts `offset` bytes into the data.
    pub(super) fn slot(&self, class: Class, offset: usize) -> u8 {
        self.0[place(class, offset / GRANULE)].load(Ordering::Relaxed)
    }

    pub(super) fn set_slot(&self, class: Class, offset: usize, state: u8) {
        self.0[place(class, offset / GRANULE)].store(state, Ordering::Relaxed);
    }
}

/// Where the byte of a granule lies: those at which slots of `class` may start
/// lie together, so that a page's slots share a cache line. A permutation, so
/// that no pointer into a slot passes for another slot's start.
#[inline]
pub(super) fn place(class: Class, granule: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "the place within a block")]
    let within = (granule as u8).rotate_right(class.granules().trailing_zeros());
    granule & !(BLOCK - 1) | usize::from(within)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn places_are_a_permutation_and_starts_lie_together() {
        for class in (0..).map_while(Class::from_index) {
            let places: BTreeSet<_> = (0..BLOCK).map(|granule| place(class, granule)).collect();
            assert_eq!(places.len(), BLOCK);
            assert_eq!(places.last(), Some(&(BLOCK - 1)));
            let step = 1 << class.granules().trailing_zeros().min(8);
            let starts = (0..BLOCK).step_by(step);
            assert!(starts.map(|granule| place(class, granule)).max() < Some(BLOCK / step));
            assert_eq!(place(class, 7 * BLOCK), 7 * BLOCK);
        }
    }
}
