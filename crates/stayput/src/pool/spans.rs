//! Slots: small allocations, many to a page.
//!
//! A slot's state byte is its class's index plus one while it is live, so one
//! load tells whether a pointer starts a live allocation, and of which size.

use super::arena::{Arena, NONE, Page, Use};
use super::classes::Class;
use super::misuse::{Misuse, end_process};
use super::stack::Stack;
use super::states::{self, CACHED, FREE};
use std::ops::Range;
use std::sync::atomic::Ordering;

impl Arena {
    /// Takes up to `most` free slots from spans that have some, marked with `state`; each
    /// one's place is handed to `found`.
    pub(super) fn take_slots(
        &mut self,
        class: Class,
        state: u8,
        most: usize,
        mut found: impl FnMut(usize),
    ) {
        let mut missing = most;
        while missing > 0 && self.partial[class.index()] != NONE {
            let head = self.partial[class.index()] as usize;
            let (slots, first) = (self.shape(class).slots, self.first_place(class, head));
            let page = &mut self.pages[head];
            let hint = usize::from(page.hint);
            let row = &self.states.row(class)[first..first + usize::from(slots) * class.step()];
            for (place, slot) in (hint..row.len()).zip(&row[hint..]).step_by(class.step()) {
                if slot.load(Ordering::Relaxed) != FREE {
                    continue;
                }
                slot.store(state, Ordering::Relaxed);
                found(first + place);
                page.live += 1;
                page.hint = narrow(place + class.step());
                missing -= 1;
                if missing == 0 {
                    break;
                }
            }
            if page.live == slots {
                self.unlink(class, head);
            }
        }
    }

    /// Whether a span has a free slot.
    pub(super) fn has_slot(&self, class: Class) -> bool {
        self.partial[class.index()] != NONE
    }

    /// Makes as many free pages from `start` as the class needs a span.
    pub(super) fn make_span(&mut self, class: Class, start: usize) {
        self.take(start, self.shape(class).pages, Use::SpanHead, Use::SpanTail);
        self.pages[start].class = class.number();
        self.link(class, start);
    }

    /// Marks the slot at `offset` free again. Its bytes are zero. The span's pages become
    /// free with its last slot.
    pub(super) fn put_slot_back(&mut self, class: Class, offset: usize) {
        let head = self.head_of(self.page_of(offset));
        if let Some(place) = states::place(class, offset) {
            self.put_back_in(class, head, [place].into_iter());
        }
    }

    /// As [`Arena::put_slot_back`], for many. Neighbours in `places` that lie in one span
    /// cost one look at its bookkeeping.
    pub(super) fn put_slots_back(&mut self, class: Class, places: &[u32]) {
        let mut rest = places;
        while let Some(&first) = rest.first() {
            let head = self.head_of(self.page_of(states::offset(class, first as usize)));
            let span = self.places(class, head);
            let is_here = |place: &&u32| span.contains(&(**place as usize));
            let (here, others) = rest.split_at(rest.iter().take_while(is_here).count());
            self.put_back_in(class, head, here.iter().map(|&place| place as usize));
            rest = others;
        }
    }

    /// Puts back what waits for threads.
    pub(super) fn empty_depot(&mut self) {
        let mut some = Stack::<64>::new();
        for class in (0..).map_while(Class::from_index) {
            while self.depot.has(class) {
                self.depot.give(class, 64, &mut some);
                self.put_slots_back(class, some.slots());
                some.forget_oldest(some.len());
            }
        }
    }

    /// Marks slots of one span free again.
    #[inline]
    fn put_back_in(
        &mut self,
        class: Class,
        head: usize,
        places: impl ExactSizeIterator<Item = usize>,
    ) {
        let (shape, first) = (self.shape(class), self.first_place(class, head));
        let row = self.states.row(class);
        let count = narrow(places.len());
        let lowest = places.fold(usize::MAX, |lowest, place| {
            row[place].store(FREE, Ordering::Relaxed);
            lowest.min(place)
        });
        let page = &mut self.pages[head];
        let was_full = page.live == shape.slots;
        page.live -= count;
        page.hint = page.hint.min(narrow(lowest - first));
        let is_empty = page.live == 0;
        if was_full {
            self.link(class, head);
        }
        if is_empty {
            self.unlink(class, head);
            self.put_back(head, shape.pages);
        }
    }

