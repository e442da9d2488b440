//! Windows 8.1 and later (what newer versions add is looked up when it is used).
//!
//! - `VirtualLock` (Windows XP) needs no privilege and has no limit of its own
//!   but the working set's minimum: `quota.rs` grows it. Locks are not counted.
//!   `VirtualUnlock` of a page that is not locked fails with 158
//!   (`ERROR_NOT_LOCKED`), where the Unixes say nothing; memory that is
//!   decommitted or released is unlocked with it.
//! - Reservations start at multiples of 64 KiB and are released whole.
//! - `WerRegisterExcludedMemoryBlock` (Windows 10 1607) takes blocks out of the
//!   reports that Windows Error Reporting writes; dumps by other tools have them.
//!   It counts blocks, remembers them by address and beyond the mapping's life.
//! - No fork, so no advice about it; no page merging or huge page advice either.

use super::quota::{self, WorkingSet};
use super::unsupported;
pub(crate) use super::unsupported::{
    EAGAIN, EINVAL, ENOMEM, EPERM, MADVISE_DONTDUMP, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT,
    MLOCK_ONFAULT, RESERVED_IS_CONCEALED, all_locked, any_locked, commit_secret, getrlimit,
    mincore, mlock2, mlockall, munlockall, page_faults, reserve_heap, set_dumpable, set_io_flusher,
    set_scheduling, setrlimit, wiped_on_fork,
};
use crate::contract::{Access, Advice};
use crate::page::PageRange;
use std::io;
use std::ptr;
use windows_sys::Win32::Foundation::ERROR_INVALID_ADDRESS;
use windows_sys::Win32::System::Diagnostics::Debug::SetErrorMode;
use windows_sys::Win32::System::Memory::{
    GetProcessWorkingSetSizeEx, MEM_COMMIT, MEM_DECOMMIT, MEM_RELEASE, MEM_RESERVE, PAGE_NOACCESS,
    PAGE_READONLY, PAGE_READWRITE, SetProcessWorkingSetSizeEx, VirtualAlloc, VirtualFree,
    VirtualLock, VirtualProtect, VirtualUnlock,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;
use windows_sys::core::BOOL;

#[path = "windows/error_reporting.rs"]
mod error_reporting;

pub(crate) unsafe fn mlock(range: PageRange) -> io::Result<()> {
    quota::lock_growing(&mut Process { range }, range.len())
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

pub(crate) fn working_set() -> io::Result<(usize, usize)> {
    working_set_and_flags().map(|(minimum, maximum, _)| (minimum, maximum))
}

/// Keeps the flags, which say whether the bounds are hard.
pub(crate) fn set_working_set(minimum: usize, maximum: usize) -> io::Result<()> {
    let (_, _, flags) = working_set_and_flags()?;
    // SAFETY: the pseudo handle of this process is always valid.
    check(unsafe { SetProcessWorkingSetSizeEx(GetCurrentProcess(), minimum, maximum, flags) })
}

pub(crate) fn set_error_mode(mode: u32) -> io::Result<u32> {
    // SAFETY: the call takes flags and cannot fail.
    Ok(unsafe { SetErrorMode(mode) })
}

fn working_set_and_flags() -> io::Result<(usize, usize, u32)> {
    let (mut minimum, mut maximum, mut flags) = (0, 0, 0);
    // SAFETY: the pseudo handle is always valid, the three places are live.
    check(unsafe {
        GetProcessWorkingSetSizeEx(GetCurrentProcess(), &mut minimum, &mut maximum, &mut flags)
    })?;
    Ok((minimum, maximum, flags))
}

/// This process, about to lock `range`: made by `mlock`, whose caller owns it.
struct Process {
    range: PageRange,
}

impl WorkingSet for Process {
    fn lock(&mut self) -> io::Result<()> {
        // SAFETY: `mlock`'s caller owns the range and keeps it mapped.
        check(unsafe { VirtualLock(self.range.as_ptr(), self.range.len()) })
    }

    fn size(&mut self) -> io::Result<(usize, usize)> {
        working_set()
    }

    fn resize(&mut self, minimum: usize, maximum: usize) -> io::Result<()> {
        set_working_set(minimum, maximum)
    }
}

/// Zero means failure.
fn check(result: BOOL) -> io::Result<()> {
    if result == 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map;

    /// The real calls below one injected refusal: neither Wine nor a test of
    /// ordinary size runs into the quota.
    struct RefusedOnce {
        real: Process,
        refusals: u32,
        resized_to: Option<(usize, usize)>,
    }

    impl WorkingSet for RefusedOnce {
        fn lock(&mut self) -> io::Result<()> {
            if self.refusals > 0 {
                self.refusals -= 1;
                return Err(io::Error::from_raw_os_error(quota::WORKING_SET_QUOTA));
            }
            self.real.lock()
        }

        fn size(&mut self) -> io::Result<(usize, usize)> {
            self.real.size()
        }

        fn resize(&mut self, minimum: usize, maximum: usize) -> io::Result<()> {
            self.resized_to = Some((minimum, maximum));
            self.real.resize(minimum, maximum)
        }
    }

    #[test]
    fn a_refused_lock_is_repeated_after_the_working_set_grew() {
        let range = map::reserve(1 << 20).expect("address space");
        // SAFETY: the reservation is ours until released at the end.
        unsafe { map::commit(range).expect("memory") };
        let before = working_set().expect("readable");
        let mut system = RefusedOnce {
            real: Process { range },
            refusals: 2,
            resized_to: None,
        };
        quota::lock_growing(&mut system, range.len()).expect("locks in the end");
        let grown = (before.0 + range.len(), before.1 + range.len());
        assert_eq!(system.resized_to, Some(grown));
        // SAFETY: as above; nothing uses the pages any more.
        unsafe { munlock(range).and_then(|()| release(range)) }.expect("ours");
    }
}
