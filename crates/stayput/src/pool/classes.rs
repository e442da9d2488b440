//! Size classes: which slot a request gets, and how many pages hold its slots.

use stayput_sys::page_size;

/// Slots start at multiples of this many bytes; one state byte stands for each.
pub(super) const GRANULE: usize = 16;

/// Number of classes.
pub(super) const CLASSES: usize = 28;

/// A power of two above all classes' numbers, so that a mask replaces the check of
/// an index.
pub(super) const BOUND: usize = CLASSES.next_power_of_two();

/// Slot sizes in bytes: sixteens up to 128, then four steps to each doubling.
const SIZES: [u16; CLASSES] = [
    16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024,
    1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096,
];

const LARGEST: usize = SIZES[CLASSES - 1] as usize;

/// The class for each number of granules, from 1 on.
const BY_GRANULES: [u8; LARGEST / GRANULE] = {
    let mut table = [0; LARGEST / GRANULE];
    let (mut index, mut class) = (0, 0);
    while index < table.len() {
        if (index + 1) * GRANULE > SIZES[class as usize] as usize {
            class += 1;
        }
        table[index] = class;
        index += 1;
    }
    table
};

/// What the fast path needs to know of each class, side by side.
const FACTS: [Facts; BOUND] = {
    let mut facts = [Facts {
        size: 0,
        depth: 0,
        shift: 0,
    }; BOUND];
    let mut class = 0;
    while class < CLASSES {
        let size = SIZES[class];
        let fit = 4096 / size;
        facts[class] = Facts {
            size,
            depth: if fit > MOST_DEPTH {
                MOST_DEPTH
            } else if fit < 8 {
                8
            } else {
                fit
            },
            shift: size.trailing_zeros() - GRANULE.trailing_zeros(),
        };
        class += 1;
    }
    facts
};

#[derive(Clone, Copy)]
struct Facts {
    size: u16,
    depth: u16,
    shift: u32,
}

/// Most slots of one class that a thread keeps.
pub(super) const MOST_DEPTH: u16 = 128;

/// Most slots of one class that wait for other threads.
pub(super) const MOST_STOCK: u16 = 8 * MOST_DEPTH;

/// One size of slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class(u8);

impl Class {
    /// The smallest class that holds `size` bytes at `align`; `None` where the
    /// request needs pages of its own.
    pub(super) const fn holding(size: usize, align: usize) -> Option<Self> {
        if size > LARGEST || align > LARGEST {
            return None;
        }
        // A request for no bytes gets a slot too.
        let mut class = Self(BY_GRANULES[size.saturating_sub(1) / GRANULE]);
        // Slots start at multiples of their size from a page's start. The
        // largest size is a multiple of every alignment that comes here.
        while align > GRANULE && class.size() % align != 0 {
            class.0 += 1;
        }
        Some(class)
    }

    /// The class with this number, counted from 0.
    #[inline]
    pub(super) fn from_index(index: u8) -> Option<Self> {
        (usize::from(index) < CLASSES).then_some(Self(index))
    }

    /// The state byte of a live slot of this class: never 0.
    #[inline]
    pub(super) fn live(self) -> u8 {
        self.0 + 1
    }

    /// Most free slots that a thread keeps: about 4 KiB, 8 to 128 slots.
    #[inline]
    pub(super) fn depth(self) -> usize {
        usize::from(self.facts().depth)
    }

    /// Its number, counted from 0.
    #[inline]
    pub(super) fn number(self) -> u8 {
        self.0
    }

    /// Its place in tables of [`BOUND`] entries.
    #[inline]
    pub(super) fn index(self) -> usize {
        usize::from(self.0) % BOUND
    }

    /// Bytes in one slot.
    #[inline]
    pub(super) const fn size(self) -> usize {
        self.facts().size as usize
    }

    /// From one slot's place to the next one's: its size but for its power of two.
    pub(super) fn step(self) -> usize {
        (self.size() / GRANULE) >> self.shift()
    }

    /// Most free slots that wait for other threads: about 32 KiB.
    pub(super) fn stock(self) -> usize {
        (32 * 1024 / self.size()).clamp(8, usize::from(MOST_STOCK))
    }

    /// Its slots start at multiples of two to this power, in granules.
    #[inline]
    pub(super) fn shift(self) -> u32 {
        self.facts().shift
    }

    #[inline]
    const fn facts(self) -> &'static Facts {
        &FACTS[self.0 as usize % BOUND]
    }

    /// How its spans look: the fewest pages that leave less than a sixteenth
    /// unused.
    pub(super) fn shape(self) -> Shape {
        let waste = |pages: usize| (pages * page_size()) % self.size();
        let pages = (1..8)
            .find(|&pages| waste(pages) * 16 < pages * page_size())
            .unwrap_or(8);
        let slots = pages * page_size() / self.size();
        Shape {
            pages,
            // At most 64 KiB / 16 B.
            slots: u16::try_from(slots).unwrap_or(u16::MAX),
        }
    }
}

/// What is asked for, and what serves it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) size: usize,
    pub(super) align: usize,
    /// `None` where it needs pages of its own.
    pub(super) class: Option<Class>,
}

impl Request {
    /// Room for a `T`; all that is known of it when the program is compiled.
    pub(super) const fn of<T>() -> Self {
        Self::new(size_of::<T>(), align_of::<T>())
    }

    /// Room for `size` bytes.
    #[inline]
    pub(super) const fn new(size: usize, align: usize) -> Self {
        let class = Class::holding(size, align);
        Self { size, align, class }
    }
}

/// Neighbouring pages that are cut into slots.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    pub(super) pages: usize,
    pub(super) slots: u16,
}

/// The shape of each class's spans, which takes divisions to find.
pub(super) fn shapes() -> [Shape; BOUND] {
    let mut shapes = [Shape::default(); BOUND];
    for class in (0..).map_while(Class::from_index) {
        shapes[class.index()] = class.shape();
    }
    shapes
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
            let smaller = class.number().checked_sub(1).and_then(Class::from_index);
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
            let bytes = class.shape().pages * page_size();
            assert!(
                (bytes % class.size()) * 16 < bytes,
                "class of {}",
                class.size()
            );
        }
    }
}
