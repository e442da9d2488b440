//! The pages of one reservation, and what each is used for.
//!
//! Bookkeeping lies elsewhere, in ordinary memory: it costs no locked bytes and
//! an overflow of a secret can't reach it.

use super::books::{self, Books, Table, Zeroed};
use super::classes::{BOUND, Class, Shape, shapes};
use super::config::Config;
use super::depot::Depot;
use super::free_pages::FreePages;
use super::mapper::{Granted, Mapper};
use super::reservation::Reservation;
use super::states::States;
use crate::limits::LockError;
use crate::page::write_back;
use stayput_sys::{PageRange, page_size};

/// No page: the end of a list.
pub(super) const NONE: u32 = u32::MAX;

/// What a page is used for. Fresh bookkeeping is all zeros: reserved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Use {
    /// Address space only.
    #[default]
    Reserved = 0,
    /// Committed, zero, in nobody's use.
    Free,
    /// First page of a span of slots.
    SpanHead,
    /// Another page of a span.
    SpanTail,
    /// First page of an allocation of whole pages.
    RunHead,
    /// Another page of such an allocation.
    RunTail,
}

/// The bookkeeping of one page.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(super) struct Page {
    pub(super) used_for: Use,
    /// A span's class, as its index.
    pub(super) class: u8,
    pub(super) granted: Granted,
    /// A span head's live slots.
    pub(super) live: u16,
    /// Where a span head's lowest free slot may be, in places from the span's first.
    pub(super) hint: u16,
    /// Pages of a run (head), or pages back to the head (tail).
    pub(super) extent: u32,
    /// Neighbours in the list of spans with free slots.
    pub(super) previous: u32,
    pub(super) next: u32,
}

// SAFETY: every field is an integer or an enum whose zero is a variant.
unsafe impl Zeroed for Page {}

/// Address space with its bookkeeping.
#[derive(Debug)]
pub(super) struct Arena {
    data: PageRange,
    mapper: Mapper,
    pub(super) pages: Table<Page>,
    pub(super) states: States,
    /// Free slots on their way from one thread's cache to another's.
    pub(super) depot: Depot,
    /// A page's size as a power of two: division is slow.
    shift: u32,
    /// The shape of each class's spans.
    shapes: [Shape; BOUND],
    free_pages: FreePages,
    /// For each class, the first span with a free slot.
    pub(super) partial: [u32; BOUND],
    /// No page below this index is free or reserved.
    lowest: usize,
    /// No page from this index on was ever committed.
    highest: usize,
    /// Pages that are committed and in nobody's use.
    pub(super) free: usize,
    /// Pages that are committed.
    pub(super) committed: usize,
    reservation: Reservation,
    /// Last, since tables lie in them.
    _books: Books,
}

impl Arena {
    /// Reserves room for `wanted` bytes, or less where the system has no more,
    /// but for `least` pages at any rate.
    pub(super) fn reserve(config: &Config, wanted: usize, least: usize) -> Result<Self, LockError> {
        let (reservation, mut books) = Reservation::new(wanted, least, room_for_books)?;
        let data = reservation.data();
        // SAFETY: the arena keeps its books as long as its tables.
        let tables = unsafe {
            (
                books.table(data.pages()),
                States::of(data.len(), &mut books),
                Depot::of(&mut books),
                FreePages::of(data.pages(), &mut books),
            )
        };
        let (Some(pages), Some(states), Some(depot), Some(free_pages)) = tables else {
            return Err(reservation.no_room());
        };
        Ok(Self {
            data,
            mapper: Mapper::new(config, reservation.with_guard()),
            pages,
            states,
            depot,
            shift: page_size().trailing_zeros(),
            shapes: shapes(),
            free_pages,
            partial: [NONE; BOUND],
            lowest: 0,
            highest: 0,
            free: 0,
            committed: 0,
            reservation,
            _books: books,
        })
    }

    /// How spans of this class look.
    pub(super) fn shape(&self, class: Class) -> Shape {
        self.shapes[class.index()]
    }

    /// The pages between the guards.
    pub(super) fn data(&self) -> PageRange {
        self.data
    }

    /// The first address of the page with this index.
    pub(super) fn address(&self, page: usize) -> usize {
        self.data.start() + self.offset(page)
    }

    /// Where a page starts, from the start of the data.
    pub(super) fn offset(&self, page: usize) -> usize {
        page << self.shift
    }

    /// The page that the byte at `offset` from the start of the data lies in.
    pub(super) fn page_of(&self, offset: usize) -> usize {
        offset >> self.shift
    }

    /// The pages from `page` on as a range.
    pub(super) fn range(&self, page: usize, count: usize) -> Option<PageRange> {
        PageRange::exact(self.address(page), count * page_size())
    }

    /// How the pages of this arena are protected.
    pub(super) fn mapper(&self) -> &Mapper {
        &self.mapper
    }

    /// The address after the last page that was ever committed.
    pub(super) fn high_water(&self) -> usize {
        self.address(self.highest)
    }

    /// `count` neighbouring pages that are free, or also merely reserved, the
    /// first at a multiple of `align` bytes: the lowest there are.
    pub(super) fn find(&self, count: usize, align: usize, accept: Accept) -> Option<usize> {
        let end = match accept {
            Accept::Free if self.free < count => return None,
            Accept::Free => self.highest,
            Accept::FreeOrReserved => self.pages.len(),
        };
        let fits = |page: &Page| match page.used_for {
            Use::Free => true,
            Use::Reserved => accept == Accept::FreeOrReserved,
            _ => false,
        };
        let mut start = self.lowest;
        if (count, accept) == (1, Accept::Free) && align <= page_size() {
            return self.free_pages.first(start, end);
        }
        while start + count <= end {
            if self.address(start) % align != 0 {
                start += 1;
                continue;
            }
            match self.pages[start..start + count]
                .iter()
                .rposition(|page| !fits(page))
            {
                None => return Some(start),
                Some(obstacle) => start += obstacle + 1,
            }
        }
        None
    }

