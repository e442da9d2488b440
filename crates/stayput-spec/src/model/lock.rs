//! `mlock`, `mlock2`, `munlock`, `mlockall`, `munlockall`.
//!
//! Source: `mm/mlock.c`.

use super::case::Case;
use super::outcome::Outcome;
use super::populate::OnFailure;
use super::rule::Rule;
use super::space::AddressSpace;
use super::words::{Errno, Kind, Lock, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT};
use std::ops::Range;

impl AddressSpace {
    /// `mlock(addr, len)`: `mlock2` with flags 0.
    pub fn mlock(&mut self, addr: u64, len: u64) -> Outcome {
        let result = self.lock_range(addr, len, Lock::Locked);
        self.finish(result)
    }

    /// `mlock2(addr, len, flags)`.
    pub fn mlock2(&mut self, addr: u64, len: u64, flags: u32) -> Outcome {
        let lock = if flags & MLOCK_ONFAULT == 0 {
            Lock::Locked
        } else {
            Lock::OnFault
        };
        let result = self
            .permitted_with(flags & !MLOCK_ONFAULT == 0)
            .and_then(|()| self.lock_range(addr, len, lock));
        self.finish(result)
    }

    /// `munlock(addr, len)`.
    pub fn munlock(&mut self, addr: u64, len: u64) -> Outcome {
        let free = self.holds(Rule::UnlockingIsFree) || self.can_lock();
        let result = if free {
            let (start, len) = self.covered(addr, len);
            self.apply_flags(start, len, Lock::Unlocked).map(|()| 0)
        } else {
            Err(Errno::Eperm)
        };
        self.finish(result)
    }

