//! Windows 8.1 and later (what newer versions add is looked up when it is used).
//!
//! - `VirtualLock` (Windows XP) needs no privilege and has no limit of its own
//!   but the working set's minimum: `windows/working_set.rs` grows it. Locks are not counted.
//!   `VirtualUnlock` of a page that is not locked fails with 158
//!   (`ERROR_NOT_LOCKED`), where the Unixes say nothing; memory that is
//!   decommitted or released is unlocked with it.
//! - Reservations start at multiples of 64 KiB and are released whole.
//! - `WerRegisterExcludedMemoryBlock` (Windows 10 1703) takes blocks out of the
//!   reports that Windows Error Reporting writes; dumps by other tools have them.
//!   It counts blocks, remembers them by address and beyond the mapping's life:
//!   `blocks.rs` keeps the list straight.
//! - A locked page that is made inaccessible is unlocked with it (`STATUS_WAS_UNLOCKED`).
//! - No fork, so no advice about it; no page merging or huge page advice either.

use super::unsupported;
pub(crate) use super::unsupported::{
    EAGAIN, EINVAL, ENOMEM, EPERM, MADVISE_DONTDUMP, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT,
    MLOCK_ONFAULT, RESERVED_IS_CONCEALED, all_locked, any_locked, commit_secret, getrlimit,
    mincore, mlock2, mlockall, munlockall, page_faults, reserve_heap, set_dumpable, set_io_flusher,
    set_scheduling, setrlimit, wiped_on_fork,
};
use super::working_set;
use crate::contract::{Access, Advice};
use crate::page::PageRange;
use std::io;
use std::ptr;
use windows_sys::Win32::Foundation::ERROR_INVALID_ADDRESS;
use windows_sys::Win32::System::Diagnostics::Debug::SetErrorMode;
use windows_sys::Win32::System::Memory::{
    MEM_COMMIT, MEM_DECOMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS, PAGE_READONLY,
    PAGE_READWRITE, VirtualAlloc, VirtualFree, VirtualProtect, VirtualUnlock,
};
use windows_sys::core::BOOL;

#[path = "windows/error_reporting.rs"]
mod error_reporting;

pub(crate) unsafe fn mlock(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the range and keeps it mapped.
    unsafe { working_set::lock(range) }
}

pub(crate) unsafe fn munlock(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the range; unlocking does not change its content.
    check(unsafe { VirtualUnlock(range.as_ptr(), range.len()) })
}

pub(crate) unsafe fn madvise(range: PageRange, advice: Advice) -> io::Result<()> {
    match advice {
        Advice::DontDump => error_reporting::exclude(range),
        Advice::DoDump => error_reporting::include(range),
        // SAFETY: the contract's own answer touches nothing.
        _ => unsafe { unsupported::madvise(range, advice) },
    }
}

pub(crate) fn reserve(len: usize) -> io::Result<PageRange> {
    // SAFETY: fresh address space of the system's choice touches nothing.
    let start = unsafe { VirtualAlloc(ptr::null(), len, MEM_RESERVE, PAGE_NOACCESS) };
    if start.is_null() {
        return Err(io::Error::last_os_error());
    }
    PageRange::exact(start.expose_provenance(), len).ok_or_else(|| {
        io::Error::other("VirtualAlloc returned a range that is not made of whole pages")
    })
}

pub(crate) fn reserve_at(range: PageRange) -> io::Result<()> {
    let (wanted, len) = (range.as_ptr(), range.len());
    // SAFETY: VirtualAlloc replaces nothing that is reserved.
    let start = unsafe { VirtualAlloc(wanted, len, MEM_RESERVE, PAGE_NOACCESS) };
    if start.is_null() {
        return Err(io::Error::last_os_error());
    }
    if start == wanted {
        return Ok(());
    }
    // The system rounded an address down to a multiple of 64 KiB.
    // SAFETY: the reservation was made just above and nobody knows of it.
    check(unsafe { VirtualFree(start, 0, MEM_RELEASE) })?;
    Err(io::Error::from_raw_os_error(ERROR_INVALID_ADDRESS as i32))
}

pub(crate) unsafe fn commit(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the reservation.
    let start = unsafe { VirtualAlloc(range.as_ptr(), range.len(), MEM_COMMIT, PAGE_READWRITE) };
    check((!start.is_null()).into())
}

pub(crate) unsafe fn decommit(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the reservation and gives the pages' content up.
    check(unsafe { VirtualFree(range.as_ptr(), range.len(), MEM_DECOMMIT) })
}

pub(crate) unsafe fn release(range: PageRange) -> io::Result<()> {
    error_reporting::forget(range);
    let whole = 0;
    // SAFETY: the caller owns the reservation and gives it up.
    check(unsafe { VirtualFree(range.as_ptr(), whole, MEM_RELEASE) })
}

pub(crate) unsafe fn protect(range: PageRange, access: Access) -> io::Result<()> {
    let protection = match access {
        Access::None => PAGE_NOACCESS,
        Access::Read => PAGE_READONLY,
        Access::ReadWrite => PAGE_READWRITE,
    };
    let mut former = 0;
    // SAFETY: the caller owns the pages and answers for live references;
    // `former` is live for the call to fill.
    check(unsafe { VirtualProtect(range.as_ptr(), range.len(), protection, &mut former) })
}

pub(crate) fn set_error_mode(mode: u32) -> io::Result<u32> {
    // SAFETY: the call takes flags and cannot fail.
    Ok(unsafe { SetErrorMode(mode) })
}

/// Zero means failure.
pub(super) fn check(result: BOOL) -> io::Result<()> {
    if result == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
