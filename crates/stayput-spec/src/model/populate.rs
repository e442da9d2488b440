//! Bringing pages in: `__mm_populate` and the faults behind it.
//!
//! Source: `mm/gup.c`.

use super::case::Case;
use super::mapping::{Residency, count};
use super::rule::Rule;
use super::space::AddressSpace;
use super::words::{Errno, Kind, Lock, Protection};
use std::ops::Range;

/// What `__mm_populate` does at the first page that can't be brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnFailure {
    /// Gives up: `mlock`.
    Stop,
    /// Goes on with the next mapping: `mlockall`, `mmap`, `mremap`.
    NextMapping,
}

/// Why a page can't be brought in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    Unreadable,
    BeyondEnd,
    Secret,
    Huge,
}

impl AddressSpace {
    /// Populates what `pages` covers, holes passed over. `ENOMEM` tells that
    /// some page could not be brought in, whatever was done then.
    pub(super) fn populate(
        &mut self,
        pages: &Range<u64>,
        on_failure: OnFailure,
    ) -> Result<(), Errno> {
        let mut result = Ok(());
        for index in self.touching(pages) {
            let mapping = &self.mappings[index];
            let part = mapping.start.max(pages.start)..mapping.end().min(pages.end);
            if self.populate_run(index, part).is_err() {
                result = Err(Errno::Enomem);
                if on_failure == OnFailure::Stop {
                    break;
                }
            }
        }
        result
    }

    fn populate_run(&mut self, index: usize, part: Range<u64>) -> Result<(), Refusal> {
        let mapping = &self.mappings[index];
        if matches!(mapping.kind, Kind::Special) {
            return Ok(());
        }
        if mapping.lock == Lock::OnFault && self.holds(Rule::OnFaultDefers) {
            if self.refusal(index, part.start).is_some() {
                self.note(Case::OnFaultHidesFailure);
            }
            return Ok(());
        }
        let first = part.start;
        let write = mapping.protection.write && !mapping.kind.is_shared();
        for page in part {
            if let Some(refusal) = self.refusal(index, page) {
                self.note_refusal(index, refusal);
                if page > first {
                    self.note(Case::PopulatedBeforeFailure);
                }
                return Err(refusal);
            }
            self.bring_in(index, page, write);
        }
        Ok(())
    }

    /// Whether a fault on `page` of the run would fail.
    pub(super) fn refusal(&self, index: usize, page: u64) -> Option<Refusal> {
        let mapping = &self.mappings[index];
        if !mapping.protection.accessible() && self.holds(Rule::UnreadableFails) {
            return Some(Refusal::Unreadable);
        }
        match mapping.kind {
            Kind::HugeTlb => Some(Refusal::Huge),
            Kind::Secret { .. } => self
                .holds(Rule::SecretNotPopulated)
                .then_some(Refusal::Secret),
            Kind::File { file, offset, .. } => {
                let end = self.files[file.0].len() as u64;
                let beyond = offset + (page - mapping.start) >= end;
                (beyond && self.holds(Rule::BeyondEndFails)).then_some(Refusal::BeyondEnd)
            }
            _ => None,
        }
    }

    /// Marks one page as faulted in.
    pub(super) fn bring_in(&mut self, index: usize, page: u64, write: bool) {
        let mapping = &mut self.mappings[index];
        let at = page - mapping.start;
        let slot = match mapping.kind {
            Kind::Anonymous | Kind::Droppable => mapping.residency.get_mut(count(at)),
            Kind::File { file, offset, .. } | Kind::Secret { file, offset } => {
                self.files[file.0].get_mut(count(offset + at))
            }
            _ => None,
        };
        let Some(slot) = slot else { return };
        if write {
            *slot = Residency::Written;
        } else if *slot != Residency::Written {
            *slot = Residency::Read;
        }
    }

    /// Whether `madvise(MADV_POPULATE_*)` may fault on such a mapping at all.
    pub(super) const fn may_touch(kind: Kind, protection: Protection, write: bool) -> bool {
        let allowed = if write {
            protection.write
        } else {
            protection.read
        };
        allowed && !matches!(kind, Kind::Secret { .. } | Kind::Special)
    }

    fn note_refusal(&mut self, index: usize, refusal: Refusal) {
        let locked = self.mappings[index].lock.is_locked();
        match refusal {
            Refusal::Unreadable if locked => self.note(Case::UnreadableFlagged),
            Refusal::BeyondEnd if locked => self.note(Case::BeyondEndFlagged),
            Refusal::Secret => self.note(Case::SecretRefused),
            _ => {}
        }
    }
}