    /// `mlockall(flags)`.
    pub fn mlockall(&mut self, flags: u32) -> Outcome {
        let known = flags & !(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
        let result = self
            .permitted_with(known && flags & !MCL_ONFAULT != 0)
            .and_then(|()| self.lock_all(flags));
        self.finish(result)
    }

    /// `munlockall()`.
    pub fn munlockall(&mut self) -> Outcome {
        if self.holds(Rule::UnlockAllEndsFuture) {
            self.future = Lock::Unlocked;
        }
        self.flag_everything(Lock::Unlocked);
        self.finish(Ok(0))
    }

    /// `can_do_mlock`.
    pub(super) fn can_lock(&self) -> bool {
        self.lifted() || self.limit.soft != 0 || !self.holds(Rule::EpermAtLimitZero)
    }

    /// `mlock_future_ok`, for `pages` more.
    pub(super) fn fits(&self, pages: u64) -> bool {
        self.lifted() || self.locked_vm.saturating_add(pages) <= self.limit_pages()
    }

    fn lifted(&self) -> bool {
        self.capability && self.holds(Rule::CapabilityLiftsLimit)
    }

    fn limit_pages(&self) -> u64 {
        let extra = if self.holds(Rule::LimitRoundsDown) {
            0
        } else {
            self.page_size - 1
        };
        self.limit.soft.saturating_add(extra) / self.page_size
    }

    /// Flags and permission, in the order in which they are looked at.
    fn permitted_with(&self, flags_known: bool) -> Result<(), Errno> {
        if self.can_lock() || (!flags_known && self.holds(Rule::FlagsBeforePermission)) {
            if flags_known {
                Ok(())
            } else {
                Err(Errno::Einval)
            }
        } else {
            Err(Errno::Eperm)
        }
    }

    /// The start page and the page count that a call covers. The rounded length
    /// may have wrapped, and may reach past the address space.
    fn covered(&self, addr: u64, len: u64) -> (u64, u64) {
        let offset = self.offset_in_page(addr);
        if len == 0 && !self.holds(Rule::ZeroLengthCoversPage) {
            return (self.page(addr), 0);
        }
        let rounded = self.page_align(len.wrapping_add(offset));
        if rounded == 0 && len != 0 && !self.holds(Rule::LengthWraps) {
            return (self.page(addr), u64::MAX / self.page_size);
        }
        (self.page(addr), rounded / self.page_size)
    }

    fn lock_range(&mut self, addr: u64, len: u64, lock: Lock) -> Result<u64, Errno> {
        if !self.can_lock() {
            return Err(Errno::Eperm);
        }
        let (start, pages) = self.covered(addr, len);
        if !self.lifted() {
            self.check_limit(start, pages)?;
        }
        self.apply_flags(start, pages, lock)?;
        if pages == 0 && len != 0 {
            self.note(Case::LengthWrapped);
        }
        if pages == 1 && len == 0 {
            self.note(Case::ZeroLengthLocked);
        }
        if self.holds(Rule::LockPopulates) {
            self.populate(&(start..start + pages), OnFailure::Stop)?;
        }
        Ok(0)
    }

    /// `do_mlock`'s comparison: locked pages that the range covers count once.
    fn check_limit(&mut self, start: u64, pages: u64) -> Result<(), Errno> {
        let wanted = self.locked_vm.saturating_add(pages);
        let limit = self.limit_pages();
        if wanted <= limit {
            return Ok(());
        }
        let overlap = self.locked_in(&(start..start.saturating_add(pages)));
        let charged = if self.holds(Rule::OverlapNotCharged) {
            wanted.saturating_sub(overlap)
        } else {
            wanted
        };
        if charged <= limit {
            self.note(Case::OverlapNotCharged);
            return Ok(());
        }
        let nothing_new = pages > 0 && overlap == pages;
        if nothing_new {
            if !self.holds(Rule::OverLimitRefusesRelock) {
                return Ok(());
            }
            self.note(Case::RelockRefused);
        }
        Err(Errno::Enomem)
    }

    fn locked_in(&self, pages: &Range<u64>) -> u64 {
        self.mappings[self.touching(pages)]
            .iter()
            .filter(|m| m.lock.is_locked())
            .map(|m| m.end().min(pages.end) - m.start.max(pages.start))
            .sum()
    }

    /// `apply_vma_lock_flags`: up to the first hole.
    fn apply_flags(&mut self, start: u64, pages: u64, lock: Lock) -> Result<(), Errno> {
        let end_of_space = u64::MAX / self.page_size;
        let end = start.saturating_add(pages);
        if end > end_of_space {
            return Err(Errno::Einval);
        }
        let gap = self.first_gap(&(start..end));
        let flagged = start..gap.unwrap_or(end);
        if gap.is_none() || self.holds(Rule::HoleKeepsEarlierLocks) {
            for index in self.carve(&flagged) {
                self.flag(index, lock);
            }
        }
        if gap.is_none() {
            return Ok(());
        }
        if !flagged.is_empty() {
            self.note(if lock.is_locked() {
                Case::LockedBeforeHole
            } else {
                Case::UnlockedBeforeHole
            });
        }
        Err(Errno::Enomem)
    }

    /// The first page of `pages` that nothing maps.
    pub(super) fn first_gap(&self, pages: &Range<u64>) -> Option<u64> {
        let mut next = pages.start;
        for mapping in &self.mappings[self.touching(pages)] {
            if mapping.start > next {
                break;
            }
            next = mapping.end();
        }
        (next < pages.end).then_some(next)
    }

    /// `mlock_fixup`: flags and charges one run, unless it is of a kind that is
    /// never flagged.
    fn flag(&mut self, index: usize, lock: Lock) {
        let mut lock = lock;
        let (kind, old, pages) = {
            let mapping = &self.mappings[index];
            (mapping.kind, mapping.lock, mapping.pages)
        };
        if !self.may_flag(kind, lock) {
            return;
        }
        if old == Lock::OnFault && lock == Lock::Locked && !self.holds(Rule::PlainLockClearsOnFault)
        {
            lock = old;
        }
        if old == lock {
            return;
        }
        if lock.is_locked() && !old.is_locked() {
            if !self.mappings[index].protection.accessible()
                && !self.holds(Rule::UnreadableIsFlagged)
            {
                return;
            }
            self.locked_vm += pages;
        } else if old.is_locked() && !lock.is_locked() {
            self.locked_vm = self.locked_vm.saturating_sub(pages);
        } else if lock == Lock::OnFault {
            self.note(Case::BecameOnFault);
        } else {
            self.note(Case::BecameLocked);
        }
        self.mappings[index].lock = lock;
        self.parted(index);
    }

    fn may_flag(&mut self, kind: Kind, lock: Lock) -> bool {
        let (rule, case) = match kind {
            Kind::HugeTlb => (Rule::HugeNeverFlagged, Case::HugeSkipped),
            Kind::Special => (Rule::SpecialNeverFlagged, Case::SpecialSkipped),
            Kind::Droppable => (Rule::DroppableNeverFlagged, Case::DroppableSkipped),
            Kind::Secret { .. } => (Rule::SecretLockStays, Case::SecretStaysLocked),
            Kind::Anonymous | Kind::File { .. } | Kind::Existing => return true,
        };
        let secret = case == Case::SecretStaysLocked;
        if self.holds(rule) && secret != lock.is_locked() {
            self.note(case);
        }
        !self.holds(rule)
    }

    fn lock_all(&mut self, flags: u32) -> Result<u64, Errno> {
        let current = flags & MCL_CURRENT != 0;
        let compared = if self.holds(Rule::LockAllComparesTotal) {
            self.total_pages()
        } else {
            self.locked_vm
        };
        if current && !self.lifted() && compared > self.limit_pages() {
            return Err(Errno::Enomem);
        }
        let lock = if flags & MCL_ONFAULT == 0 {
            Lock::Locked
        } else {
            Lock::OnFault
        };
        if flags & MCL_FUTURE != 0 {
            self.future = lock;
        } else if self.holds(Rule::LockAllReplacesFuture) {
            if self.future.is_locked() {
                self.note(Case::CurrentEndedFuture);
            }
            self.future = Lock::Unlocked;
        }
        if current {
            self.flag_everything(lock);
            self.populate_everything()?;
        }
        Ok(0)
    }

    fn flag_everything(&mut self, lock: Lock) {
        for index in 0..self.mappings.len() {
            self.flag(index, lock);
        }
    }

    fn populate_everything(&mut self) -> Result<(), Errno> {
        if !self.holds(Rule::LockPopulates) {
            return Ok(());
        }
        let all = 0..u64::MAX / self.page_size;
        let failed = self.populate(&all, OnFailure::NextMapping).is_err();
        if failed {
            self.note(Case::LockAllIgnoredErrors);
        }
        if failed && !self.holds(Rule::LockAllIgnoresErrors) {
            return Err(Errno::Enomem);
        }
        Ok(())
    }
}
