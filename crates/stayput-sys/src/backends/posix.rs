//! What the Unixes share: thin calls of libc.
#![allow(
    dead_code,
    reason = "each Unix takes from here what it does not do otherwise"
)]

use crate::contract::{Access, Advice, Faults, FaultsOf, Limit, Resource, UNLIMITED};
use crate::page::{PageRange, kernel_page_size, page_size as page};
use libc::{c_int, c_void};
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

// FreeBSD 11 took the flag away: it reserves nothing there to begin with. Nor does Linux
// for inaccessible pages, and with the flag those that are committed would not merge with
// the C library's mappings beside them.
#[cfg(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "dragonfly"
))]
const NORESERVE: c_int = 0;
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "freebsd",
    target_os = "dragonfly"
)))]
const NORESERVE: c_int = libc::MAP_NORESERVE;

const PRIVATE: c_int = libc::MAP_PRIVATE | libc::MAP_ANON | NORESERVE;

/// What a fork child finds in a mapping.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_os = "solaris",
    target_os = "illumos"
)))]
pub(crate) unsafe fn minherit(range: PageRange, inheritance: c_int) -> io::Result<()> {
    // SAFETY: the caller owns the range and answers for what fork children miss.
    check(unsafe { libc::minherit(range.as_ptr(), range.len(), inheritance) })
}

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

pub(crate) unsafe fn mlock(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the range; locking does not change its content.
    check(unsafe { libc::mlock(range.as_ptr(), range.len()) })
}

pub(crate) unsafe fn munlock(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the range; unlocking does not change its content.
    check(unsafe { libc::munlock(range.as_ptr(), range.len()) })
}

pub(crate) fn mlockall(flags: u32) -> io::Result<()> {
    let flags = c_int::try_from(flags).map_err(|_| from_errno(libc::EINVAL))?;
    // SAFETY: locking touches no content.
    check(unsafe { libc::mlockall(flags) })
}

pub(crate) fn munlockall() -> io::Result<()> {
    // SAFETY: unlocking touches no content.
    check(unsafe { libc::munlockall() })
}

pub(crate) unsafe fn advise(range: PageRange, advice: c_int) -> io::Result<()> {
    // SAFETY: the caller owns the range; the advice is one of those that keep
    // its content in this process.
    check(unsafe { libc::madvise(range.as_ptr(), range.len(), advice) })
}

/// Reserves with `extra` flags beside the usual ones.
pub(crate) fn reserve_with(len: usize, extra: c_int) -> io::Result<PageRange> {
    // None, but where a test has larger pages than the kernel.
    let slack = page() - kernel_page_size();
    let (anywhere, flags) = (ptr::null_mut(), PRIVATE | extra);
    // SAFETY: a fresh mapping at an address of the kernel's choice touches nothing.
    let mapped = unsafe { map(anywhere, len + slack, libc::PROT_NONE, flags)? };
    let before = mapped.addr().wrapping_neg() & slack;
    // SAFETY: what lies before and behind the whole pages was mapped just above.
    unsafe {
        unmap(mapped, before)?;
        unmap(mapped.wrapping_byte_add(before + len), slack - before)?;
    }
    PageRange::exact(mapped.expose_provenance() + before, len)
        .ok_or_else(|| io::Error::other("mmap returned a range that is not made of whole pages"))
}

/// # Safety
/// Nothing in the range may be in use.
unsafe fn unmap(start: *mut c_void, len: usize) -> io::Result<()> {
    match len {
        0 => Ok(()),
        // SAFETY: the caller gives the range up.
        len => check(unsafe { libc::munmap(start, len) }),
    }
}

pub(crate) fn reserve(len: usize) -> io::Result<PageRange> {
    reserve_with(len, 0)
}

/// Reserves `range` by its address as a hint, which a free range satisfies, with
/// `extra` flags beside the usual ones. They must not include `MAP_FIXED` alone,
/// which replaces what is mapped.
pub(crate) fn reserve_at_with(range: PageRange, extra: c_int) -> io::Result<()> {
    let flags = PRIVATE | extra;
    // SAFETY: a hint replaces nothing, nor do the exclusive flags of the callers.
    let start = unsafe { map(range.as_ptr(), range.len(), libc::PROT_NONE, flags)? };
    if start == range.as_ptr() {
        return Ok(());
    }
    // SAFETY: the mapping was made just above and nobody knows of it.
    check(unsafe { libc::munmap(start, range.len()) })?;
    Err(from_errno(libc::EEXIST))
}

pub(crate) fn reserve_at(range: PageRange) -> io::Result<()> {
    reserve_at_with(range, 0)
}

pub(crate) unsafe fn commit(range: PageRange) -> io::Result<()> {
    // SAFETY: as `protect`.
    unsafe { protect(range, Access::ReadWrite) }
}

