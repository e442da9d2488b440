//! `mmap` and `munmap`.
//!
//! Source: `mm/mmap.c`, `mm/vma.c`; for secret memory `mm/secretmem.c`.

use super::case::Case;
use super::mapping::Mapping;
use super::outcome::Outcome;
use super::populate::OnFailure;
use super::rule::Rule;
use super::space::AddressSpace;
use super::words::{Errno, Kind, Lock, Protection};
use std::ops::Range;

/// A huge page in bytes; there are such whatever the size of the others.
pub(super) const HUGE_PAGE: u64 = 2 << 20;

/// What becomes of pages that are in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// `MAP_FIXED`: they are unmapped.
    Fixed,
    /// `MAP_FIXED_NOREPLACE`: `EEXIST`.
    FixedNoReplace,
}

/// The arguments of `mmap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapRequest {
    /// Where.
    pub addr: u64,
    /// How many bytes.
    pub len: u64,
    /// The protection.
    pub protection: Protection,
    /// What is mapped.
    pub kind: Kind,
    /// `MAP_LOCKED`.
    pub locked: bool,
    /// What becomes of pages in the way.
    pub placement: Placement,
}

impl MapRequest {
    /// A `MAP_FIXED` mapping without `MAP_LOCKED`.
    #[must_use]
    pub const fn new(addr: u64, len: u64, protection: Protection, kind: Kind) -> Self {
        Self {
            addr,
            len,
            protection,
            kind,
            locked: false,
            placement: Placement::Fixed,
        }
    }

    /// With `MAP_LOCKED`.
    #[must_use]
    pub const fn locked(self) -> Self {
        Self {
            locked: true,
            ..self
        }
    }

    /// With `MAP_FIXED_NOREPLACE`.
    #[must_use]
    pub const fn no_replace(self) -> Self {
        Self {
            placement: Placement::FixedNoReplace,
            ..self
        }
    }
}

impl AddressSpace {
    /// `mmap` to a fixed address.
    pub fn mmap(&mut self, request: &MapRequest) -> Outcome {
        let result = self.map(request);
        self.finish(result)
    }

    /// `munmap(addr, len)`.
    pub fn munmap(&mut self, addr: u64, len: u64) -> Outcome {
        let result = self.unmap(addr, len);
        self.finish(result)
    }

    fn map(&mut self, request: &MapRequest) -> Result<u64, Errno> {
        let pages = self.place(request)?;
        let count = pages.end - pages.start;
        if request.locked && self.holds(Rule::MapLockedNeedsPermission) && !self.can_lock() {
            return Err(Errno::Eperm);
        }
        let by_default = self.future.is_locked() && self.holds(Rule::FutureLocksMappings);
        if request.locked || by_default {
            self.check_new_lock(request, &pages)?;
        }
        if request.locked && request.kind == Kind::Droppable {
            return Err(Errno::Einval);
        }
        if self.cuts_huge_page(&pages) {
            return Err(Errno::Einval);
        }
        let secret = matches!(request.kind, Kind::Secret { .. });
        if secret && self.holds(Rule::SecretChargedAtMap) && !self.fits(count) {
            self.leave_hole(&pages);
            return Err(Errno::Eagain);
        }
        self.remove(&pages);
        let mut mapping = Mapping::fresh(pages.start, count, request.protection, request.kind);
        mapping.lock = self.birth_lock(request);
        if mapping.lock.is_locked() && !request.locked && !secret {
            self.note(Case::FutureLocked);
        }
        self.insert(mapping);
        if request.locked || by_default {
            self.populate_new(request, &pages)?;
        }
        Ok(request.addr)
    }

    /// The pages that are asked for, or why there can be none.
    fn place(&self, request: &MapRequest) -> Result<Range<u64>, Errno> {
        let len = match request.kind {
            Kind::HugeTlb => request.len.next_multiple_of(HUGE_PAGE),
            _ => self.page_align(request.len),
        };
        if request.len == 0 {
            return Err(Errno::Einval);
        }
        if len == 0 || request.addr.checked_add(len).is_none() {
            return Err(Errno::Enomem);
        }
        let huge = request.kind == Kind::HugeTlb;
        if self.offset_in_page(request.addr) != 0 || (huge && request.addr % HUGE_PAGE != 0) {
            return Err(Errno::Einval);
        }
        let start = self.page(request.addr);
        let pages = start..start + self.pages(len);
        if request.placement == Placement::FixedNoReplace && !self.touching(&pages).is_empty() {
            return Err(Errno::Eexist);
        }
        Ok(pages)
    }

    /// `mlock_future_ok`: what is about to be replaced counts as well.
    fn check_new_lock(&mut self, request: &MapRequest, pages: &Range<u64>) -> Result<(), Errno> {
        let count = pages.end - pages.start;
        let replaced: u64 = self.mappings[self.touching(pages)]
            .iter()
            .filter(|m| m.lock.is_locked())
            .map(|m| m.end().min(pages.end) - m.start.max(pages.start))
            .sum();
        let fits_after = self.fits(count.saturating_sub(replaced));
        if !request.locked && !self.holds(Rule::FutureRefusesMappings) {
            return Ok(());
        }
        let fits = if self.holds(Rule::ReplacedPagesCount) {
            self.fits(count)
        } else {
            fits_after
        };
        if fits {
            return Ok(());
        }
        if fits_after {
            self.note(Case::ReplacedPagesCounted);
        }
        if !request.locked {
            self.note(Case::FutureRefused);
        }
        Err(Errno::Eagain)
    }

    /// The flags that a new mapping begins with.
    fn birth_lock(&self, request: &MapRequest) -> Lock {
        let never = match request.kind {
            Kind::HugeTlb => self.holds(Rule::HugeNeverFlagged),
            Kind::Droppable => self.holds(Rule::FutureSkipsDroppable),
            Kind::Special => self.holds(Rule::SpecialNeverFlagged),
            _ => false,
        };
        if never {
            return Lock::Unlocked;
        }
        if self.future.is_locked() && self.holds(Rule::FutureLocksMappings) {
            return self.future;
        }
        let secret = matches!(request.kind, Kind::Secret { .. });
        if request.locked || (secret && self.holds(Rule::SecretBornLocked)) {
            Lock::Locked
        } else {
            Lock::Unlocked
        }
    }

    fn populate_new(&mut self, request: &MapRequest, pages: &Range<u64>) -> Result<(), Errno> {
        let failed = self.populate(pages, OnFailure::NextMapping).is_err();
        if failed && request.locked {
            self.note(Case::MapLockedHidFailure);
            if !self.holds(Rule::MapLockedHidesFailure) {
                return Err(Errno::Enomem);
            }
        }
        Ok(())
    }

    /// The kernel tears the old mappings down before the new one's own checks.
    fn leave_hole(&mut self, pages: &Range<u64>) {
        if !self.touching(pages).is_empty() && self.holds(Rule::RefusedSecretLeavesHole) {
            self.remove(pages);
            self.note(Case::FailedMapLeftHole);
        }
    }

    fn unmap(&mut self, addr: u64, len: u64) -> Result<u64, Errno> {
        let rounded = self.page_align(len);
        if self.offset_in_page(addr) != 0 || rounded == 0 || addr.checked_add(rounded).is_none() {
            return Err(Errno::Einval);
        }
        let pages = self.page(addr)..self.page(addr) + self.pages(rounded);
        if self.cuts_huge_page(&pages) {
            return Err(Errno::Einval);
        }
        if self.remove(&pages).iter().any(|m| m.lock.is_locked()) {
            self.note(Case::UnmapUncharged);
        }
        Ok(0)
    }
}
