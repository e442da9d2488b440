//! Resource limits: `RLIMIT_MEMLOCK`, `RLIMIT_CORE`, `RLIMIT_STACK`, the Windows
//! working set.

use crate::backends::{imp, working_set};
use std::io::{self, Write};

pub use crate::contract::{Limit, Resource, UNLIMITED};

/// Reads a limit of this process.
///
/// # Errors
/// `Unsupported` where the platform has no such limit.
///
/// # References
/// getrlimit(2).
pub fn getrlimit(resource: Resource) -> io::Result<Limit> {
    imp::getrlimit(resource)
}

/// Sets a limit of this process; children inherit it.
///
/// # Errors
/// `EPERM` for a hard limit above the present one, `EINVAL` for soft above
/// hard; `Unsupported` where the platform has no such limit.
///
/// # References
/// setrlimit(2).
pub fn setrlimit(resource: Resource, limit: Limit) -> io::Result<()> {
    imp::setrlimit(resource, limit)
}

/// The process's working set: minimum and maximum in bytes. What may be locked
/// on Windows is the minimum less a small overhead.
///
/// # Errors
/// `Unsupported` off Windows.
///
/// # References
/// `GetProcessWorkingSetSizeEx` (memoryapi.h).
pub fn working_set() -> io::Result<(usize, usize)> {
    working_set::get()
}

/// Sets the process's working set, minimum and maximum in bytes.
///
/// # Errors
/// `Unsupported` off Windows; `ERROR_PRIVILEGE_NOT_HELD` (1314) and others.
///
/// # References
/// `SetProcessWorkingSetSizeEx` (memoryapi.h).
pub fn set_working_set(minimum: usize, maximum: usize) -> io::Result<()> {
    working_set::set(minimum, maximum)
}

/// Sets the minimum working set in bytes, and binds the system to it: it takes no pages
/// away below that, whatever memory others need. Which pages stay is the system's choice.
///
/// # Errors
/// `Unsupported` off Windows; 1314 without the right to increase a working set; others.
///
/// # References
/// `SetProcessWorkingSetSizeEx` with `QUOTA_LIMITS_HARDWS_MIN_ENABLE` (memoryapi.h).
pub fn pin_working_set(minimum: usize) -> io::Result<()> {
    working_set::pin(minimum)
}

/// Whether the system is bound to the minimum working set.
///
/// # Errors
/// `Unsupported` off Windows.
///
/// # References
/// `GetProcessWorkingSetSizeEx` (memoryapi.h).
pub fn working_set_is_pinned() -> io::Result<bool> {
    working_set::is_pinned()
}

/// The minimum working set in bytes before the first lock that had to grow it; `None`
/// where none had to.
#[must_use]
pub fn working_set_grown_from() -> Option<usize> {
    working_set::grown_from()
}

/// Sets the soft `RLIMIT_CORE` to 0, so that this process and its children
/// write no core files. A `core_pattern` that is a pipe ignores the limit.
///
/// # Errors
/// The system's error; `Unsupported` where there is no such limit.
///
/// # References
/// setrlimit(2), core(5).
pub fn disable_core_dumps_for_process() -> io::Result<()> {
    disable_core_dumps().map(drop)
}

/// As [`disable_core_dumps_for_process`], until the guard is dropped.
///
/// # Errors
/// The system's error; `Unsupported` where there is no such limit.
pub fn disable_core_dumps_with_guard() -> io::Result<CoreDumpsDisabledGuard> {
    disable_core_dumps().map(|old| CoreDumpsDisabledGuard { old })
}

/// Restores the former `RLIMIT_CORE` on drop.
#[derive(Debug)]
pub struct CoreDumpsDisabledGuard {
    old: Limit,
}

impl Drop for CoreDumpsDisabledGuard {
    fn drop(&mut self) {
        if let Err(error) = setrlimit(Resource::Core, self.old) {
            // No channel back from a drop; silence would hide it. Not `eprintln!`, which
            // panics where standard error takes nothing.
            let _ = writeln!(
                io::stderr(),
                "stayput-sys: RLIMIT_CORE was not restored: {error}"
            );
        }
    }
}

fn disable_core_dumps() -> io::Result<Limit> {
    let old = getrlimit(Resource::Core)?;
    setrlimit(Resource::Core, Limit { soft: 0, ..old })?;
    Ok(old)
}
