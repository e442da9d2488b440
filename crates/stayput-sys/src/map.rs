//! Address space: reserve, commit, protect, give back; `memfd_secret`, files without
//! a name.
//!
//! One vocabulary for `mmap`/`mprotect`/`munmap` and
//! `VirtualAlloc`/`VirtualProtect`/`VirtualFree`: address space is *reserved*
//! (inaccessible, costs nothing), parts of it are *committed* (readable,
//! writable, zero) and *decommitted*, and the whole is *released*.

use crate::backends::{imp, nameless_file};
use crate::page::PageRange;
use std::io;
use std::path::Path;

pub use crate::contract::Access;

/// Whether reserved memory stays out of core dumps without further advice: on
/// OpenBSD, which conceals at `mmap` (`MAP_CONCEAL`) and never later.
pub const RESERVED_IS_CONCEALED: bool = imp::RESERVED_IS_CONCEALED;

/// Whether [`protect`] with [`Access::None`] ends the lock of the pages, so that they may
/// be written to the page file: on Windows.
///
/// # References
/// `STATUS_WAS_UNLOCKED` (ntstatus.h, MS-ERREF 2.3): "The page protection of a locked page
/// was changed to 'No Access' and the page was unlocked from memory and from the process."
pub const INACCESSIBLE_IS_UNLOCKED: bool = imp::INACCESSIBLE_IS_UNLOCKED;

/// Reserves `len` bytes of inaccessible address space, rounded up to pages.
///
/// The reservation is fresh: nothing else lives there. It counts towards
/// `total_vm`, which `mlockall` compares with `RLIMIT_MEMLOCK`.
///
/// # Errors
/// `InvalidInput` for length 0 or one that rounds past `isize::MAX`, which no slice
/// may (32-bit systems have as much);
/// `ENOMEM`; under `MCL_FUTURE` at the limit `EAGAIN`.
///
/// # References
/// mmap(2); `VirtualAlloc` with `MEM_RESERVE` (memoryapi.h).
pub fn reserve(len: usize) -> io::Result<PageRange> {
    let len = PageRange::covering(0, len)
        .map(PageRange::len)
        .filter(|&len| isize::try_from(len).is_ok())
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "expected a length from 1 to half the address space",
            )
        })?;
    imp::reserve(len)
}

/// Reserves exactly `range` if nothing is mapped there.
///
/// # Errors
/// `EEXIST` where something is mapped (Linux 4.17; before that and elsewhere
/// `Unsupported` or the system's error).
///
/// # References
/// mmap(2): `MAP_FIXED_NOREPLACE`.
pub fn reserve_at(range: PageRange) -> io::Result<()> {
    imp::reserve_at(range)
}

/// Makes reserved pages readable and writable; their content is zero.
///
/// # Safety
/// `range`, whole pages, must lie inside a live reservation that the caller owns and
/// that nobody releases while the call runs.
///
/// # Errors
/// The system's error, `ENOMEM` above all (memory, or too many mappings).
///
/// # References
/// mprotect(2); `VirtualAlloc` with `MEM_COMMIT` (memoryapi.h).
pub unsafe fn commit(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the reservation.
    unsafe { imp::commit(range) }
}

/// Gives the pages' memory back; the address space stays reserved,
/// inaccessible, without lock or advice.
///
/// # Safety
/// As for [`commit`], and nothing may use the pages' content any more. Wipe secrets
/// first: the lock ends here, and the memory goes back to the system as it is.
///
/// # Errors
/// The system's error.
///
/// # References
/// mmap(2) with `MAP_FIXED`; `VirtualFree` with `MEM_DECOMMIT` (memoryapi.h).
pub unsafe fn decommit(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the reservation and gives its content up.
    unsafe { imp::decommit(range) }
}

/// Gives a whole reservation back.
///
/// # Safety
/// `range` must be what one [`reserve`] returned (Windows releases nothing
/// smaller), be owned by the caller, and be used by nothing any more, this call's
/// duration included. Wipe secrets first, as for [`decommit`].
///
/// # Errors
/// The system's error.
///
/// # References
/// munmap(2); `VirtualFree` with `MEM_RELEASE` (memoryapi.h).
pub unsafe fn release(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the reservation and gives it up.
    unsafe { imp::release(range) }
}

