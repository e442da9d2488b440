//! An arena's address space: its data between guards, and its books elsewhere.
//!
//! An arena costs three mappings: the front guard, what is committed, and what is not with
//! the rear guard. Books are ordinary memory, which merges with what the process has.

use super::books::Books;
use super::config::page_bytes;
use crate::limits::{LockError, Operation, count_drop_error, out_of_room};
use crate::page::HUGE;
use crate::trace::event;
use stayput_sys::{PageRange, map, page_size};
use std::io;

/// Address space, given back when dropped.
#[derive(Debug)]
pub(super) struct Reservation {
    whole: PageRange,
    data: PageRange,
}

impl Reservation {
    /// Room for `wanted` bytes, or less where the system has no more, but for `least`
    /// pages at any rate, and for the books that `books_for` so many pages takes.
    pub(super) fn new(
        wanted: usize,
        least: usize,
        books_for: impl Fn(usize) -> usize,
    ) -> Result<(Self, Books), LockError> {
        let mut pages = (wanted / page_size()).max(least);
        loop {
            let (data, books) = (page_bytes(pages)?, books_for(pages));
            match Self::divided(data, books) {
                Ok(divided) => return Ok(divided),
                // Under MCL_FUTURE a reservation is charged: make do with less.
                Err(_) if pages > least => pages = (pages / 2).max(least),
                Err(error) => {
                    let errno = error.raw_os_error();
                    return Err(LockError::new(Operation::Map, None, errno, out_of_room()));
                }
            }
        }
    }

    fn divided(data: usize, books: usize) -> io::Result<(Self, Books)> {
        // First, since mappings are placed one below the other: so it has a neighbour.
        let books = Books::new(books)?;
        let whole = map::reserve(alignment(data) + 2 * page_size() + data)?;
        let start = (whole.start() + page_size()).next_multiple_of(alignment(data).max(1));
        let mut this = Self { whole, data: whole };
        let within = PageRange::exact(start, data).and_then(|data| data.intersection(whole));
        this.data = within.ok_or(io::ErrorKind::InvalidInput)?;
        Ok((this, books))
    }

    /// The pages between the guards.
    pub(super) fn data(&self) -> PageRange {
        self.data
    }

    /// Data and rear guard. Advised alike, what is not committed yet and the guard are one
    /// mapping.
    pub(super) fn with_guard(&self) -> PageRange {
        let len = self.whole.end() - self.data.start();
        PageRange::exact(self.data.start(), len).unwrap_or(self.data)
    }

    /// The error for what finds no place here.
    pub(super) fn no_room(&self) -> LockError {
        LockError::new(Operation::Map, Some(self.whole), None, out_of_room())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        // SAFETY: reserved by `divided`; the arena is gone, and with it every block that
        // pointed here.
        if let Err(error) = unsafe { map::release(self.whole) } {
            count_drop_error();
            event!(
                error,
                error = error,
                "a pool's address space was not released"
            );
        }
    }
}

/// What data of `len` bytes is aligned to beyond pages.
fn alignment(len: usize) -> usize {
    if len < HUGE { 0 } else { HUGE }
}
