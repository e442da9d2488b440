//! The one table of page counts, and the system calls that follow from it.
//!
//! The table's mutex is held across the calls, so that counts and kernel state
//! change together.

use super::counts::{Counts, NoRoom};
use super::fork_local::ForkLocal;
use super::locked_before::{LockedBefore, lapsed};
use crate::limits::{
    Budget, Cause, LockError, Operation, count_drop_error, diagnose, out_of_room,
    process_is_locked, raise_for, refuse_beyond_headroom,
};
use crate::trace::event;
use stayput_sys::process::fork_generation;
use stayput_sys::{PageRange, lock as sys};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

static TABLE: ForkLocal<Mutex<Counts>> = ForkLocal::new();

/// One guard on whole pages: they stay locked while it lives.
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

/// Locks whole pages and counts the guard, with the soft limit raised if that is
/// what it takes.
pub(crate) fn lock_pages(range: PageRange) -> Result<PageLock, LockError> {
    refuse_beyond_headroom(range)?;
    let mut result = attempt(range);
    for _ in 0..ATTEMPTS {
        match &result {
            Err(Refusal::System { error, needed })
                if over_limit(error) && (raise_for(*needed) || fits_by_now(*needed)) =>
            {
                result = attempt(range);
            }
            _ => break,
        }
    }
    result.map_err(|refusal| refusal.explain(range))
}

/// Other threads unlock what stood in the way, and lock again, as often as they like.
const ATTEMPTS: usize = 3;

/// Whether the limit that refused has room after all: another thread has unlocked
/// something since. Without a limit there is nothing to wait for.
fn fits_by_now(needed: u64) -> bool {
    let left = Budget::current().available();
    left.is_some_and(|left| needed <= left)
}

/// Counts a guard on pages that the system locks by itself (`memfd_secret`), so
/// that a region lock on them neither locks nor unlocks. Released by
/// [`unlock_pages`].
pub(crate) fn adopt_pages(range: PageRange) -> Result<(), LockError> {
    let mut counts = prepared().map_err(|refusal| refusal.explain(range))?;
    counts.add(range);
    Ok(())
}

/// Releases one guard on `range`, which [`PageLock::into_pages`] gave up in this
/// process; pages that nobody else holds are unlocked. Where there is no memory to count
/// the others, all stay locked.
pub(crate) fn unlock_pages(range: PageRange) {
    uncount(range, |counts| {
        if process_is_locked() {
            return None; // mlockall holds these pages too
        }
        let failed = |gap| unlock(gap).err();
        counts.unheld(range).filter_map(failed).last()
    });
}

/// As [`unlock_pages`], for pages whose memory was given back, and their lock with it.
pub(crate) fn forget_pages(range: PageRange) {
    uncount(range, |_| None);
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

/// Takes a guard away, and then does what may fail.
fn uncount(range: PageRange, then: impl FnOnce(&Counts) -> Option<io::Error>) {
    let Some(mut counts) = table() else { return };
    let failure = match counts.remove(range) {
        Ok(()) => then(&counts),
        Err(NoRoom) => Some(io::ErrorKind::OutOfMemory.into()),
    };
    drop(counts); // whoever listens to events may lock pages too
    if let Some(error) = failure {
        count_drop_error();
        event!(error, error = error, "pages stay locked");
    }
}

/// Why an attempt came to nothing. Explaining it reads files and allocates, and
/// the allocator may be a pool that locks its pages here: so not before the table
/// is free again.
enum Refusal {
    /// No memory for the counts.
    NoRoom,
    /// The system's error, and what the lock would have charged in bytes.
    System { error: io::Error, needed: u64 },
}

impl Refusal {
    fn explain(self, range: PageRange) -> LockError {
        match self {
            Self::NoRoom => LockError::new(Operation::Lock, Some(range), None, out_of_room()),
            Self::System { error, needed } => diagnose(Operation::Lock, range, needed, &error),
        }
    }
}

/// Locks and counts, or leaves counts and kernel state as they were.
fn attempt(range: PageRange) -> Result<PageLock, Refusal> {
    let mut counts = prepared()?;
    let before = LockedBefore::look(&counts, range).map_err(|_| Refusal::NoRoom)?;
    // Not what is held: Darwin nests its locks, so one call pairs with one. Where
    // a held lock has lapsed (a munlock of somebody else, `munlockall`, a guard
    // that outlived its mapping) it is made again: Linux, which tells, has no nesting.
    let locked = counts
        .unheld(range)
        .chain(lapsed(&counts, range))
        .try_for_each(lock);
    if let Err(error) = locked {
        before.restore(&counts, range);
        let needed = before.uncharged();
        return Err(Refusal::System { error, needed });
    }
    counts.add(range);
    Ok(PageLock {
        range,
        generation: fork_generation(),
    })
}

/// The counts, with room for one more guard.
fn prepared() -> Result<MutexGuard<'static, Counts>, Refusal> {
    let mut counts = table().ok_or(Refusal::NoRoom)?;
    counts.prepare().map_err(|_| Refusal::NoRoom)?;
    Ok(counts)
}

fn table() -> Option<MutexGuard<'static, Counts>> {
    let table = TABLE.get_or_make(Mutex::default)?;
    // Nothing below panics while it holds the guard; a panic elsewhere in the
    // thread can't leave the counts half changed.
    Some(table.lock().unwrap_or_else(PoisonError::into_inner))
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

fn unlock(range: PageRange) -> io::Result<()> {
    // SAFETY: no guard holds these pages any more, and unlocking changes no
    // content.
    unsafe { sys::munlock(range.as_ptr(), range.len()) }
}