/// Changes what committed pages may be used for.
///
/// # Safety
/// The caller must own the pages, which must stay mapped while the call runs, and no
/// live reference may be used in a way that the new access forbids. It works on
/// whole pages, and is binding: what it forbids is a fault.
///
/// # Errors
/// The system's error.
///
/// # References
/// mprotect(2); `VirtualProtect` (memoryapi.h).
pub unsafe fn protect(range: PageRange, access: Access) -> io::Result<()> {
    // SAFETY: the caller owns the pages and answers for live references.
    unsafe { imp::protect(range, access) }
}

/// Commits reserved pages as `memfd_secret` memory: unmapped from the kernel's
/// own address space, always locked, charged to `RLIMIT_MEMLOCK`, excluded from
/// dumps, unreadable through `/proc/PID/mem`, ptrace and `process_vm_readv`.
///
/// The mapping is shared, and a fork child's would be: so children do not have it, as
/// after [`DontFork`](crate::advice::Advice::DontFork). The descriptor is closed
/// before this returns. [`decommit`] gives the pages back.
///
/// # Safety
/// As for [`commit`].
///
/// # Errors
/// `Unsupported` off Linux; `ENOSYS` where the kernel was built or booted
/// without it (before 6.5 it needs `secretmem.enable=1`); `EAGAIN` over the limit. The
/// pages are filled with zeros here, since newer kernels charge them when they are
/// touched, and end the process with `SIGBUS` over the limit.
///
/// # References
/// memfd_secret(2), since Linux 5.14.
pub unsafe fn commit_secret(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the reservation.
    unsafe { imp::commit_secret(range) }
}

/// Replaces reserved or committed pages by those of a fresh file in `dir` that has no
/// name, is closed to others (mode 0600) and holds zeros.
///
/// What is written there is written to the disk sooner or later, and not to swap.
/// [`write_back`] has it written at once; [`decommit`] and [`release`] give the file
/// up, as it is. The mapping is shared, so a fork child would share it: advise
/// [`DontFork`](crate::advice::Advice::DontFork). Lock and advice that the pages had
/// are gone. Space on the disk is taken here, so that a touch needs none.
///
/// # Safety
/// As for [`commit`]; what the pages held is given up.
///
/// # Errors
/// `Unsupported` off the Unixes; `InvalidInput` where `dir` lies on Linux's tmpfs,
/// whose pages go to swap as any others do; otherwise the system's error: `ENOENT` and
/// `ENOTDIR` for `dir`, `EACCES`, `EROFS`, `ENOSPC`, `EDQUOT`, `EFBIG` (past
/// `RLIMIT_FSIZE`), `ENODEV` (the file system maps no files). The pages are then
/// reserved or committed as before, but for errors of the last step, after which they
/// are to be decommitted.
///
/// # References
/// open(2): `O_TMPFILE` (Linux 3.11); mmap(2): `MAP_SHARED`.
pub unsafe fn commit_file(range: PageRange, dir: &Path) -> io::Result<()> {
    // SAFETY: the caller owns the reservation and gives its content up.
    unsafe { nameless_file::commit_file(range, dir) }
}

/// Writes pages of [`commit_file`] to the disk, and returns when they are there.
///
/// To be called after a wipe, before the pages are given up: what was written to the
/// disk earlier is overwritten only now. File systems that never write in place
/// (btrfs, ZFS), snapshots, journals of data, and flash keep the earlier blocks.
///
/// # Safety
/// The caller must own the pages, which must stay mapped while the call runs. Neither
/// content nor advice changes; whole pages are written.
///
/// # Errors
/// `Unsupported` off the Unixes; otherwise the system's error, `EIO` above all.
///
/// # References
/// msync(2): `MS_SYNC`.
pub unsafe fn write_back(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the pages.
    unsafe { nameless_file::write_back(range) }
}
