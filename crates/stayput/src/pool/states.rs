//! A byte for each slot of an arena: whether it is live.
//!
//! Slots of a class start at multiples of a power of two (`Class::shift`), so a
//! row of bytes for each such power has one for every place where a slot may start,
//! and the bytes of neighbouring slots are neighbours: they share cache lines,
//! which what lies next to each slot could not. Atomic, since threads change those
//! of their own slots without the pool's lock.

use super::books::{self, Books, Table};
use super::classes::{Class, GRANULE};
use std::sync::atomic::{AtomicU8, Ordering};

/// Nothing live starts here. Live slots have [`Class::live`].
pub(super) const FREE: u8 = 0;

/// A slot in a thread's cache: this bit, and what it had when it was live.
pub(super) const CACHED: u8 = 0x40;

#[derive(Debug)]
pub(super) struct States {
    /// Row after row, each half as long as the one before.
    bytes: Table<AtomicU8>,
    /// In all of the data: whole pages, so a multiple of what each shift needs.
    granules: usize,
}

impl States {
    /// Bytes of the books for `len` bytes of data.
    pub(super) fn room(len: usize) -> usize {
        books::bytes::<AtomicU8>(2 * (len / GRANULE))
    }

    /// For `len` bytes of data; `None` where the books are full.
    ///
    /// # Safety
    /// As for [`Books::table`].
    pub(super) unsafe fn of(len: usize, books: &mut Books) -> Option<Self> {
        let granules = len / GRANULE;
        // SAFETY: the caller's promise is the same.
        let bytes = unsafe { books.table(2 * granules)? };
        Some(Self { bytes, granules })
    }

    /// The bytes of the places where slots of this class may start.
    pub(super) fn row(&self, class: Class) -> &[AtomicU8] {
        let end = |shift: u32| 2 * self.granules - ((2 * self.granules) >> shift);
        &self.bytes[end(class.shift())..end(class.shift() + 1)]
    }

    /// Of the slot that starts `offset` bytes into the data; [`FREE`] where none
    /// of this class can.
    pub(super) fn get(&self, class: Class, offset: usize) -> u8 {
        self.at(class, offset)
            .map_or(FREE, |state| state.load(Ordering::Relaxed))
    }

    fn at(&self, class: Class, offset: usize) -> Option<&AtomicU8> {
        self.row(class).get(place(class, offset)?)
    }
}

/// Which of its row's places `offset` is; `None` where no slot of this class can
/// start.
#[inline]
pub(super) fn place(class: Class, offset: usize) -> Option<usize> {
    let shift = GRANULE.trailing_zeros() + class.shift();
    (offset % (1 << shift) == 0).then_some(offset >> shift)
}

/// Where a place is, in bytes from the start of the data.
#[inline]
pub(super) fn offset(class: Class, place: usize) -> usize {
    place << (GRANULE.trailing_zeros() + class.shift())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const PAGE: usize = 4096;

    fn of(len: usize) -> (States, Books) {
        let mut books = Books::new(States::room(len)).expect("memory");
        // SAFETY: whoever asks keeps the books.
        let states = unsafe { States::of(len, &mut books) };
        (states.expect("room"), books)
    }

    #[test]
    fn rows_do_not_overlap_and_starts_have_a_byte_each() {
        let (states, _books) = of(3 * PAGE);
        let mut seen = BTreeSet::new();
        let mut shifts = BTreeSet::new();
        for class in (0..).map_while(Class::from_index) {
            // Classes of one shift share a row: a page holds slots of one class.
            if !shifts.insert(class.shift()) {
                continue;
            }
            for offset in (0..3 * PAGE).step_by(GRANULE << class.shift()) {
                let start = place(class, offset).expect("a start");
                assert_eq!(super::offset(class, start), offset);
                assert!(seen.insert(&raw const states.row(class)[start]));
            }
        }
        assert!(seen.len() <= states.bytes.len());
    }

    #[test]
    fn nothing_starts_inside_a_slot_or_beyond_the_data() {
        let (states, _books) = of(2 * PAGE);
        for class in (0..).map_while(Class::from_index) {
            let step = GRANULE << class.shift();
            for offset in [1, step - 1, step + 1, 2 * PAGE, usize::MAX, PAGE - 1] {
                assert!(states.at(class, offset).is_none());
                assert_eq!(states.get(class, offset), FREE);
            }
        }
    }
}
