//! The one table of page counts, and the system calls that follow from it.
//!
//! The table's mutex is held across the calls, so that counts and kernel state
//! change together.

use super::counts::Counts;
use super::fork_local::ForkLocal;
use crate::limits::{
    Cause, LockError, Operation, diagnose, process_is_locked, raise_for, refuse_beyond_headroom,
};
use crate::trace::event;
use stayput_sys::process::fork_generation;
use stayput_sys::{PageRange, lock as sys, page_size, residency};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

static TABLE: ForkLocal<Mutex<Counts>> = ForkLocal::new();
static FAILED_UNLOCKS: AtomicU64 = AtomicU64::new(0);

/// One guard on whole pages: they stay locked while it lives.
#[derive(Debug)]
pub(crate) struct PageLock {
    range: PageRange,
    generation: u64,
}

impl PageLock {
    pub(crate) fn range(&self) -> PageRange {
        self.range
    }

    /// Gives the guard up but not the lock: whoever keeps the pages calls
    /// [`unlock_pages`] for each of them, in parts if need be.
    pub(crate) fn into_pages(self) -> PageRange {
        let range = self.range;
        std::mem::forget(self);
        range
    }
}

/// Locks whole pages and counts the guard.
pub(crate) fn lock_pages(range: PageRange) -> Result<PageLock, LockError> {
    refuse_beyond_headroom(range)?;
    let no_room = || LockError::new(Operation::Lock, Some(range), None, Cause::OutOfMemory);
    let mut counts = table().ok_or_else(no_room)?;
    counts.prepare().map_err(|_| no_room())?;
    let before = LockedBefore::look(&counts, range);
    // Only what nobody holds: Darwin nests its locks, so one call pairs with one.
    let locked = counts
        .unheld(range)
        .try_for_each(|gap| lock_raising(gap, before.uncharged));
    if let Err(error) = locked {
        let refusal = diagnose(Operation::Lock, range, before.uncharged, &error);
        before.restore(&counts, range);
        return Err(refusal);
    }
    counts.add(range);
    Ok(PageLock {
        range,
        generation: fork_generation(),
    })
}

/// Counts a guard on pages that the system locks by itself (`memfd_secret`), so
/// that a region lock on them neither locks nor unlocks. Released by
/// [`unlock_pages`].
pub(crate) fn adopt_pages(range: PageRange) -> Result<(), LockError> {
    let no_room = || LockError::new(Operation::Lock, Some(range), None, Cause::OutOfMemory);
    let mut counts = table().ok_or_else(no_room)?;
    counts.prepare().map_err(|_| no_room())?;
    counts.add(range);
    Ok(())
}

/// Releases one guard on `range`, which [`PageLock::into_pages`] gave up in this
/// process; pages that nobody else holds are unlocked.
pub(crate) fn unlock_pages(range: PageRange) {
    let Some(mut counts) = table() else { return };
    counts.remove(range);
    if process_is_locked() {
        return; // mlockall holds these pages too
    }
    for range in counts.unheld(range) {
        unlock(range);
    }
}

/// How many unlocks have failed in drops, in this process.
pub(crate) fn failed_unlocks() -> u64 {
    FAILED_UNLOCKS.load(Ordering::Relaxed)
}

/// The error for a range that wraps.
pub(super) fn out_of_range() -> LockError {
    LockError::new(Operation::Lock, None, None, Cause::InvalidRange)
}

impl Drop for PageLock {
    fn drop(&mut self) {
        // A fork child inherited the guard but not the lock.
        if self.generation != fork_generation() {
            return;
        }
        unlock_pages(self.range);
    }
}

fn table() -> Option<MutexGuard<'static, Counts>> {
    let table = TABLE.get_or_make(Mutex::default)?;
    // Nothing below panics while it holds the guard; a panic elsewhere in the
    // thread can't leave the counts half changed.
    Some(table.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Locks the range, with the soft limit raised if that is what it takes.
fn lock_raising(range: PageRange, needed: u64) -> io::Result<()> {
    match lock(range) {
        Err(error) if over_limit(&error) && raise_for(needed) => lock(range),
        result => result,
    }
}

/// `EPERM` and `ENOMEM` on Linux, `EAGAIN` elsewhere.
fn over_limit(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::OutOfMemory | io::ErrorKind::WouldBlock | io::ErrorKind::PermissionDenied
    )
}

fn lock(range: PageRange) -> io::Result<()> {
    // SAFETY: locking changes no content. A range that is not mapped gives an
    // error; callers of `lock_pages` answer for keeping it mapped.
    unsafe { sys::mlock(range.as_ptr(), range.len()) }
}

fn unlock(range: PageRange) {
    // SAFETY: no guard holds these pages any more, and unlocking changes no
    // content.
    if let Err(error) = unsafe { sys::munlock(range.as_ptr(), range.len()) } {
        FAILED_UNLOCKS.fetch_add(1, Ordering::Relaxed);
        event!(error, error = error, "pages stay locked: munlock failed");
    }
}

/// Which pages of a range were locked by others than this table, so that a
/// failed lock can be taken back without undoing theirs.
struct LockedBefore {
    /// Pages locked without a guard of ours, in order; nearly always none.
    foreign: Vec<PageRange>,
    /// Bytes that a lock of the range would newly charge.
    uncharged: u64,
}

impl LockedBefore {
    fn look(counts: &Counts, range: PageRange) -> Self {
        let mut foreign = Vec::new();
        let mut uncharged = 0;
        for gap in counts.unheld(range) {
            uncharged += gap.len() as u64;
            if residency::any_locked(gap).unwrap_or(false) {
                foreign.extend(
                    pages(gap).filter(|&page| residency::any_locked(page).unwrap_or(false)),
                );
            }
        }
        uncharged -= foreign.iter().map(|page| page.len() as u64).sum::<u64>();
        Self { foreign, uncharged }
    }

    /// Undoes what a failed lock of `range` may have done.
    fn restore(&self, counts: &Counts, range: PageRange) {
        for gap in counts.unheld(range) {
            for page in pages(gap).filter(|page| self.foreign.binary_search(page).is_err()) {
                // A page at a time: the gap may have holes, where unlocking stops.
                if residency::any_locked(page).unwrap_or(true) {
                    // SAFETY: no guard holds the page, nobody else had locked it.
                    // An error means it is not mapped: nothing to undo.
                    let _ = unsafe { sys::munlock(page.as_ptr(), page.len()) };
                }
            }
        }
    }
}

fn pages(range: PageRange) -> impl Iterator<Item = PageRange> {
    (range.start()..range.end())
        .step_by(page_size())
        .filter_map(|start| PageRange::exact(start, page_size()))
}
