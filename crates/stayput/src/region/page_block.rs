//! Memory that small bookkeeping shares, part of the program's own: no mapping for each,
//! of which a process has 65,530 at most.
//!
//! Without a lock, which a fork child could find held by a thread that it does not have.

use std::cell::UnsafeCell;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

/// 64 parts of 4 KiB. They cost memory when they are used first.
pub(super) struct PageBlock {
    /// A bit for each part in use.
    used: AtomicU64,
    parts: UnsafeCell<[Part; PARTS]>,
}

#[repr(align(4096))]
struct Part {
    _bytes: [u8; PART],
}

const PARTS: usize = u64::BITS as usize;
const PART: usize = 4096;

/// Larger requests get mappings of their own.
const MOST: usize = 8;

// SAFETY: a part belongs to one user at a time, as the bits say.
unsafe impl Sync for PageBlock {}

impl PageBlock {
    pub(super) const fn new() -> Self {
        Self {
            used: AtomicU64::new(0),
            parts: UnsafeCell::new([const { Part { _bytes: [0; PART] } }; PARTS]),
        }
    }

    /// Room for `len` bytes, aligned to 4 KiB, in which may be what its last user left;
    /// `None` for more than 32 KiB, and where no neighbouring parts are free.
    pub(super) fn take(&self, len: usize) -> Option<NonNull<[u8]>> {
        let count = len.div_ceil(PART);
        if count > MOST {
            return None;
        }
        let mut used = self.used.load(Ordering::Relaxed);
        loop {
            let free = |first: &usize| used & mask(*first, count) == 0;
            let first = (0..=PARTS - count).find(free)?;
            let taken = used | mask(first, count);
            // What the last user wrote there comes before what the next one does.
            match self
                .used
                .compare_exchange_weak(used, taken, Ordering::Acquire, Ordering::Relaxed)
            {
                Ok(_) => return Some(self.at(first, count)),
                Err(current) => used = current,
            }
        }
    }

    /// Takes back the `len` bytes that [`PageBlock::take`] gave; `false` if they are not
    /// of this block.
    pub(super) fn put_back(&self, start: NonNull<u8>, len: usize) -> bool {
        let offset = start.addr().get().wrapping_sub(self.parts.get().addr());
        if offset >= PARTS * PART {
            return false;
        }
        let mask = mask(offset / PART, len.div_ceil(PART));
        self.used.fetch_and(!mask, Ordering::Release);
        true
    }

    fn at(&self, first: usize, count: usize) -> NonNull<[u8]> {
        // SAFETY: within the array, whose address is never null.
        let start = unsafe { NonNull::new_unchecked(self.parts.get().cast::<Part>().add(first)) };
        NonNull::slice_from_raw_parts(start.cast(), count * PART)
    }
}

fn mask(first: usize, count: usize) -> u64 {
    ((1 << count) - 1) << first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_back(block: &PageBlock, part: NonNull<[u8]>) -> bool {
        block.put_back(part.cast(), part.len())
    }

    #[test]
    fn parts_are_handed_out_once_and_again_when_they_came_back() {
        static BLOCK: PageBlock = PageBlock::new();
        let single: Vec<_> = (0..PARTS).map_while(|_| BLOCK.take(1)).collect();
        let mut starts: Vec<_> = single.iter().map(|part| part.addr()).collect();
        starts.dedup();
        assert_eq!(starts.len(), PARTS);
        assert_eq!(BLOCK.take(1), None);
        assert!(single[3..6].iter().all(|&part| put_back(&BLOCK, part)));
        assert_eq!(BLOCK.take(4 * PART), None);
        let three = BLOCK.take(3 * PART).expect("three neighbours");
        assert_eq!((three.addr(), three.len()), (single[3].addr(), 3 * PART));
        assert!(put_back(&BLOCK, three));
        assert_eq!(BLOCK.take((MOST + 1) * PART), None);
    }

    #[test]
    fn other_memory_is_not_taken_back() {
        static BLOCK: PageBlock = PageBlock::new();
        static OTHER: PageBlock = PageBlock::new();
        let other = OTHER.take(1).expect("room");
        assert!(!put_back(&BLOCK, other));
        assert!(put_back(&OTHER, other));
    }
}
