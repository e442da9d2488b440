//! What the system itself says about pages: resident, locked, faulted in.

use crate::backends::imp;
use crate::page::PageRange;
use std::io;

pub use crate::contract::{Faults, FaultsOf};

/// Tells for each page of `range` whether it is in memory.
///
/// # Errors
/// `ENOMEM` where something is not mapped; `Unsupported` where the call is missing.
///
/// # References
/// mincore(2).
pub fn mincore(range: PageRange) -> io::Result<Vec<bool>> {
    imp::mincore(range)
}

/// Whether any mapping in `range` is locked: `msync(MS_INVALIDATE)` is `EBUSY`
/// exactly there. Cheap, without privilege, without `/proc`.
///
/// # Errors
/// `ENOMEM` where something is not mapped; `Unsupported` off Linux.
///
/// # References
/// msync(2).
pub fn any_locked(range: PageRange) -> io::Result<bool> {
    imp::any_locked(range)
}

/// Whether every mapping in `range` is locked, asked page by page:
/// `madvise(MADV_COLD)` is `EINVAL` exactly where a mapping is locked.
///
/// # Errors
/// `ENOMEM` where something is not mapped; `Unsupported` off Linux, before 5.4, and
/// under emulators that take any advice.
///
/// # References
/// madvise(2): `MADV_COLD`.
pub fn all_locked(range: PageRange) -> io::Result<bool> {
    imp::all_locked(range)
}

/// How many page faults a thread or the process has taken. Takes none itself
/// once it has run.
///
/// # Errors
/// `Unsupported` where the platform does not count, or not by thread.
///
/// # References
/// getrusage(2): `ru_minflt`, `ru_majflt`; `RUSAGE_THREAD` since Linux 2.6.26.
pub fn page_faults(of: FaultsOf) -> io::Result<Faults> {
    imp::page_faults(of)
}
