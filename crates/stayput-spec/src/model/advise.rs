//! `madvise`, as far as locking matters to it.
//!
//! Source: `mm/madvise.c`.

use super::case::Case;
use super::map::HUGE_PAGE;
use super::mapping::Residency;
use super::outcome::Outcome;
use super::rule::Rule;
use super::space::AddressSpace;
use super::words::{Advice, Errno, Kind};
use std::ops::Range;

impl AddressSpace {
    /// `madvise(addr, len, advice)`.
    pub fn madvise(&mut self, addr: u64, len: u64, advice: Advice) -> Outcome {
        let result = self.advise(addr, len, advice);
        self.finish(result)
    }

    fn advise(&mut self, addr: u64, len: u64, advice: Advice) -> Result<u64, Errno> {
        let rounded = self.page_align(len);
        let wraps = len != 0 && rounded == 0;
        if self.offset_in_page(addr) != 0 || wraps || addr.checked_add(rounded).is_none() {
            return Err(Errno::Einval);
        }
        let pages = self.page(addr)..self.page(addr) + self.pages(rounded);
        match advice {
            Advice::PopulateRead => self.touch(&pages, false),
            Advice::PopulateWrite => self.touch(&pages, true),
            _ => self.advise_each(&pages, advice),
        }
    }

    /// Goes on past holes, stops at the first mapping that refuses.
    fn advise_each(&mut self, pages: &Range<u64>, advice: Advice) -> Result<u64, Errno> {
        let gap = self.first_gap(pages);
        let mut advised = false;
        for index in self.touching(pages) {
            let mapping = &self.mappings[index];
            let part = mapping.start.max(pages.start)..mapping.end().min(pages.end);
            let past_hole = gap.is_some_and(|gap| part.start > gap);
            if past_hole && !self.holds(Rule::AdvicePassesHoles) {
                break;
            }
            if self.refuses(index, &part, advice) {
                if advised && self.mappings[index].lock.is_locked() {
                    self.note(Case::AdvisedBeforeRefusal);
                }
                return Err(Errno::Einval);
            }
            if past_hole {
                self.note(Case::AdvisedPastHole);
            }
            self.take_advice(index, &part, advice);
            advised = true;
        }
        match gap {
            Some(_) => Err(Errno::Enomem),
            None => Ok(0),
        }
    }

    fn refuses(&self, index: usize, part: &Range<u64>, advice: Advice) -> bool {
        let mapping = &self.mappings[index];
        let locked = mapping.lock.is_locked();
        let drop_refused = locked && self.holds(Rule::DropRefusedWhereLocked);
        match (advice, mapping.kind) {
            (Advice::DontNeed | Advice::DontNeedLocked, Kind::HugeTlb) => {
                part.start % (HUGE_PAGE / self.page_size) != 0
            }
            (_, Kind::HugeTlb | Kind::Special) => true,
            (Advice::DontNeed, _) => drop_refused,
            (Advice::Free, Kind::Anonymous | Kind::Droppable) => drop_refused,
            (Advice::Free, _) => true,
            (Advice::DontNeedLocked, _) => locked && !self.holds(Rule::DontNeedLockedDrops),
            _ => locked && self.holds(Rule::ReclaimRefusedWhereLocked),
        }
    }

    fn take_advice(&mut self, index: usize, part: &Range<u64>, advice: Advice) {
        let locked = self.mappings[index].lock.is_locked();
        if advice == Advice::DontNeedLocked && locked {
            self.note(Case::DroppedThoughLocked);
        }
        for page in part.clone() {
            match advice {
                Advice::DontNeed | Advice::DontNeedLocked => self.zap(index, page),
                Advice::Free => self.doubt(index, page),
                // Without swap anonymous pages stay; with it they go.
                Advice::PageOut => self.doubt(index, page),
                _ => {}
            }
        }
    }

    /// Drops an anonymous page; the page cache keeps a file's.
    fn zap(&mut self, index: usize, page: u64) {
        let mapping = &mut self.mappings[index];
        if let Ok(at) = usize::try_from(page - mapping.start) {
            if let Some(slot) = mapping.residency.get_mut(at) {
                *slot = Residency::Absent;
            }
        }
    }

    /// From here on the page may go at any time.
    fn doubt(&mut self, index: usize, page: u64) {
        let mapping = &mut self.mappings[index];
        let at = page - mapping.start;
        let slot = match mapping.kind {
            Kind::File { file, offset, .. } => usize::try_from(offset + at)
                .ok()
                .and_then(|at| self.files[file.0].get_mut(at)),
            _ => usize::try_from(at)
                .ok()
                .and_then(|at| mapping.residency.get_mut(at)),
        };
        if let Some(slot) = slot {
            if *slot != Residency::Absent {
                *slot = Residency::Unknown;
            }
        }
    }

    /// `MADV_POPULATE_READ` and `_WRITE`: page by page, up to the first failure.
    fn touch(&mut self, pages: &Range<u64>, write: bool) -> Result<u64, Errno> {
        let mut result = Ok(0);
        for page in pages.clone() {
            let Some(index) = self.find(page) else {
                result = Err(Errno::Enomem);
                if self.holds(Rule::PopulateStopsAtHole) {
                    break;
                }
                continue;
            };
            let mapping = &self.mappings[index];
            if !Self::may_touch(mapping.kind, mapping.protection, write) {
                return Err(Errno::Einval);
            }
            if self.refusal(index, page).is_some() {
                return Err(Errno::Efault);
            }
            self.bring_in(index, page, write);
        }
        result
    }
}
