//! From an error number to its cause.
//!
//! The kernel folds several causes into one number, so the process's own state
//! is looked at: limit, capability, layout, filter. Nothing here runs unless a
//! call has failed.

use super::layout::{self, Flaw};
use super::{Budget, Capability, Cause, LockError, Operation, Privileges};
use stayput_sys::PageRange;
use std::fs;
use std::io;

/// Explains why `operation` on `range` failed with `error`. `needed` is what
/// the call would have charged beyond what is locked, in bytes.
pub(crate) fn diagnose(
    operation: Operation,
    range: PageRange,
    needed: u64,
    error: &io::Error,
) -> LockError {
    let cause = cause(operation, range, needed, error);
    LockError::new(operation, Some(range), error.raw_os_error(), cause)
}

/// Explains why `mlockall` failed with `error`. `total` is what it compares with
/// the limit: all that is mapped, in bytes.
pub(crate) fn diagnose_process(total: u64, error: &io::Error) -> LockError {
    let needed = total.saturating_sub(Budget::current().held.unwrap_or(0));
    let cause = match error.kind() {
        io::ErrorKind::Unsupported if error.raw_os_error().is_none() => Cause::Unsupported,
        io::ErrorKind::PermissionDenied => denied(needed),
        io::ErrorKind::OutOfMemory | io::ErrorKind::WouldBlock => {
            beyond(&Budget::current(), needed).unwrap_or(Cause::OutOfMemory)
        }
        _ if seccomp_filtered() => Cause::Seccomp,
        io::ErrorKind::Unsupported => Cause::Unsupported,
        io::ErrorKind::InvalidInput => Cause::InvalidFlags,
        _ => Cause::Other,
    };
    LockError::new(Operation::LockProcess, None, error.raw_os_error(), cause)
}

/// Why the system gave no fresh address space: nothing there to look at but how many
/// mappings there are.
pub(crate) fn out_of_room() -> Cause {
    crowded().unwrap_or(Cause::OutOfMemory)
}

/// The limit as the cause, where `needed` more bytes don't fit under it.
pub(crate) fn beyond(budget: &Budget, needed: u64) -> Option<Cause> {
    let (available, limit) = (budget.available()?, budget.soft?);
    if needed <= available {
        return None;
    }
    let held = budget.held.unwrap_or(0);
    Some(match budget.capability {
        Capability::WithoutEffect => Cause::CapabilityWithoutEffect {
            held,
            limit,
            needed,
        },
        _ => Cause::LimitReached {
            held,
            limit,
            needed,
        },
    })
}

fn cause(operation: Operation, range: PageRange, needed: u64, error: &io::Error) -> Cause {
    match error.kind() {
        io::ErrorKind::Unsupported if operation == Operation::MapSecret => Cause::SecretMemory,
        // ENOSYS is the other number that filters give; no Linux lacks mlock.
        io::ErrorKind::Unsupported if error.raw_os_error().is_some() && seccomp_filtered() => {
            Cause::Seccomp
        }
        io::ErrorKind::Unsupported => Cause::Unsupported,
        io::ErrorKind::InvalidInput if error.raw_os_error().is_none() => Cause::InvalidRange,
        io::ErrorKind::PermissionDenied => denied(needed),
        // EAGAIN: memfd_secret and MCL_FUTURE over the limit on Linux, any lock
        // over the limit on macOS.
        kind @ (io::ErrorKind::OutOfMemory | io::ErrorKind::WouldBlock) => {
            no_room(operation, range, needed, kind)
        }
        _ if error.raw_os_error() == Some(ERROR_WORKING_SET_QUOTA) => Cause::WorkingSetQuota {
            minimum: Budget::current().soft.unwrap_or(0),
            needed,
        },
        _ if operation == Operation::MapSecret => Cause::SecretMemory,
        _ if seccomp_filtered() => Cause::Seccomp,
        _ => Cause::Other,
    }
}

/// The kernel itself says `EPERM` exactly when the limit is 0 and the
/// capability has no effect; anything else was somebody in between.
fn denied(needed: u64) -> Cause {
    let budget = Budget::current();
    match (budget.soft, budget.capability) {
        (Some(0), Capability::WithoutEffect) => Cause::CapabilityWithoutEffect {
            held: budget.held.unwrap_or(0),
            limit: 0,
            needed,
        },
        (Some(0), Capability::Absent | Capability::Unknown) => Cause::NoCapability,
        _ if seccomp_filtered() => Cause::Seccomp,
        _ => Cause::Other,
    }
}

fn no_room(operation: Operation, range: PageRange, needed: u64, kind: io::ErrorKind) -> Cause {
    let budget = Budget::current();
    if let Some(cause) = beyond(&budget, needed) {
        return cause;
    }
    // What is about to be mapped is inaccessible, or a hole: no flaw of its own.
    if operation != Operation::Lock {
        return out_of_room();
    }
    match layout::flaw(range) {
        Some(Flaw::Hole(at)) => Cause::Hole {
            offset: at - range.start(),
        },
        Some(Flaw::Inaccessible(at)) => Cause::Inaccessible {
            offset: at - range.start(),
        },
        None => crowded()
            .or_else(|| was_beyond(&budget, needed, kind))
            .unwrap_or(Cause::OutOfMemory),
    }
}

/// The limit, where nothing else is left: it had no room when the lock was refused, and
/// another thread has unlocked something since. (Where memory ran out Linux says `EAGAIN`.)
fn was_beyond(budget: &Budget, needed: u64, kind: io::ErrorKind) -> Option<Cause> {
    budget.available()?;
    let (held, limit) = (budget.held.unwrap_or(0), budget.soft?);
    (kind == io::ErrorKind::OutOfMemory).then_some(Cause::LimitReached {
        held,
        limit,
        needed,
    })
}

/// Locking the middle of a mapping splits it in three.
fn crowded() -> Option<Cause> {
    let limit = fs::read_to_string("/proc/sys/vm/max_map_count")
        .ok()?
        .trim()
        .parse()
        .ok()?;
    let count = layout::count();
    (count + 2 >= limit).then_some(Cause::TooManyMappings { count, limit })
}

const ERROR_WORKING_SET_QUOTA: i32 = 1453; // winerror.h

/// Whether a seccomp filter watches this thread's system calls.
fn seccomp_filtered() -> bool {
    Privileges::current().filtered == Some(true)
}
