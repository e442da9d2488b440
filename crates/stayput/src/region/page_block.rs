//! One mapping that small bookkeeping shares, since each process has 65,530 at most.
//!
//! Without a lock, which a fork child could find held by a thread that it does not have.

use stayput_sys::{PageRange, map, page_size};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// 64 pages, reserved at first use and never released.
#[derive(Debug)]
pub(super) struct PageBlock {
    /// Address of the first page; 0 until there is one.
    start: AtomicUsize,
    /// A bit for each page in use.
    used: AtomicU64,
}

const PAGES: usize = u64::BITS as usize;

/// Larger requests get mappings of their own.
const MOST: usize = 8;

impl PageBlock {
    pub(super) const fn new() -> Self {
        Self {
            start: AtomicUsize::new(0),
            used: AtomicU64::new(0),
        }
    }

    /// Neighbouring pages for `len` bytes, which may hold what their last user left;
    /// `None` for more than a few pages, and where none are free.
    pub(super) fn take(&self, len: usize) -> Option<PageRange> {
        let count = len.div_ceil(page_size());
        if count > MOST {
            return None;
        }
        let start = self.start()?;
        let mut used = self.used.load(Ordering::Relaxed);
        loop {
            let free = |first: &usize| used & mask(*first, count) == 0;
            let first = (0..=PAGES - count).find(free)?;
            let taken = used | mask(first, count);
            // What the last user wrote there comes before what the next one does.
            match self
                .used
                .compare_exchange_weak(used, taken, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return PageRange::exact(start + first * page_size(), count * page_size()),
                Err(current) => used = current,
            }
        }
    }

    /// Takes back what [`PageBlock::take`] gave; `false` if it is not of this block.
    pub(super) fn put_back(&self, range: PageRange) -> bool {
        let start = self.start.load(Ordering::Acquire);
        let offset = range.start().wrapping_sub(start);
        if start == 0 || offset >= PAGES * page_size() {
            return false;
        }
        let mask = mask(offset / page_size(), range.pages());
        self.used.fetch_and(!mask, Ordering::Release);
        true
    }

    /// Of several threads that map the block, one wins and all use its.
    fn start(&self) -> Option<usize> {
        let seen = self.start.load(Ordering::Acquire);
        if seen != 0 {
            return Some(seen);
        }
        let made = fresh_pages(PAGES * page_size())?;
        let _ = made.as_ptr().expose_provenance();
        let (new, order) = (made.start(), Ordering::AcqRel);
        match self
            .start
            .compare_exchange(0, new, order, Ordering::Acquire)
        {
            Ok(_) => Some(new),
            Err(winner) => {
                // SAFETY: mapped just above, and it lost: nobody else has seen it.
                // Failing leaves address space behind, no more.
                let _ = unsafe { map::release(made) };
                Some(winner)
            }
        }
    }
}

/// A mapping of at least `len` bytes; `None` where the system has no room.
pub(super) fn fresh_pages(len: usize) -> Option<PageRange> {
    let range = map::reserve(len).ok()?;
    // SAFETY: the reservation was made just above and is ours alone.
    if unsafe { map::commit(range) }.is_err() {
        // SAFETY: likewise, and nothing uses it. Its own failure leaves
        // address space behind, no more.
        let _ = unsafe { map::release(range) };
        return None;
    }
    Some(range)
}

fn mask(first: usize, count: usize) -> u64 {
    ((1 << count) - 1) << first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_handed_out_once_and_again_when_they_came_back() {
        let block = PageBlock::new();
        let page = page_size();
        let single: Vec<PageRange> = (0..PAGES).map_while(|_| block.take(1)).collect();
        let mut starts: Vec<usize> = single.iter().map(|range| range.start()).collect();
        starts.dedup();
        assert_eq!(starts.len(), PAGES);
        assert_eq!(block.take(1), None);
        assert!(single[3..6].iter().all(|&range| block.put_back(range)));
        assert_eq!(block.take(4 * page), None);
        let three = block.take(3 * page).expect("three neighbours");
        assert_eq!((three.start(), three.pages()), (single[3].start(), 3));
        assert_eq!(block.take(9 * page), None);
    }

    #[test]
    fn other_memory_is_not_taken_back() {
        let block = PageBlock::new();
        let other = fresh_pages(1).expect("memory");
        assert!(!block.put_back(other));
        assert!(block.take(1).is_some());
        assert!(!block.put_back(other));
        // SAFETY: mapped above.
        unsafe { map::release(other) }.expect("ours");
    }
}