/// Decommits with `extra` flags beside the usual ones.
pub(crate) unsafe fn decommit_with(range: PageRange, extra: c_int) -> io::Result<()> {
    let flags = PRIVATE | libc::MAP_FIXED | extra;
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

#[cfg(not(target_os = "openbsd"))]
pub(crate) fn mincore(range: PageRange) -> io::Result<Vec<bool>> {
    let by_kernel_pages = range.len() / kernel_page_size();
    let mut resident = vec![0u8; by_kernel_pages];
    let (start, answer) = (range.as_ptr().cast(), resident.as_mut_ptr().cast());
    // SAFETY: the vector has one byte for each page of the range.
    check(unsafe { libc::mincore(start, range.len(), answer) })?;
    Ok(resident
        .chunks(by_kernel_pages / range.pages())
        .map(|page| page.iter().any(|byte| byte & 1 != 0))
        .collect())
}

/// Of the process only: not every Unix counts by thread.
pub(crate) fn page_faults(of: FaultsOf) -> io::Result<Faults> {
    match of {
        FaultsOf::Process => faults_of(libc::RUSAGE_SELF),
        FaultsOf::Thread => super::unsupported::page_faults(of),
    }
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
    let resource = number(resource)?;
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: `limit` is a live rlimit for the kernel to fill.
    check(unsafe { libc::getrlimit(resource, &mut limit) })?;
    Ok(Limit {
        soft: from_system(limit.rlim_cur),
        hard: from_system(limit.rlim_max),
    })
}

pub(crate) fn setrlimit(resource: Resource, limit: Limit) -> io::Result<()> {
    let resource = number(resource)?;
    let limit = libc::rlimit {
        rlim_cur: to_system(limit.soft),
        rlim_max: to_system(limit.hard),
    };
    // SAFETY: `limit` is a live rlimit for the kernel to read.
    check(unsafe { libc::setrlimit(resource, &limit) })
}

/// A word that is 0 in each child of `fork` until the child writes it: `wipe`
/// has the kernel zero its page, bare `clone` included, and a `pthread_atfork`
/// handler zeroes it too, since emulators accept the advice and ignore it. Where
/// the advice is refused an ordinary word serves.
pub(crate) fn wiped_word(wipe: Advise) -> &'static AtomicU64 {
    // No OnceLock: a child forked while another thread fills one waits forever.
    static WORD: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());
    extern "C" fn in_child() {
        // SAFETY: the pointer is null or one that `publish` stored: valid forever.
        if let Some(word) = unsafe { WORD.load(Ordering::Acquire).as_ref() } {
            word.store(0, Ordering::Release);
        }
    }
    // SAFETY: as in the handler.
    match unsafe { WORD.load(Ordering::Acquire).as_ref() } {
        Some(word) => word,
        None => publish(&WORD, in_child, wipe),
    }
}

/// The backend's `madvise`.
pub(crate) type Advise = unsafe fn(PageRange, Advice) -> io::Result<()>;

/// Registers the handler before the word can be seen, so that no child is forked
/// between the two. A thread that loses the race has registered it once more and
/// leaves a page unused: both are harmless, and happen once.
#[cold]
fn publish(
    shared: &AtomicPtr<AtomicU64>,
    in_child: extern "C" fn(),
    wipe: Advise,
) -> &'static AtomicU64 {
    static ORDINARY: AtomicU64 = AtomicU64::new(0);
    // SAFETY: the handler loads and stores static atomics only, which is
    // async-signal-safe. ENOMEM leaves the word to the kernel's wipe.
    unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    let ours = match wiped_page(wipe) {
        Ok(page) => page.as_ptr().cast(),
        Err(_) => ptr::from_ref(&ORDINARY).cast_mut(),
    };
    let published =
        shared.compare_exchange(ptr::null_mut(), ours, Ordering::AcqRel, Ordering::Acquire);
    // SAFETY: a static, or a committed page that is never released; zeroed memory
    // is a valid AtomicU64 and a page is aligned for it.
    unsafe { &*published.map_or_else(|theirs| theirs, |_| ours) }
}

fn wiped_page(wipe: Advise) -> io::Result<PageRange> {
    let range = reserve(page())?;
    // SAFETY: the reservation was made just above and nobody knows of it.
    match unsafe { wipe(range, Advice::WipeOnFork).and_then(|()| commit(range)) } {
        Ok(()) => Ok(range),
        Err(refused) => {
            // SAFETY: as above, and the page is given up.
            unsafe { release(range)? };
            Err(refused)
        }
    }
}

fn from_errno(errno: c_int) -> io::Error {
    io::Error::from_raw_os_error(errno)
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

fn number(resource: Resource) -> io::Result<ResourceNumber> {
    match resource {
        #[cfg(not(any(target_os = "solaris", target_os = "illumos")))]
        Resource::Memlock => Ok(libc::RLIMIT_MEMLOCK),
        // Solaris bounds locked memory by resource controls of project and zone.
        #[cfg(any(target_os = "solaris", target_os = "illumos"))]
        Resource::Memlock => Err(super::unsupported::unsupported("RLIMIT_MEMLOCK")),
        Resource::Core => Ok(libc::RLIMIT_CORE),
        Resource::Stack => Ok(libc::RLIMIT_STACK),
        Resource::FileSize => Ok(libc::RLIMIT_FSIZE),
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

/// What a narrower type can't hold is as good as no limit.
#[allow(
    clippy::unnecessary_fallible_conversions,
    clippy::useless_conversion,
    reason = "rlim_t differs by platform"
)]
fn to_system(value: u64) -> libc::rlim_t {
    match value {
        UNLIMITED => libc::RLIM_INFINITY,
        value => libc::rlim_t::try_from(value).unwrap_or(libc::RLIM_INFINITY),
    }
}
