//! A mapping of locked pages between guards, owned.

use super::file_backed::{back_by_file, write_back};
use super::hardening::{Hardening, harden, prefer_huge_pages};
use super::populate::populate;
use crate::limits::{
    Cause, LockError, Operation, Policy, Protection, Status, count_drop_error, diagnose,
    out_of_room,
};
use crate::region::{PageLock, lock_pages};
use crate::trace::event;
use stayput_sys::process::fork_generation;
use stayput_sys::{PageRange, map, page_size, wipe::wipe};
use std::fmt;
use std::slice;

/// Locked pages with an inaccessible page before and behind: zero at first,
/// wiped, unlocked and unmapped when dropped.
///
/// In a fork child the pages read as zeros; where they are
/// [backed by a file](Policy::FileBacked), reading them there is a fault.
///
/// ```
/// # fn main() -> Result<(), stayput::LockError> {
/// let mut pages = stayput::page::LockedPages::new(10_000)?;
/// pages.as_mut_slice()[0] = 1;
/// assert_eq!(pages.len() % stayput_sys::page_size(), 0);
/// assert!(pages.protection().guarded.is_yes());
/// # Ok(()) }
/// ```
pub struct LockedPages {
    kept: Kept,
    reservation: Reservation,
    hardening: Hardening,
    generation: u64,
}

/// What keeps the pages out of swap.
enum Kept {
    /// A lock.
    Locked(#[expect(dead_code, reason = "held for its drop")] PageLock),
    /// A file of their own.
    InFile,
    /// Nothing, for this reason.
    Not(&'static str),
}

impl LockedPages {
    /// At least `len` bytes, rounded up to pages, locked.
    ///
    /// From 64 MiB on other threads, started and ended within the call, help to have
    /// the pages provided.
    ///
    /// # Errors
    /// [`LockError`] with the cause; also for `len` 0 and for a length beyond
    /// the address space.
    pub fn new(len: usize) -> Result<Self, LockError> {
        Self::with_policy(len, Policy::Require)
    }

    /// As [`LockedPages::new`], with a policy for where locking is impossible.
    ///
    /// # Errors
    /// As [`LockedPages::new`]; under [`Policy::Prefer`] and [`Policy::Off`]
    /// only for want of memory, under [`Policy::FileBacked`] also where its
    /// directory is of no use.
    pub fn with_policy(len: usize, policy: Policy) -> Result<Self, LockError> {
        let reservation = Reservation::new(len)?;
        let data = reservation.data;
        // Before any page is touched, or the mappings never merge.
        if policy != Policy::Off {
            prefer_huge_pages(data); // locking populates all of them anyway
        }
        let mut hardening = harden(data);
        // SAFETY: the pages lie in the reservation made just above.
        unsafe { map::commit(data) }.map_err(|error| diagnose(Operation::Map, data, 0, &error))?;
        let kept = keep(data, &policy, &mut hardening)?;
        Ok(Self {
            kept,
            reservation,
            hardening,
            generation: fork_generation(),
        })
    }

    /// The bytes, all pages of them.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: `self` owns the committed pages, which are initialised.
        unsafe { slice::from_raw_parts(self.data().as_ptr().cast(), self.len()) }
    }

    /// The bytes, writable.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above, and `&mut self` is the only access.
        unsafe { slice::from_raw_parts_mut(self.data().as_ptr().cast(), self.len()) }
    }