    /// Commits the reserved pages among `count` pages from `start`.
    pub(super) fn commit(&mut self, start: usize, count: usize) -> Result<(), LockError> {
        for (first, len) in self.runs_of(Use::Reserved, start, start + count) {
            let Some(range) = self.range(first, len) else {
                continue;
            };
            let granted = self.mapper.commit(range)?;
            for page in &mut self.pages[first..first + len] {
                (page.used_for, page.granted) = (Use::Free, granted);
            }
            self.free_pages.insert(first, len);
            self.free += len;
            self.committed += len;
            self.highest = self.highest.max(first + len);
        }
        Ok(())
    }

    /// Gives every free page back to the system; the bytes given back.
    pub(super) fn trim(&mut self) -> usize {
        let mut given_back = 0;
        for (first, len) in self.runs_of(Use::Free, 0, self.highest) {
            let Some(range) = self.range(first, len) else {
                continue;
            };
            let pages = &mut self.pages[first..first + len];
            if !self.mapper.decommit(range, pages[0].granted) {
                continue;
            }
            pages.fill(Page::default());
            self.free_pages.remove(first, len);
            self.free -= len;
            self.committed -= len;
            given_back += range.len();
        }
        given_back
    }

    /// The lowest page that is merely reserved.
    pub(super) fn first_reserved(&self) -> Option<usize> {
        self.pages
            .iter()
            .position(|page| page.used_for == Use::Reserved)
    }

    /// Reserved pages that follow the page with index `page`, up to `most`.
    pub(super) fn reserved_from(&self, page: usize, most: usize) -> usize {
        let reserved = |page: &&Page| page.used_for == Use::Reserved;
        self.pages[page..]
            .iter()
            .take(most)
            .take_while(reserved)
            .count()
    }

    /// Pages among `count` from `start` that are not committed.
    pub(super) fn range_missing(&self, start: usize, count: usize) -> usize {
        let pages = &self.pages[start..start + count];
        pages
            .iter()
            .filter(|page| page.used_for == Use::Reserved)
            .count()
    }

    /// Pages that are locked.
    pub(super) fn locked_pages(&self) -> usize {
        let locked = |page: &&Page| page.granted.is_locked();
        self.ever_committed().iter().filter(locked).count()
    }

    /// The pages below the high-water mark; those above are untouched.
    pub(super) fn ever_committed(&self) -> &[Page] {
        &self.pages[..self.highest]
    }

    /// Pages of the allocation whose head `page` is.
    pub(super) fn run_len(&self, page: usize) -> usize {
        self.pages[page].extent as usize
    }

    /// The error for a request that a fresh arena can't hold.
    pub(super) fn no_room(&self) -> LockError {
        self.reservation.no_room()
    }

    /// Has what was wiped in a file's pages reach the disk. Cheap where no file is.
    pub(super) fn write_back(&self, start: usize, len: usize) {
        if !self.mapper.may_back_by_files() {
            return;
        }
        if let Some(range) = PageRange::covering(start, len) {
            let first = self.page_of(range.start() - self.data.start());
            let pages = &self.pages[first..first + range.pages()];
            if pages.iter().any(|page| page.granted == Granted::File) {
                write_back(range);
            }
        }
    }

    /// Takes `count` free pages from `start` into use, the first as `head`.
    pub(super) fn take(&mut self, start: usize, count: usize, head: Use, tail: Use) {
        for (offset, page) in (0..).zip(&mut self.pages[start..start + count]) {
            let used_for = if offset == 0 { head } else { tail };
            *page = Page {
                used_for,
                granted: page.granted,
                extent: offset,
                ..Page::default()
            };
        }
        self.pages[start].extent = u32::try_from(count).unwrap_or(NONE);
        self.free_pages.remove(start, count);
        self.free -= count;
        if start == self.lowest {
            self.lowest += count;
        }
    }

    /// Gives `count` pages from `start` back to the free ones. They are zero.
    pub(super) fn put_back(&mut self, start: usize, count: usize) {
        for page in &mut self.pages[start..start + count] {
            *page = Page {
                used_for: Use::Free,
                granted: page.granted,
                ..Page::default()
            };
        }
        self.free_pages.insert(start, count);
        self.free += count;
        self.lowest = self.lowest.min(start);
    }

    /// Runs of neighbouring pages in `from .. to` that have this use and are
    /// granted alike, as index and length.
    fn runs_of(&self, used_for: Use, from: usize, to: usize) -> std::vec::Vec<(usize, usize)> {
        let mut runs = std::vec::Vec::new();
        let mut at = from;
        for run in
            self.pages[from..to].chunk_by(|a, b| a.used_for == b.used_for && a.granted == b.granted)
        {
            if run[0].used_for == used_for {
                runs.push((at, run.len()));
            }
            at += run.len();
        }
        runs
    }
}

/// What the books of an arena of so many pages take, in bytes.
fn room_for_books(pages: usize) -> usize {
    books::bytes::<Page>(pages)
        + States::room(pages * page_size())
        + FreePages::room(pages)
        + Depot::ROOM
}

/// Which pages a search may return.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Accept {
    Free,
    FreeOrReserved,
}

impl Drop for Arena {
    fn drop(&mut self) {
        let mut first = 0;
        for run in self
            .ever_committed()
            .chunk_by(|a, b| a.granted == b.granted)
        {
            if let Some(range) = self.range(first, run.len()) {
                self.mapper.unlock(range, run[0].granted);
            }
            first += run.len();
        }
    }
}
