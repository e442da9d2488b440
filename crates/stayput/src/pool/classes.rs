//! Size classes: which slot a request gets, and how many pages hold its slots.

use stayput_sys::page_size;

/// Slots start at multiples of this many bytes; one state byte stands for each.
pub(super) const GRANULE: usize = 16;

/// Number of classes.
pub(super) const CLASSES: usize = 28;

/// Slot sizes in bytes: sixteens up to 128, then four steps to each doubling.
const SIZES: [u16; CLASSES] = [
    16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024,
    1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096,
];

const LARGEST: usize = SIZES[CLASSES - 1] as usize;

/// The class for each number of granules, 1 to 256.
const BY_GRANULES: [u8; LARGEST / GRANULE + 1] = {
    let mut table = [0; LARGEST / GRANULE + 1];
    let (mut granules, mut class) = (1, 0);
    while granules < table.len() {
        if granules * GRANULE > SIZES[class as usize] as usize {
            class += 1;
        }
        table[granules] = class;
        granules += 1;
    }
    table
};

/// One size of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class(u8);

impl Class {
    /// The smallest class that holds `size` bytes at `align`; `None` where the
    /// request needs pages of its own.
    #[inline]
    pub(super) fn holding(size: usize, align: usize) -> Option<Self> {
        if size > LARGEST || align > LARGEST {
            return None;
        }
        let mut class = Self(BY_GRANULES[size.max(1).div_ceil(GRANULE)]);
        // Slots start at multiples of their size from a page's start. The
        // largest size is a multiple of every alignment that comes here.
        while class.size() % align != 0 {
            class.0 += 1;
        }
        Some(class)
    }

    /// The class with this number, counted from 0.
    pub(super) fn from_index(index: u8) -> Option<Self> {
        (usize::from(index) < CLASSES).then_some(Self(index))
    }

    /// Its number, counted from 0.
    #[inline]
    pub(super) fn index(self) -> u8 {
        self.0
    }

    /// Bytes in one slot.
    #[inline]
    pub(super) fn size(self) -> usize {
        usize::from(SIZES[usize::from(self.0)])
    }

    /// Pages in a span of this class: the fewest that leave less than a
    /// sixteenth unused.
    pub(super) fn span_pages(self) -> usize {
        let waste = |pages: usize| (pages * page_size()) % self.size();
        (1..8)
            .find(|&pages| waste(pages) * 16 < pages * page_size())
            .unwrap_or(8)
    }
}

/// Pages for a request that has no class.
pub(super) fn pages_for(size: usize) -> usize {
    size.div_ceil(page_size()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_gets_the_smallest_class_that_fits() {
        for size in 0..=LARGEST {
            let class = Class::holding(size, 1).expect("small");
            assert!(class.size() >= size);
            let smaller = class.index().checked_sub(1).and_then(Class::from_index);
            assert!(
                smaller.is_none_or(|smaller| smaller.size() < size),
                "size {size}"
            );
        }
        assert_eq!(Class::holding(LARGEST + 1, 1), None);
    }

    #[test]
    fn slots_are_aligned() {
        for align in (0..=12).map(|shift| 1 << shift) {
            for size in [1, align, 3 * align, 100, 1000] {
                if let Some(class) = Class::holding(size, align) {
                    assert_eq!(class.size() % align, 0, "size {size}, align {align}");
                }
            }
        }
        assert_eq!(Class::holding(1, 2 * LARGEST), None);
    }

    #[test]
    fn spans_waste_little() {
        for class in (0..).map_while(Class::from_index) {
            let bytes = class.span_pages() * page_size();
            assert!(
                (bytes % class.size()) * 16 < bytes,
                "class of {}",
                class.size()
            );
        }
    }
}
