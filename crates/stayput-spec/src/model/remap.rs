//! `mremap`.
//!
//! Source: `mm/mremap.c` of Linux 6.17 and later; before that several mappings
//! at once are `EFAULT`.

use super::case::Case;
use super::mapping::{Residency, count};
use super::outcome::Prediction;
use super::populate::OnFailure;
use super::rule::Rule;
use super::space::AddressSpace;
use super::transfer::{Move, Stop};
use super::words::{Errno, Kind, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE};
use std::ops::Range;

/// The arguments of `mremap`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RemapRequest {
    /// Where the range begins.
    pub addr: u64,
    /// Its length.
    pub old_len: u64,
    /// The length that it is to have.
    pub new_len: u64,
    /// `MREMAP_*`.
    pub flags: u32,
    /// Where it is to be, with `MREMAP_FIXED`.
    pub new_addr: u64,
}

impl AddressSpace {
    /// `mremap`. Undetermined where it depends on whether the kernel merged two
    /// adjacent mappings, and for moves to an address of the kernel's choice.
    pub fn mremap(&mut self, request: &RemapRequest) -> Prediction {
        let before = self.clone();
        let result = match self.remap(request) {
            Ok(address) => Ok(address),
            Err(Stop::Error(errno)) => Err(errno),
            Err(Stop::Undetermined(why)) => {
                *self = before;
                return Prediction::Undetermined(why);
            }
        };
        Prediction::Determined(self.finish(result))
    }

    fn remap(&mut self, request: &RemapRequest) -> Result<u64, Stop> {
        self.check_request(request)?;
        let old = self.page_range(request.addr, request.old_len);
        let new_pages = self.pages(request.new_len);
        let fixed = request.flags & MREMAP_FIXED != 0;
        if fixed && !self.holds(Rule::MoveCheckedFirst) {
            self.move_checked_late(request, &old, new_pages)?;
            return Ok(request.new_addr);
        }
        if fixed && old.end - old.start == new_pages {
            self.move_each(request, &old)?;
            return Ok(request.new_addr);
        }
        self.check_source(&old, new_pages, fixed)?;
        if fixed {
            let target = self.page(request.new_addr);
            self.resize_to(&old, new_pages, target)?;
            return Ok(request.new_addr);
        }
        self.resize_in_place(&old, new_pages, request.flags)?;
        Ok(request.addr)
    }

    fn page_range(&self, addr: u64, len: u64) -> Range<u64> {
        let start = self.page(addr);
        start..start + self.pages(len)
    }