    /// Live allocations, and their bytes.
    pub(super) fn usage(&self) -> (usize, usize) {
        let heads = self.ever_committed().iter().enumerate();
        let each = heads.filter_map(|(head, page)| match page.used_for {
            Use::RunHead => Some((1, self.offset(page.extent as usize))),
            Use::SpanHead => {
                let class = Class::from_index(page.class)?;
                let live = usize::from(page.live) - self.cached(head, class);
                Some((live, live * class.size()))
            }
            _ => None,
        });
        each.fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1))
    }

    /// Free slots, those in threads' caches included, and free pages.
    pub(super) fn free_chunks(&self) -> usize {
        let heads = self.ever_committed().iter().enumerate();
        let each = heads.filter_map(|(head, page)| match page.used_for {
            Use::SpanHead => {
                let class = Class::from_index(page.class)?;
                let free = self.shape(class).slots - page.live;
                Some(usize::from(free) + self.cached(head, class))
            }
            _ => None,
        });
        self.free + each.sum::<usize>()
    }

    /// Slots of a span that lie in threads' caches.
    fn cached(&self, head: usize, class: Class) -> usize {
        let slots = usize::from(self.shape(class).slots);
        (0..slots)
            .map(|slot| self.offset(head) + slot * class.size())
            .filter(|&offset| self.states.get(class, offset) & CACHED != 0)
            .count()
    }

    /// Ends the process: nothing live starts at `offset`.
    pub(super) fn refuse(&self, offset: usize) -> ! {
        let index = self.page_of(offset);
        let page = &self.pages[index];
        let misuse = match page.used_for {
            Use::Reserved | Use::Free => Misuse::DoubleFree,
            Use::RunHead if offset == self.offset(index) => Misuse::DoubleFree,
            Use::RunHead | Use::RunTail => Misuse::InteriorPointer,
            Use::SpanHead | Use::SpanTail => {
                let head = self.head_of(index);
                let size = Class::from_index(self.pages[head].class).map_or(1, Class::size);
                if (offset - self.offset(head)) % size == 0 {
                    Misuse::DoubleFree
                } else {
                    Misuse::InteriorPointer
                }
            }
        };
        end_process(misuse)
    }

    /// The head of the span that `page` belongs to.
    pub(super) fn head_of(&self, page: usize) -> usize {
        match self.pages[page].used_for {
            Use::SpanTail | Use::RunTail => page - self.pages[page].extent as usize,
            _ => page,
        }
    }

    /// Where the first slot of a span is.
    fn first_place(&self, class: Class, head: usize) -> usize {
        self.offset(head) / states::offset(class, 1)
    }

    /// The places of a span.
    fn places(&self, class: Class, head: usize) -> Range<usize> {
        let first = self.first_place(class, head);
        first..first + usize::from(self.shape(class).slots) * class.step()
    }

    fn link(&mut self, class: Class, head: usize) {
        let first = self.partial[class.index()];
        (self.pages[head].previous, self.pages[head].next) = (NONE, first);
        if first != NONE {
            self.pages[first as usize].previous = index(head);
        }
        self.partial[class.index()] = index(head);
    }

    fn unlink(&mut self, class: Class, head: usize) {
        let Page { previous, next, .. } = self.pages[head];
        match previous {
            NONE => self.partial[class.index()] = next,
            previous => self.pages[previous as usize].next = next,
        }
        if next != NONE {
            self.pages[next as usize].previous = previous;
        }
    }
}

/// A span has at most 8 pages of 64 KiB / 16 B places, and its last slot is
/// larger than what exceeds: fits.
fn narrow(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// Arenas have fewer than `NONE` pages (see `config`): fits.
fn index(page: usize) -> u32 {
    u32::try_from(page).unwrap_or(NONE)
}
