//! One mapping goes elsewhere: what `mremap` does once it has checked everything.
//!
//! Source: `mm/mremap.c:move_vma`.

use super::case::Case;
use super::map::HUGE_PAGE;
use super::mapping::{Mapping, Residency, count};
use super::rule::Rule;
use super::space::AddressSpace;
use super::words::{Errno, Lock};
use std::ops::Range;

/// Either the contract does not determine the outcome, or the call fails.
pub(super) enum Stop {
    Undetermined(&'static str),
    Error(Errno),
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        Self::Error(errno)
    }
}

/// One mapping's share of a call, in pages.
pub(super) struct Move {
    pub(super) old: Range<u64>,
    pub(super) new_pages: u64,
    pub(super) target: u64,
    pub(super) leave: bool,
}

impl AddressSpace {
    /// `move_vma`: copies one mapping, then unmaps or empties the old one.
    pub(super) fn move_one(&mut self, step: &Move) -> Result<(), Stop> {
        let whole = self.find(step.old.start).ok_or(Errno::Efault)?;
        let locked = self.mappings[whole].lock.is_locked();
        if step.leave && locked {
            self.check_left(whole, step)?;
        }
        let copy = self.copy_of(step);
        if copy.lock.is_locked() {
            self.note(Case::MoveKeptLock);
        }
        if step.leave {
            self.leave_behind(whole, step);
        } else {
            self.remove(&step.old);
        }
        let charge = self.locked_vm;
        self.insert(copy);
        if step.leave && locked && !self.holds(Rule::DontUnmapChargesTwice) {
            self.locked_vm = charge;
        }
        Ok(())
    }

    /// What stays behind is unlocked as far as the kernel's mapping reaches; it
    /// may even be merged with what moved, if that lies beside it.
    fn check_left(&self, index: usize, step: &Move) -> Result<(), Stop> {
        if !self.holds(Rule::DontUnmapUnlocksRest) {
            return Ok(());
        }
        let whole = self.bounds(index)?;
        let beside = step.target == whole.end || step.target + step.new_pages == whole.start;
        if beside {
            return Err(Stop::Undetermined(
                "the copy may be merged with the original",
            ));
        }
        Ok(())
    }

    fn copy_of(&mut self, step: &Move) -> Mapping {
        let inside = self.carve(&step.old);
        let mut copy = self.mappings[inside.start].clone();
        copy.start = step.target;
        copy.pages = step.new_pages;
        if !copy.residency.is_empty() {
            copy.residency
                .resize(count(step.new_pages), Residency::Absent);
        }
        if !self.holds(Rule::MoveKeepsLock) {
            copy.lock = Lock::Unlocked;
        }
        copy
    }

    /// `MREMAP_DONTUNMAP`: the old mapping keeps its place and loses its pages
    /// and, as a whole, its lock.
    fn leave_behind(&mut self, whole: usize, step: &Move) {
        let mut all = step.old.clone();
        if self.holds(Rule::DontUnmapUnlocksRest) {
            let joined = self.mappings[whole + 1..].iter().take_while(|m| m.joined);
            all = self.mappings[whole].start..self.mappings[whole + joined.count()].end();
        }
        for index in self.carve(&step.old) {
            self.mappings[index].residency.fill(Residency::Absent);
        }
        for index in self.touching(&all) {
            if self.mappings[index].lock.is_locked() && self.holds(Rule::DontUnmapUnlocks) {
                self.mappings[index].lock = Lock::Unlocked;
                self.parted(index);
                self.note(Case::LeftBehindUnlocked);
                if self.holds(Rule::DontUnmapChargesTwice) {
                    self.note(Case::ChargeLeaked);
                }
            }
        }
    }

    /// The mapping as the kernel holds it; undetermined where it may have been
    /// merged with a neighbour.
    pub(super) fn bounds(&self, index: usize) -> Result<Range<u64>, Stop> {
        let this = &self.mappings[index];
        let before = index.checked_sub(1).map(|i| &self.mappings[i]);
        let after = self.mappings.get(index + 1);
        let open = before.is_some_and(|m| m.may_be_one_with(this))
            || after.is_some_and(|m| this.may_be_one_with(m));
        if open {
            return Err(Stop::Undetermined("two mappings may have been merged"));
        }
        Ok(this.start..this.end())
    }

    /// Unmaps, as `do_munmap` does.
    pub(super) fn clear(&mut self, pages: &Range<u64>) -> Result<(), Errno> {
        debug_assert!(HUGE_PAGE % self.page_size == 0);
        if self.cuts_huge_page(pages) {
            return Err(Errno::Einval);
        }
        self.remove(pages);
        Ok(())
    }
}
