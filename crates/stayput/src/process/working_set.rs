//! Windows' way to keep a process in memory: a minimum that the system is bound to.

use crate::limits::{Cause, LockError, Operation};
use stayput_sys::limits::{pin_working_set as pin, working_set, working_set_is_pinned};
use std::io;

/// The bounds on what a process has in memory, in bytes, as the system keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkingSet {
    /// What locks must fit into; with [`WorkingSet::is_pinned`], what stays in memory.
    pub minimum: usize,
    /// What the system trims the process to when memory is short.
    pub maximum: usize,
    pinned: bool,
}

impl WorkingSet {
    /// The calling process's.
    ///
    /// # Errors
    /// [`io::ErrorKind::Unsupported`] off Windows.
    pub fn current() -> io::Result<Self> {
        let (minimum, maximum) = working_set()?;
        Ok(Self {
            minimum,
            maximum,
            pinned: working_set_is_pinned()?,
        })
    }

    /// Whether the system is bound to the minimum: it takes no pages away below it.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.pinned
    }
}

/// Binds Windows to keep at least `bytes` of this process in memory, and returns the
/// bounds as the system has them afterwards: look whether they are pinned.
///
/// What comes nearest to [`lock_all`](super::lock_all) there. It says how many pages
/// stay, not which: for secrets it is no lock.
///
/// # Errors
/// [`Cause::Unsupported`] off Windows; [`Cause::WorkingSetQuota`] where the system
/// refuses, above all without the right to increase a working set (1314).
///
/// # References
/// `SetProcessWorkingSetSizeEx` with `QUOTA_LIMITS_HARDWS_MIN_ENABLE` (memoryapi.h).
pub fn pin_working_set(bytes: usize) -> Result<WorkingSet, LockError> {
    let kept = pin(bytes).and_then(|()| WorkingSet::current());
    kept.map_err(|error| {
        let cause = match error.kind() {
            io::ErrorKind::Unsupported => Cause::Unsupported,
            io::ErrorKind::InvalidInput => Cause::InvalidRange,
            _ => Cause::WorkingSetQuota {
                minimum: working_set().map_or(0, |(minimum, _)| minimum as u64),
                needed: bytes as u64,
            },
        };
        LockError::new(Operation::PinWorkingSet, None, error.raw_os_error(), cause)
    })
}
