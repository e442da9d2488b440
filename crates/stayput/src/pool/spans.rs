//! Slots: small allocations, many to a page.
//!
//! A slot's state byte is its class's index plus one while it is live, so one
//! load tells whether a pointer starts a live allocation, and of which size.

use super::arena::{Arena, NONE, Page, Use};
use super::classes::{Class, GRANULE};
use super::misuse::{Misuse, end_process};
use super::states::{CACHED, FREE};

impl Arena {
    /// A free slot of a span that has one, marked with `state`.
    pub(super) fn take_slot(&mut self, class: Class, state: u8) -> Option<usize> {
        let head = self.partial[class.index()];
        if head == NONE {
            return None;
        }
        let head = head as usize;
        let slots = self.shape(class).slots;
        let base = self.address(head) - self.data().start();
        let step = class.granules();
        let granule = (usize::from(self.pages[head].hint)..usize::from(slots) * step)
            .step_by(step)
            .find(|granule| self.states.get(class, base + granule * GRANULE) == FREE)?;
        let offset = base + granule * GRANULE;
        self.states.set(class, offset, state);
        let page = &mut self.pages[head];
        page.live += 1;
        page.hint = narrow(granule + step);
        if page.live == slots {
            self.unlink(class, head);
        }
        Some(self.data().start() + offset)
    }

    /// Makes as many free pages from `start` as the class needs a span.
    pub(super) fn make_span(&mut self, class: Class, start: usize) {
        self.take(start, self.shape(class).pages, Use::SpanHead, Use::SpanTail);
        self.pages[start].class = class.number();
        self.link(class, start);
    }

    /// Marks the slot at `offset` free again. Its bytes are zero. The span's
    /// pages become free with its last slot.
    pub(super) fn put_slot_back(&mut self, class: Class, offset: usize) {
        self.states.set(class, offset, FREE);
        let head = self.head_of(self.page_of(offset));
        let granule = (offset - self.offset(head)) / GRANULE;
        let shape = self.shape(class);
        let page = &mut self.pages[head];
        let was_full = page.live == shape.slots;
        page.live -= 1;
        page.hint = page.hint.min(narrow(granule));
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

/// A span has at most 8 pages of 64 KiB / 16 B granules, and its last slot is
/// larger than what exceeds: fits.
fn narrow(granule: usize) -> u16 {
    u16::try_from(granule).unwrap_or(u16::MAX)
}

/// Arenas have fewer than `NONE` pages (see `config`): fits.
fn index(page: usize) -> u32 {
    u32::try_from(page).unwrap_or(NONE)
}
