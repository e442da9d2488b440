//! `madvise` and its relatives: what a mapping's pages mean to dumps, forks,
//! page merging and huge pages.

use crate::backends::imp;
use crate::page::{PageRange, pages_of};
use std::ffi::c_void;
use std::io;

pub use crate::contract::Advice;

/// Gives `advice` on whole pages.
///
/// # Safety
/// - The range must be mapped and owned by the caller, and must not be unmapped
///   or remapped by anyone while the call runs.
/// - Advice works on whole pages, and neighbours on them take part.
///   [`Advice::WipeOnFork`] and [`Advice::DontFork`] take the content away from
///   fork children: nothing that a child reads may live there.
/// - The fork advice is binding where this returns `Ok`; all other advice is a hint
///   and no reason to leave a secret unwiped before it is unlocked or unmapped.
///
/// # Errors
/// `Unsupported` where the platform has no such advice; otherwise the system's
/// error (`EINVAL` where the mapping or the kernel does not allow it).
///
/// # References
/// madvise(2), minherit(2), `WerRegisterExcludedMemoryBlock` (werapi.h).
pub unsafe fn madvise(range: PageRange, advice: Advice) -> io::Result<()> {
    // SAFETY: the caller owns the range and keeps it mapped during the call.
    unsafe { imp::madvise(range, advice) }
}

/// Leaves the pages that hold `addr .. addr + len` out of core dumps.
///
/// Advisory, best effort: readers other than the dumper are not stopped. The
/// range is rounded outwards to pages (excluding too much is safe), so any
/// buffer will do; `len == 0` does nothing and is `Ok`.
///
/// # Safety
/// - The range must be mapped and owned by the caller, and must not be unmapped
///   or remapped by anyone while the call runs.
/// - Whole pages are excluded: neighbours on the same pages vanish from dumps too.
/// - It is advice to the dumper alone: secrets are to be locked, and wiped before
///   they are unlocked or unmapped, all the same.
///
/// # Errors
/// - `InvalidInput`: the length rounds past the address space.
/// - `Unsupported`: neither Linux nor FreeBSD.
/// - otherwise the system's error.
///
/// # References
/// madvise(2): `MADV_DONTDUMP` (Linux), `MADV_NOCORE` (FreeBSD).
pub unsafe fn madvise_dontdump(addr: *mut c_void, len: usize) -> io::Result<()> {
    match pages_of(addr, len)? {
        // SAFETY: the caller owns the range and keeps it mapped during the call.
        Some(range) if imp::MADVISE_DONTDUMP => unsafe { imp::madvise(range, Advice::DontDump) },
        Some(_) => Err(imp::unsupported("madvise(MADV_DONTDUMP)")),
        None => Ok(()),
    }
}
