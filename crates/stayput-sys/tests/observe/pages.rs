//! Committed pages of a test's own, with inaccessible pages on both sides, so
//! that no neighbour's mapping merges with them.
#![allow(dead_code, reason = "each test file uses what it needs")]

use stayput_sys::{PageRange, map, page_size};
use std::ffi::c_void;

pub(crate) struct Pages {
    reservation: PageRange,
    pub(crate) range: PageRange,
}

impl Pages {
    pub(crate) fn new(pages: usize) -> Self {
        let p = page_size();
        let reservation = map::reserve((pages + 2) * p).expect("address space");
        let range = PageRange::exact(reservation.start() + p, pages * p).expect("whole pages");
        // SAFETY: the reservation was made just above.
        unsafe { map::commit(range) }.expect("memory");
        Self { reservation, range }
    }

    pub(crate) fn reserved(pages: usize) -> Self {
        let this = Self::new(pages);
        // SAFETY: the pages are ours and hold nothing yet.
        unsafe { map::decommit(this.range) }.expect("ours");
        this
    }

    /// Pages `from .. to`.
    pub(crate) fn part(&self, from: usize, to: usize) -> PageRange {
        let p = page_size();
        PageRange::exact(self.range.start() + from * p, (to - from) * p).expect("within")
    }

    pub(crate) fn address(&self) -> *mut c_void {
        self.range.as_ptr()
    }

    pub(crate) fn len(&self) -> usize {
        self.range.len()
    }

    pub(crate) fn write(&self, offset: usize, byte: u8) {
        assert!(offset < self.len());
        // SAFETY: within the pages, which are ours; the tests keep them writable.
        unsafe {
            self.range
                .as_ptr()
                .cast::<u8>()
                .add(offset)
                .write_volatile(byte);
        }
    }

    pub(crate) fn read(&self, offset: usize) -> u8 {
        assert!(offset < self.len());
        // SAFETY: within the pages, which are ours; the tests keep them readable.
        unsafe { self.range.as_ptr().cast::<u8>().add(offset).read_volatile() }
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: one reservation, used by this test alone.
        unsafe { map::release(self.reservation) }.expect("ours");
    }
}
