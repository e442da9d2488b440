//! `mlock` and its family.
//!
//! The operating system keeps no count of locks: one [`munlock`] undoes every
//! [`mlock`] of a page, whoever called it (Darwin alone nests them). Counting is
//! the business of `stayput::region`.

use crate::backends::imp;
use crate::page::pages_of;
use std::ffi::c_void;
use std::io;

/// [`mlockall`]: present mappings.
pub const MCL_CURRENT: u32 = imp::MCL_CURRENT;
/// [`mlockall`]: mappings made from now on.
pub const MCL_FUTURE: u32 = imp::MCL_FUTURE;
/// [`mlockall`]: lock pages when they are first touched (Linux 4.4).
pub const MCL_ONFAULT: u32 = imp::MCL_ONFAULT;
/// [`mlock2`]: lock pages when they are first touched (Linux 4.4).
pub const MLOCK_ONFAULT: u32 = imp::MLOCK_ONFAULT;

/// Locks the pages that hold `addr .. addr + len` into memory.
///
/// `len == 0` does nothing and is `Ok`. The range is rounded outwards to pages.
///
/// # Safety
/// - The range must be mapped and owned by the caller, and must not be unmapped
///   or remapped by anyone while the call runs.
/// - Locking works on whole pages: neighbours on the same page are locked too,
///   and unlocked again by the first `munlock` of that page.
/// - Wipe secrets before unlocking or unmapping; the lock keeps them out of
///   swap only while it lasts. It is binding where this returns `Ok`, not advice,
///   but ends with any `munlock` of the page, with unmapping and in fork children.
///
/// # Errors
/// - `InvalidInput`: the length rounds past the address space.
/// - `Unsupported`: no such call on this target.
/// - otherwise the system's error; on Linux `EPERM` (limit 0, no capability),
///   `ENOMEM` (limit, hole, unreadable page, too many mappings) or `EAGAIN`; on
///   Windows 1453 where the working set could not be grown to make room.
///   A failed call may leave some of the pages locked.
///
/// # References
/// mlock(2); `VirtualLock` (memoryapi.h).
pub unsafe fn mlock(addr: *const c_void, len: usize) -> io::Result<()> {
    match pages_of(addr, len)? {
        // SAFETY: the caller owns the range and keeps it mapped during the call.
        Some(range) => unsafe { imp::mlock(range) },
        None => Ok(()),
    }
}

/// Unlocks the pages that hold `addr .. addr + len`.
///
/// `len == 0` does nothing and is `Ok`. The range is rounded outwards to pages.
///
/// # Safety
/// - The range must be mapped and owned by the caller, and must not be unmapped
///   or remapped by anyone while the call runs.
/// - Unlocking works on whole pages, and one call undoes every lock of them: no
///   other part of the program may rely on a lock of any page touched.
/// - Wipe secrets first: the pages may reach swap as soon as this returns.
///
/// # Errors
/// - `InvalidInput`: the length rounds past the address space.
/// - `Unsupported`: no such call on this target.
/// - otherwise the system's error; on Linux `ENOMEM` for a hole; on Windows 158
///   for a page that is not locked.
///
/// # References
/// munlock(2); `VirtualUnlock` (memoryapi.h).
pub unsafe fn munlock(addr: *const c_void, len: usize) -> io::Result<()> {
    match pages_of(addr, len)? {
        // SAFETY: the caller owns the range and keeps it mapped during the call.
        Some(range) => unsafe { imp::munlock(range) },
        None => Ok(()),
    }
}

/// As [`mlock`], with flags: 0, or [`MLOCK_ONFAULT`] to lock each page when it
/// is first touched instead of bringing all of them in now.
///
/// # Safety
/// As for [`mlock`], word for word: owned, mapped and not unmapped meanwhile; whole
/// pages; wiped before unlocking. With [`MLOCK_ONFAULT`] a page that was already
/// swapped out stays there until it is touched.
///
/// # Errors
/// As for [`mlock`], and `EINVAL` for unknown flags; `Unsupported` off Linux,
/// `ENOSYS` before Linux 4.4.
///
/// # References
/// mlock2(2), since Linux 4.4.
pub unsafe fn mlock2(addr: *const c_void, len: usize, flags: u32) -> io::Result<()> {
    match pages_of(addr, len)? {
        // SAFETY: the caller owns the range and keeps it mapped during the call.
        Some(range) => unsafe { imp::mlock2(range, flags) },
        None => Ok(()),
    }
}

/// Locks the whole process: [`MCL_CURRENT`], [`MCL_FUTURE`], either with
/// [`MCL_ONFAULT`].
///
/// # Errors
/// On Linux `EINVAL` (flags), `EPERM` (limit 0, no capability) or `ENOMEM`
/// (the whole address space exceeds the limit). `Unsupported` where the call
/// does not exist (macOS answers `ENOSYS`, Windows and wasm have none).
///
/// # References
/// mlockall(2).
pub fn mlockall(flags: u32) -> io::Result<()> {
    imp::mlockall(flags)
}

/// Unlocks every page of the process and ends locking of future mappings.
///
/// This undoes the locks of *everybody* in the process, counted ones included.
///
/// # Errors
/// `Unsupported` where the call does not exist.
///
/// # References
/// munlockall(2).
pub fn munlockall() -> io::Result<()> {
    imp::munlockall()
}
