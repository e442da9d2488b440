//! One mapping, or a part of one that the kernel surely keeps as one.

use super::words::{Kind, Lock, Protection};

/// Whether a page is in memory, as `mincore` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Residency {
    /// Not in memory.
    Absent,
    /// In memory, if only as the shared zero page.
    Read,
    /// In memory, as a page of this process's own.
    Written,
    /// Not determined by the contract.
    Unknown,
}

impl Residency {
    /// `mincore`'s answer, where determined.
    #[must_use]
    pub const fn resident(self) -> Option<bool> {
        match self {
            Self::Absent => Some(false),
            Self::Read | Self::Written => Some(true),
            Self::Unknown => None,
        }
    }
}

/// A run of pages with one protection, kind and lock state. Adjacent runs with
/// equal attributes may or may not be one mapping to the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Number of the first page (address divided by the page size).
    pub start: u64,
    /// Number of pages.
    pub pages: u64,
    /// What the pages may be used for.
    pub protection: Protection,
    /// What the pages are.
    pub kind: Kind,
    /// Lock flags.
    pub lock: Lock,
    /// Surely one mapping with the run before it: set by splitting for one call.
    pub(super) joined: bool,
    /// Per page, for anonymous kinds; the page cache holds the others'.
    pub(super) residency: Vec<Residency>,
}

impl Mapping {
    pub(super) fn fresh(start: u64, pages: u64, protection: Protection, kind: Kind) -> Self {
        let residency = match kind {
            Kind::Anonymous | Kind::Droppable => vec![Residency::Absent; count(pages)],
            _ => Vec::new(),
        };
        Self {
            start,
            pages,
            protection,
            kind,
            lock: Lock::Unlocked,
            joined: false,
            residency,
        }
    }

    /// The page after the last.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.start + self.pages
    }

    /// Cuts the run before `page`, which lies inside; returns the upper part.
    pub(super) fn split_off(&mut self, page: u64) -> Self {
        let below = page - self.start;
        let at = count(below).min(self.residency.len());
        let upper = Self {
            start: page,
            pages: self.pages - below,
            kind: self.kind.shifted(below),
            joined: true,
            residency: self.residency.split_off(at),
            ..*self
        };
        self.pages = below;
        upper
    }

    /// Takes back what [`split_off`](Self::split_off) cut.
    pub(super) fn append(&mut self, mut upper: Self) {
        self.pages += upper.pages;
        self.residency.append(&mut upper.residency);
    }

    /// Whether the kernel may hold this run and the next as one mapping.
    pub(super) fn may_be_one_with(&self, next: &Self) -> bool {
        self.end() == next.start
            && self.protection == next.protection
            && self.lock == next.lock
            && self.kind.shifted(self.pages) == next.kind
            && self.kind != Kind::HugeTlb
    }
}

/// A number of pages that one mapping's table holds.
pub(super) fn count(pages: u64) -> usize {
    usize::try_from(pages).unwrap_or(usize::MAX)
}
