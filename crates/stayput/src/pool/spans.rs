//! Slots: small allocations, many to a page.
//!
//! A slot's state byte is its class's index plus one while it is live, so one
//! load tells whether a pointer starts a live allocation, and of which size.

use super::arena::{Arena, NONE, Page, Use};
use super::classes::{Class, GRANULE};
use super::misuse::{Misuse, end_process};
use stayput_sys::page_size;

impl Arena {
    /// A free slot of a span that has one, marked live.
    pub(super) fn take_slot(&mut self, class: Class) -> Option<usize> {
        let head = self.partial[usize::from(class.index())];
        if head == NONE {
            return None;
        }
        let head = head as usize;
        let slots = slots(class);
        let base = self.address(head) - self.data().start();
        let first = usize::from(self.pages[head].hint);
        let state = |slot: usize| (base + slot * class.size()) / GRANULE;
        let slot = (first..slots).find(|&slot| self.states[state(slot)] == 0)?;
        self.states[state(slot)] = class.index() + 1;
        let page = &mut self.pages[head];
        page.live += 1;
        page.hint = narrow(slot + 1);
        if usize::from(page.live) == slots {
            self.unlink(class, head);
        }
        Some(self.data().start() + base + slot * class.size())
    }

    /// Makes `class.span_pages()` free pages from `start` a span.
    pub(super) fn make_span(&mut self, class: Class, start: usize) {
        self.take(start, class.span_pages(), Use::SpanHead, Use::SpanTail);
        self.pages[start].class = class.index();
        self.link(class, start);
    }

    /// Marks the slot at `offset` free again. Its bytes are zero. The span's
    /// pages become free with its last slot.
    pub(super) fn put_slot_back(&mut self, class: Class, offset: usize) {
        self.states[offset / GRANULE] = 0;
        let head = self.head_of(offset / page_size());
        let slot = (offset - head * page_size()) / class.size();
        let page = &mut self.pages[head];
        let was_full = usize::from(page.live) == slots(class);
        page.live -= 1;
        page.hint = page.hint.min(narrow(slot));
        let is_empty = page.live == 0;
        if was_full {
            self.link(class, head);
        }
        if is_empty {
            self.unlink(class, head);
            self.put_back(head, class.span_pages());
        }
    }

    /// Free slots in spans that have some.
    pub(super) fn free_slots(&self) -> usize {
        self.ever_committed()
            .iter()
            .filter(|page| page.used_for == Use::SpanHead)
            .filter_map(|page| {
                Class::from_index(page.class).map(|class| slots(class) - usize::from(page.live))
            })
            .sum()
    }

    /// Ends the process: nothing live starts at `offset`.
    pub(super) fn refuse(&self, offset: usize) -> ! {
        let index = offset / page_size();
        let page = &self.pages[index];
        let misuse = match page.used_for {
            Use::Reserved | Use::Free => Misuse::DoubleFree,
            Use::RunHead if offset % page_size() == 0 => Misuse::DoubleFree,
            Use::RunHead | Use::RunTail => Misuse::InteriorPointer,
            Use::SpanHead | Use::SpanTail => {
                let head = self.head_of(index);
                let size = Class::from_index(self.pages[head].class).map_or(1, Class::size);
                if (offset - head * page_size()) % size == 0 {
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
        let first = self.partial[usize::from(class.index())];
        (self.pages[head].previous, self.pages[head].next) = (NONE, first);
        if first != NONE {
            self.pages[first as usize].previous = index(head);
        }
        self.partial[usize::from(class.index())] = index(head);
    }

    fn unlink(&mut self, class: Class, head: usize) {
        let Page { previous, next, .. } = self.pages[head];
        match previous {
            NONE => self.partial[usize::from(class.index())] = next,
            previous => self.pages[previous as usize].next = next,
        }
        if next != NONE {
            self.pages[next as usize].previous = previous;
        }
    }
}

/// Slots in one span.
fn slots(class: Class) -> usize {
    class.span_pages() * page_size() / class.size()
}

/// A span has at most 64 KiB / 16 B slots with 64 KiB pages: fits.
fn narrow(slot: usize) -> u16 {
    u16::try_from(slot).unwrap_or(u16::MAX)
}

/// Arenas have fewer than `NONE` pages (see `config`): fits.
fn index(page: usize) -> u32 {
    u32::try_from(page).unwrap_or(NONE)
}