    /// Length in bytes: whole pages.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.data().len()
    }

    /// Where they are, for access that does not go through a slice.
    pub(super) fn data(&self) -> PageRange {
        self.reservation.data
    }

    /// Whether a parent process made them.
    pub(super) fn is_inherited(&self) -> bool {
        self.generation != fork_generation()
    }

    /// Whether they are no part of this process: a file's pages are the parent's alone.
    pub(super) fn is_absent(&self) -> bool {
        let is_given_up = self.generation == NO_PROCESS;
        matches!(self.kept, Kept::InFile) && self.is_inherited() && !is_given_up
    }

    /// Makes the drop leave the content alone, since it can't be reached.
    pub(super) fn give_up_content(&mut self) {
        self.generation = NO_PROCESS;
    }

    /// What protects them.
    #[must_use]
    pub fn protection(&self) -> Protection {
        let inherited = self.is_inherited();
        Protection {
            locked: match self.kept {
                _ if inherited => Status::No("the lock is the parent process's"),
                Kept::Locked(_) => Status::Yes,
                Kept::InFile => Status::No(REFUSED),
                Kept::Not(reason) => Status::No(reason),
            },
            dump_excluded: self.hardening.dump_excluded,
            fork: self.hardening.fork,
            guarded: Status::Yes,
            kernel_unmapped: Status::No("ordinary memory, not memfd_secret"),
            file_backed: match self.kept {
                Kept::InFile => Status::Yes,
                _ => Status::No("anonymous memory"),
            },
        }
    }
}

impl Drop for LockedPages {
    fn drop(&mut self) {
        // In a fork child the content is the parent's: touch nothing.
        if !self.is_inherited() {
            // SAFETY: committed and owned by `self`, and accessible: who made it
            // otherwise gave the content up or made it accessible again.
            unsafe { wipe(self.data().as_ptr().cast(), self.len()) };
            if matches!(self.kept, Kept::InFile) {
                write_back(self.data());
            }
        }
        self.reservation.has_hole = self.is_absent();
        self.kept = Kept::Not("dropped"); // after the wipe, before the mapping goes
    }
}

/// Address space between two guard pages, given back when dropped.
struct Reservation {
    whole: PageRange,
    data: PageRange,
    /// Whether the data is no part of this process.
    has_hole: bool,
}

impl Reservation {
    fn new(len: usize) -> Result<Self, LockError> {
        let invalid = || LockError::new(Operation::Map, None, None, Cause::InvalidRange);
        let guard = page_size();
        let data = len.checked_next_multiple_of(guard).filter(|&size| size > 0);
        let whole = data
            .and_then(|size| size.checked_add(2 * guard))
            .ok_or_else(invalid)?;
        let whole = map::reserve(whole).map_err(|error| {
            LockError::new(Operation::Map, None, error.raw_os_error(), out_of_room())
        })?;
        let data = PageRange::exact(whole.start() + guard, whole.len() - 2 * guard);
        data.map(|data| Self {
            whole,
            data,
            has_hole: false,
        })
        .ok_or_else(invalid)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.has_hole {
            return; // what lies in it by now is somebody else's; two guard pages stay
        }
        // SAFETY: reserved whole by `new`; its owner is going away.
        if let Err(error) = unsafe { map::release(self.whole) } {
            count_drop_error();
            event!(error, error = error, "pages were not unmapped");
        }
    }
}

/// No process has this generation.
const NO_PROCESS: u64 = 0;

const REFUSED: &str = "the system refused the lock";

/// Keeps committed pages as the policy has it.
fn keep(data: PageRange, policy: &Policy, hardening: &mut Hardening) -> Result<Kept, LockError> {
    if *policy == Policy::Off {
        return Ok(Kept::Not("the policy is Off"));
    }
    populate(data);
    match (policy, lock_pages(data)) {
        (_, Ok(lock)) => Ok(Kept::Locked(lock)),
        (Policy::Require, Err(error)) => Err(error),
        (Policy::FileBacked { dir }, Err(error)) => {
            back_by_file(data, dir, &error)?;
            hardening.fork = Status::Yes; // no child gets them
            Ok(Kept::InFile)
        }
        (_, Err(error)) => {
            event!(warn, error = error, "pages are handed out unlocked");
            Ok(Kept::Not(REFUSED))
        }
    }
}

impl fmt::Debug for LockedPages {
    /// The content is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockedPages")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
