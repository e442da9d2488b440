//! What the Unixes share: thin calls of libc.
#![allow(
    dead_code,
    reason = "each Unix takes from here what it does not do otherwise"
)]

use crate::limits::{Limit, Resource, UNLIMITED};
use crate::map::Access;
use crate::page::PageRange;
use crate::residency::Faults;
use libc::{c_int, c_void};
use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) const EPERM: i32 = libc::EPERM;
pub(crate) const EAGAIN: i32 = libc::EAGAIN;
pub(crate) const ENOMEM: i32 = libc::ENOMEM;
pub(crate) const EINVAL: i32 = libc::EINVAL;

/// 0 or the error in `errno`.
pub(crate) fn check(result: c_int) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[allow(
    clippy::useless_conversion,
    reason = "long has 32 bits on some targets"
)]
pub(crate) fn page_size() -> i64 {
    // SAFETY: sysconf has no preconditions.
    i64::from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) })
}

pub(crate) unsafe fn mlock(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the range; locking does not change its content.
    check(unsafe { libc::mlock(range.as_ptr(), range.len()) })
}

pub(crate) unsafe fn munlock(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the range; unlocking does not change its content.
    check(unsafe { libc::munlock(range.as_ptr(), range.len()) })
}

pub(crate) unsafe fn advise(range: PageRange, advice: c_int) -> io::Result<()> {
    // SAFETY: the caller owns the range; the advice is one of those that keep
    // its content in this process.
    check(unsafe { libc::madvise(range.as_ptr(), range.len(), advice) })
}

/// Reserves with `extra` flags beside the usual ones.
pub(crate) fn reserve_with(len: usize, extra: c_int) -> io::Result<PageRange> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE | extra;
    // SAFETY: a fresh mapping at an address of the kernel's choice touches nothing.
    let start = unsafe { map(std::ptr::null_mut(), len, libc::PROT_NONE, flags)? };
    PageRange::exact(start.expose_provenance(), len)
        .ok_or_else(|| io::Error::other("mmap returned a range that is not made of whole pages"))
}

pub(crate) fn reserve(len: usize) -> io::Result<PageRange> {
    reserve_with(len, 0)
}

pub(crate) unsafe fn commit(range: PageRange) -> io::Result<()> {
    // SAFETY: as `protect`.
    unsafe { protect(range, Access::ReadWrite) }
}

/// Decommits with `extra` flags beside the usual ones.
pub(crate) unsafe fn decommit_with(range: PageRange, extra: c_int) -> io::Result<()> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE | libc::MAP_FIXED | extra;
    // SAFETY: the caller owns the pages and gives their content up.
    unsafe { map(range.as_ptr(), range.len(), libc::PROT_NONE, flags) }.map(drop)
}

pub(crate) unsafe fn decommit(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller's promise is the same.
    unsafe { decommit_with(range, 0) }
}

pub(crate) unsafe fn release(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the reservation and gives it up.
    check(unsafe { libc::munmap(range.as_ptr(), range.len()) })
}

pub(crate) unsafe fn protect(range: PageRange, access: Access) -> io::Result<()> {
    let protection = match access {
        Access::None => libc::PROT_NONE,
        Access::Read => libc::PROT_READ,
        Access::ReadWrite => libc::PROT_READ | libc::PROT_WRITE,
    };
    // SAFETY: the caller owns the pages and answers for live references.
    check(unsafe { libc::mprotect(range.as_ptr(), range.len(), protection) })
}

/// The faults of `who`, which is one of the system's `RUSAGE_` constants.
pub(crate) fn faults_of(who: c_int) -> io::Result<Faults> {
    // SAFETY: all-zero bytes are a valid rusage.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `usage` is live for the kernel to fill.
    check(unsafe { libc::getrusage(who, &mut usage) })?;
    let count = |value| u64::try_from(value).map_err(io::Error::other);
    Ok(Faults {
        minor: count(usage.ru_minflt)?,
        major: count(usage.ru_majflt)?,
    })
}

pub(crate) fn getrlimit(resource: Resource) -> io::Result<Limit> {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is a live rlimit for the kernel to fill.
    check(unsafe { libc::getrlimit(number(resource), &mut limit) })?;
    Ok(Limit {
        soft: from_system(limit.rlim_cur),
        hard: from_system(limit.rlim_max),
    })
}

pub(crate) fn setrlimit(resource: Resource, limit: Limit) -> io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: to_system(limit.soft),
        rlim_max: to_system(limit.hard),
    };
    // SAFETY: `limit` is a live rlimit for the kernel to read.
    check(unsafe { libc::setrlimit(number(resource), &limit) })
}

/// Has a `pthread_atfork` handler zero `word` in each child of `fork` (a bare
/// `clone` runs no handlers). Takes the first word it is given, and no other.
pub(crate) fn zeroed_in_children(word: &'static AtomicU64) -> &'static AtomicU64 {
    static REGISTERED: OnceLock<&'static AtomicU64> = OnceLock::new();
    extern "C" fn in_child() {
        if let Some(word) = REGISTERED.get() {
            word.store(0, Ordering::Release);
        }
    }
    REGISTERED.get_or_init(|| {
        // SAFETY: the handler loads and stores static atomics only, which is
        // async-signal-safe. ENOMEM leaves the word to the kernel's wipe.
        unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        word
    })
}

/// # Safety
/// With `MAP_FIXED` the caller must own what is mapped at `addr`.
pub(crate) unsafe fn map(
    addr: *mut c_void,
    len: usize,
    protection: c_int,
    flags: c_int,
) -> io::Result<*mut c_void> {
    // SAFETY: the caller owns what a fixed mapping replaces; otherwise the
    // mapping is fresh.
    let start = unsafe { libc::mmap(addr, len, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        Err(io::Error::last_os_error())
    } else {
        Ok(start)
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
type ResourceNumber = libc::__rlimit_resource_t;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
type ResourceNumber = c_int;

fn number(resource: Resource) -> ResourceNumber {
    match resource {
        #[cfg(not(any(target_os = "solaris", target_os = "illumos")))]
        Resource::Memlock => libc::RLIMIT_MEMLOCK,
        // illumos bounds locked memory by a resource control, not by a limit:
        // -1 makes the call fail with EINVAL.
        #[cfg(any(target_os = "solaris", target_os = "illumos"))]
        Resource::Memlock => -1,
        Resource::Core => libc::RLIMIT_CORE,
        Resource::Stack => libc::RLIMIT_STACK,
    }
}

#[allow(
    clippy::unnecessary_cast,
    clippy::cast_lossless,
    reason = "rlim_t differs by platform"
)]
fn from_system(value: libc::rlim_t) -> u64 {
    if value == libc::RLIM_INFINITY {
        UNLIMITED
    } else {
        value as u64
    }
}

#[allow(
    clippy::unnecessary_cast,
    clippy::cast_possible_truncation,
    reason = "rlim_t differs by platform"
)]
fn to_system(value: u64) -> libc::rlim_t {
    if value == UNLIMITED {
        libc::RLIM_INFINITY
    } else {
        value as libc::rlim_t
    }
}