    /// `check_mremap_params`.
    fn check_request(&self, request: &RemapRequest) -> Result<(), Stop> {
        let known = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
        let moved = request.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) != 0;
        let invalid = request.flags & !known != 0
            || self.offset_in_page(request.addr) != 0
            || self.page_align(request.new_len) == 0
            || request.addr.checked_add(request.old_len).is_none()
            || (moved && self.contradicts_itself(request));
        if invalid {
            return Err(Errno::Einval.into());
        }
        let unmapped = self.find(self.page(request.addr)).is_none();
        if unmapped && !self.holds(Rule::MoveCheckedFirst) {
            return Err(Errno::Efault.into());
        }
        if moved && self.invalid_target(request) {
            return Err(Errno::Einval.into());
        }
        if moved && request.flags & MREMAP_FIXED == 0 {
            return Err(Stop::Undetermined("the kernel chooses the new address"));
        }
        if request.old_len == 0 {
            return Err(Stop::Undetermined("duplicates a shared mapping"));
        }
        Ok(())
    }

    fn contradicts_itself(&self, request: &RemapRequest) -> bool {
        let resizes = self.pages(request.old_len) != self.pages(request.new_len);
        request.flags & MREMAP_MAYMOVE == 0 || (request.flags & MREMAP_DONTUNMAP != 0 && resizes)
    }

    fn invalid_target(&self, request: &RemapRequest) -> bool {
        let old = self.page_range(request.addr, request.old_len);
        let new = self.page_range(request.new_addr, request.new_len);
        self.offset_in_page(request.new_addr) != 0 || (old.end > new.start && new.end > old.start)
    }

    /// `check_prep_vma` for a change of size.
    fn check_source(&self, old: &Range<u64>, new_pages: u64, fixed: bool) -> Result<(), Stop> {
        let old_pages = old.end - old.start;
        let index = self.find(old.start).ok_or(Errno::Efault)?;
        let mapping = &self.mappings[index];
        if mapping.kind == Kind::HugeTlb {
            return Err(Stop::Undetermined("lengths are rounded to huge pages"));
        }
        // Shrinking and staying in place look no further.
        if !fixed && new_pages <= old_pages {
            return Ok(());
        }
        // Of a range that shrinks only what is kept has to be one mapping.
        let kept_end = old.end.min(old.start + new_pages);
        if kept_end > mapping.end() && kept_end > self.bounds(index)?.end {
            return Err(Errno::Efault.into());
        }
        if mapping.kind == Kind::Special {
            return Err(Errno::Efault.into());
        }
        Ok(())
    }

    /// `mlock_future_ok` for growth.
    fn check_growth(&mut self, index: usize, more: u64) -> Result<(), Errno> {
        let locked = self.mappings[index].lock.is_locked();
        if locked && !self.fits(more) && self.holds(Rule::GrowthIsLimited) {
            self.note(Case::GrowthRefused);
            return Err(Errno::Eagain);
        }
        Ok(())
    }

    fn resize_in_place(
        &mut self,
        old: &Range<u64>,
        new_pages: u64,
        flags: u32,
    ) -> Result<(), Stop> {
        let end = old.start + new_pages;
        if end <= old.end {
            if end < old.end {
                self.clear(&(end..old.end))?;
            }
            return Ok(());
        }
        let index = self.find(old.start).ok_or(Errno::Efault)?;
        self.check_growth(index, end - old.end)?;
        let at_end = self.mappings[index].end() == old.end;
        if !at_end || !self.touching(&(old.end..end)).is_empty() {
            if flags & MREMAP_MAYMOVE != 0 {
                return Err(Stop::Undetermined("the kernel chooses the new address"));
            }
            return Err(Errno::Enomem.into());
        }
        self.grow(index, end - old.end);
        self.populate_growth(index, &(old.end..end));
        Ok(())
    }

    fn grow(&mut self, index: usize, more: u64) {
        let mapping = &mut self.mappings[index];
        if !mapping.residency.is_empty() {
            let pages = count(mapping.pages + more);
            mapping.residency.resize(pages, Residency::Absent);
        }
        mapping.pages += more;
        if mapping.lock.is_locked() {
            self.locked_vm += more;
        }
    }

    fn populate_growth(&mut self, index: usize, pages: &Range<u64>) {
        if !self.mappings[index].lock.is_locked() {
            return;
        }
        self.note(Case::GrowthLocked);
        if self.holds(Rule::GrowthPopulates) {
            // The kernel ignores failures here; so does the prediction.
            let _ = self.populate(pages, OnFailure::NextMapping);
        }
    }

    /// `MREMAP_FIXED` with another length.
    fn resize_to(&mut self, old: &Range<u64>, new_pages: u64, target: u64) -> Result<(), Stop> {
        let old_pages = old.end - old.start;
        if new_pages > old_pages {
            let index = self.find(old.start).ok_or(Errno::Efault)?;
            self.check_growth(index, new_pages - old_pages)?;
        }
        self.clear(&(target..target + new_pages))?;
        let kept = self.cut_tail(old, new_pages)?;
        self.move_grown(&Move {
            old: kept,
            new_pages,
            target,
            leave: false,
        })
    }

    /// Unmaps what a smaller length leaves off; what is kept.
    fn cut_tail(&mut self, old: &Range<u64>, new_pages: u64) -> Result<Range<u64>, Errno> {
        let kept = old.start..old.end.min(old.start + new_pages);
        if kept.end < old.end {
            self.clear(&(kept.end..old.end))?;
        }
        Ok(kept)
    }

    /// Moves one mapping and populates what it has grown by.
    fn move_grown(&mut self, step: &Move) -> Result<(), Stop> {
        self.move_one(step)?;
        let grown = step.target + (step.old.end - step.old.start)..step.target + step.new_pages;
        if let Some(index) = self.find(step.target).filter(|_| !grown.is_empty()) {
            self.populate_growth(index, &grown);
        }
        Ok(())
    }

    /// `MREMAP_FIXED` before 6.17: target and tail are gone before the mapping is
    /// looked at.
    fn move_checked_late(
        &mut self,
        request: &RemapRequest,
        old: &Range<u64>,
        new_pages: u64,
    ) -> Result<(), Stop> {
        self.check_moved(old)?;
        let target = self.page(request.new_addr);
        self.clear(&(target..target + new_pages))?;
        let kept = self.cut_tail(old, new_pages)?;
        let index = self.find(kept.start).ok_or(Errno::Efault)?;
        if kept.end > self.mappings[index].end() && kept.end > self.bounds(index)?.end {
            return Err(Errno::Efault.into());
        }
        if new_pages > kept.end - kept.start {
            self.check_growth(index, new_pages - (kept.end - kept.start))?;
        }
        self.move_grown(&Move {
            old: kept,
            new_pages,
            target,
            leave: request.flags & MREMAP_DONTUNMAP != 0,
        })
    }

    /// `remap_move`: each mapping in the range, gaps kept as they are.
    fn move_each(&mut self, request: &RemapRequest, old: &Range<u64>) -> Result<(), Stop> {
        let target = self.page(request.new_addr);
        let sources = self.touching(old);
        let starts_mapped = self.find(old.start).is_some();
        if !starts_mapped {
            return Err(Errno::Efault.into());
        }
        let several = sources.len() > 1;
        if several && !self.holds(Rule::MovesSeveral) {
            return self.move_several_refused(old);
        }
        if several {
            self.note(Case::MovedSeveral);
        }
        let parts: Vec<Range<u64>> = self.mappings[sources]
            .iter()
            .map(|m| m.start.max(old.start)..m.end().min(old.end))
            .collect();
        for part in parts {
            let target = target + (part.start - old.start);
            self.check_moved(&part)?;
            self.clear(&(target..target + (part.end - part.start)))?;
            self.move_one(&Move {
                new_pages: part.end - part.start,
                target,
                leave: request.flags & MREMAP_DONTUNMAP != 0,
                old: part,
            })?;
        }
        Ok(())
    }

    fn move_several_refused(&self, old: &Range<u64>) -> Result<(), Stop> {
        let index = self.find(old.start).ok_or(Errno::Efault)?;
        self.bounds(index)?;
        Err(Errno::Efault.into())
    }

    fn check_moved(&self, part: &Range<u64>) -> Result<(), Stop> {
        match self.find(part.start).map(|index| self.mappings[index].kind) {
            Some(Kind::HugeTlb) => Err(Stop::Undetermined("lengths are rounded to huge pages")),
            Some(Kind::Special) => Err(Stop::Undetermined("mappings of the kernel's own")),
            _ => Ok(()),
        }
    }
}
