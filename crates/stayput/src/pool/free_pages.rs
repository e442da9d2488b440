//! Which pages of an arena are free: a bit for each.

use super::books::{self, Books, Table};

#[derive(Debug)]
pub(super) struct FreePages(Table<u64>);

impl FreePages {
    /// Bytes of the books for `pages` pages.
    pub(super) fn room(pages: usize) -> usize {
        books::bytes::<u64>(pages.div_ceil(64))
    }

    /// For `pages` pages, none of them free; `None` where the books are full.
    ///
    /// # Safety
    /// As for [`Books::table`].
    pub(super) unsafe fn of(pages: usize, books: &mut Books) -> Option<Self> {
        // SAFETY: the caller's promise is the same.
        unsafe { books.table(pages.div_ceil(64)) }.map(Self)
    }

    pub(super) fn insert(&mut self, start: usize, count: usize) {
        for page in start..start + count {
            self.0[page / 64] |= 1 << (page % 64);
        }
    }

    pub(super) fn remove(&mut self, start: usize, count: usize) {
        for page in start..start + count {
            self.0[page / 64] &= !(1 << (page % 64));
        }
    }

    /// The first free page in `from .. to`, looked for in whole words.
    pub(super) fn first(&self, from: usize, to: usize) -> Option<usize> {
        let words = self.0.get(from / 64..to.div_ceil(64))?;
        let (index, word) = words.iter().enumerate().find(|&(_, &word)| word != 0)?;
        Some((from / 64 + index) * 64 + word.trailing_zeros() as usize)
    }
}
