//! `mprotect`.
//!
//! Source: `mm/mprotect.c`.

use super::case::Case;
use super::outcome::Outcome;
use super::populate::OnFailure;
use super::rule::Rule;
use super::space::AddressSpace;
use super::words::{Errno, Kind, Lock, Protection};
use std::ops::Range;

impl AddressSpace {
    /// `mprotect(addr, len, protection)`.
    pub fn mprotect(&mut self, addr: u64, len: u64, protection: Protection) -> Outcome {
        let result = self.protect(addr, len, protection);
        self.finish(result)
    }

    fn protect(&mut self, addr: u64, len: u64, protection: Protection) -> Result<u64, Errno> {
        if self.offset_in_page(addr) != 0 {
            return Err(Errno::Einval);
        }
        if len == 0 {
            return Ok(0);
        }
        let rounded = self.page_align(len);
        if rounded == 0 || addr.checked_add(rounded).is_none() {
            return Err(Errno::Enomem);
        }
        let pages = self.page(addr)..self.page(addr) + self.pages(rounded);
        let gap = self.first_gap(&pages);
        let reached = pages.start..gap.unwrap_or(pages.end);
        let huge = self.huge_cut(&reached, protection);
        let changed = reached.start..huge.unwrap_or(reached.end);
        for index in self.carve(&changed) {
            self.set_protection(index, protection);
        }
        if huge.is_some() {
            return Err(Errno::Einval);
        }
        if gap.is_some() {
            if !reached.is_empty() {
                self.note(Case::ProtectedBeforeHole);
            }
            return Err(Errno::Enomem);
        }
        Ok(0)
    }

    /// Where the call stops because it would have to split a huge page.
    fn huge_cut(&self, pages: &Range<u64>, protection: Protection) -> Option<u64> {
        self.mappings[self.touching(pages)]
            .iter()
            .filter(|m| m.kind == Kind::HugeTlb && m.protection != protection)
            .find(|m| m.start < pages.start || m.end() > pages.end)
            .map(|m| m.start.max(pages.start))
    }

    fn set_protection(&mut self, index: usize, protection: Protection) {
        let mapping = &mut self.mappings[index];
        if mapping.protection == protection {
            return;
        }
        let became_writable = !mapping.protection.write && protection.write;
        mapping.protection = protection;
        let copies = mapping.lock == Lock::Locked && !mapping.kind.is_shared();
        let pages = mapping.start..mapping.end();
        self.parted(index);
        if became_writable && copies && self.holds(Rule::ProtectPopulates) {
            self.note(Case::ProtectPopulated);
            // The kernel ignores failures here; so does the prediction.
            let _ = self.populate(&pages, OnFailure::NextMapping);
        }
    }
}
