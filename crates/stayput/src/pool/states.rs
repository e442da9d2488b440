//! A byte for each slot of an arena: whether it is live.
//!
//! Slots of a class start at multiples of a power of two (`Class::shift`), so a
//! row of bytes for each such power has one for every place where a slot may start,
//! and the bytes of neighbouring slots are neighbours: they share cache lines,
//! which what lies next to each slot could not. Atomic, since threads change those
//! of their own slots without the pool's lock.

use super::classes::{Class, GRANULE};
use super::zeroed;
use crate::region::SystemAlloc;
use allocator_api2::vec::Vec;
use std::sync::atomic::{AtomicU8, Ordering};

/// Nothing live starts here. Live slots have [`Class::live`].
pub(super) const FREE: u8 = 0;

/// A slot in a thread's cache: this bit, and what it had when it was live.
pub(super) const CACHED: u8 = 0x40;

#[derive(Debug)]
pub(super) struct States {
    /// Row after row, each half as long as the one before.
    bytes: Vec<AtomicU8, SystemAlloc>,
    granules: usize,
}

/// The same, for whoever knows that the states outlive the view.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    first: *const AtomicU8,
    /// In all of the data; a multiple of what the largest shift needs.
    granules: usize,
}

impl States {
    /// For `len` bytes of data; `None` where address space ran out.
    pub(super) fn of(len: usize) -> Option<Self> {
        let granules = len / GRANULE;
        let bytes = zeroed::vec(2 * granules)?;
        Some(Self { bytes, granules })
    }

    pub(super) fn view(&self) -> View {
        View {
            first: self.bytes.as_ptr(),
            granules: self.granules,
        }
    }

    /// Of the slot that starts `offset` bytes into the data; [`FREE`] where none
    /// of this class can.
    pub(super) fn get(&self, class: Class, offset: usize) -> u8 {
        self.at(class, offset)
            .map_or(FREE, |state| state.load(Ordering::Relaxed))
    }

    pub(super) fn set(&self, class: Class, offset: usize, state: u8) {
        if let Some(place) = self.at(class, offset) {
            place.store(state, Ordering::Relaxed);
        }
    }

    fn at(&self, class: Class, offset: usize) -> Option<&AtomicU8> {
        let view = self.view();
        let place = view.place(class, offset)?;
        self.bytes.get(view.row(class) + place)
    }
}

impl View {
    /// Which of its row's places `offset` is; `None` where no slot of this class
    /// can start.
    #[inline]
    pub(super) fn place(self, class: Class, offset: usize) -> Option<usize> {
        // Bits below the place are rotated to the top, far beyond the row's end.
        let place = offset.rotate_right(GRANULE.trailing_zeros() + class.shift());
        (place < self.granules >> class.shift()).then_some(place)
    }

    /// Where a place is, in bytes from the start of the data.
    #[inline]
    pub(super) fn offset(class: Class, place: usize) -> usize {
        place << (GRANULE.trailing_zeros() + class.shift())
    }

    /// The byte of a place.
    ///
    /// # Safety
    /// [`View::place`] returned it for this class, and the states are still there.
    #[inline]
    pub(super) unsafe fn state<'a>(self, class: Class, place: usize) -> &'a AtomicU8 {
        // SAFETY: the place lies in the class's row, the row in the bytes.
        unsafe { &*self.first.add(self.row(class) + place) }
    }

    /// Where the row of this class starts.
    #[inline]
    fn row(self, class: Class) -> usize {
        2 * self.granules - ((2 * self.granules) >> class.shift())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const PAGE: usize = 4096;

    #[test]
    fn rows_do_not_overlap_and_starts_have_a_byte_each() {
        let states = States::of(3 * PAGE).expect("memory");
        let mut seen = BTreeSet::new();
        let mut shifts = BTreeSet::new();
        for class in (0..).map_while(Class::from_index) {
            // Classes of one shift share a row: a page holds slots of one class.
            if !shifts.insert(class.shift()) {
                continue;
            }
            for offset in (0..3 * PAGE).step_by(GRANULE << class.shift()) {
                let place = states.view().place(class, offset).expect("a start");
                assert_eq!(View::offset(class, place), offset);
                assert!(seen.insert(states.view().row(class) + place));
            }
        }
        assert!(seen.last() < Some(&states.bytes.len()));
    }

    #[test]
    fn nothing_starts_inside_a_slot_or_beyond_the_data() {
        let states = States::of(2 * PAGE).expect("memory");
        for class in (0..).map_while(Class::from_index) {
            let step = GRANULE << class.shift();
            for offset in [1, step - 1, step + 1, 2 * PAGE, usize::MAX, PAGE - 1] {
                assert_eq!(states.view().place(class, offset), None, "{offset}");
                states.set(class, offset, class.live());
                assert_eq!(states.get(class, offset), FREE);
            }
        }
    }
}
