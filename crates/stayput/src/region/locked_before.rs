//! What the kernel had locked before an attempt, so that a refused one can be
//! taken back.

use super::counts::{Counts, NoRoom};
use super::system_alloc::SystemAlloc;
use allocator_api2::vec::Vec;
use stayput_sys::{PageRange, lock as sys, page_size, residency};
use std::{io, iter};

/// Which pages of a range were locked by others than the table.
pub(super) struct LockedBefore {
    /// Pages locked without a guard of ours, in order; nearly always none.
    foreign: Vec<PageRange, SystemAlloc>,
    /// Bytes that were not locked.
    uncharged: u64,
}

impl LockedBefore {
    pub(super) fn look(counts: &Counts, range: PageRange) -> Result<Self, NoRoom> {
        let mut foreign = Vec::new_in(SystemAlloc);
        let mut uncharged = bytes(lapsed(counts, range));
        for gap in counts.unheld(range) {
            uncharged += gap.len() as u64;
            if is_locked(gap) {
                foreign.try_reserve(gap.pages()).map_err(|_| NoRoom)?;
                foreign.extend(pages(gap).filter(|&page| is_locked(page)));
            }
        }
        uncharged -= bytes(foreign.iter().copied());
        Ok(Self { foreign, uncharged })
    }

    /// Bytes that a lock of the range would newly charge.
    pub(super) fn uncharged(&self) -> u64 {
        self.uncharged
    }

    /// Undoes what a refused lock of `range` may have done.
    pub(super) fn restore(&self, counts: &Counts, range: PageRange) {
        for gap in counts.unheld(range) {
            let ours = pages(gap).filter(|page| self.foreign.binary_search(page).is_err());
            // In runs: unlocking a part of a mapping splits it, which may be one
            // mapping too many.
            runs(ours.filter(|&page| may_be_locked(page))).for_each(undo);
        }
    }
}

/// The pages that guards hold and that are locked no longer, or gone: somebody
/// unlocked them behind the table's back. None where the system does not tell.
pub(super) fn lapsed(counts: &Counts, range: PageRange) -> impl Iterator<Item = PageRange> + '_ {
    let held = counts.held(range).filter(|&run| has_lapsed(run));
    runs(held.flat_map(pages).filter(|&page| has_lapsed(page)))
}

fn has_lapsed(held: PageRange) -> bool {
    match residency::all_locked(held) {
        Ok(all) => !all,
        Err(error) => error.kind() != io::ErrorKind::Unsupported,
    }
}

fn bytes(ranges: impl Iterator<Item = PageRange>) -> u64 {
    ranges.map(|range| range.len() as u64).sum()
}

fn is_locked(range: PageRange) -> bool {
    residency::any_locked(range).unwrap_or(false)
}

/// No for a hole; yes where the system does not tell.
fn may_be_locked(page: PageRange) -> bool {
    residency::any_locked(page).unwrap_or_else(|error| error.kind() == io::ErrorKind::Unsupported)
}

fn undo(run: PageRange) {
    // SAFETY: no guard holds the pages, and nobody else had locked them;
    // unlocking changes no content.
    let unlock = |range: PageRange| unsafe { sys::munlock(range.as_ptr(), range.len()) };
    if unlock(run).is_err() {
        // It stopped at a hole (where the system does not tell locks): an error
        // for a single page means that there is nothing to undo.
        pages(run).for_each(|page| drop(unlock(page)));
    }
}

fn pages(range: PageRange) -> impl Iterator<Item = PageRange> {
    (range.start()..range.end())
        .step_by(page_size())
        .filter_map(|start| PageRange::exact(start, page_size()))
}

/// Joins pages that follow one another.
fn runs(pages: impl Iterator<Item = PageRange>) -> impl Iterator<Item = PageRange> {
    let mut pages = pages.peekable();
    iter::from_fn(move || {
        let first = pages.next()?;
        let mut end = first.end();
        while let Some(next) = pages.next_if(|page| page.start() == end) {
            end = next.end();
        }
        PageRange::exact(first.start(), end - first.start())
    })
}
