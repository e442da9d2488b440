//! Linux and Android.
//!
//! The mlock family goes to the kernel directly: sanitizers replace libc's
//! `mlock` by a function that does nothing and returns 0, and a lock that
//! is only claimed is worse than none.

use super::posix::{self, check, faults_of};
pub(crate) use super::posix::{
    EAGAIN, EINVAL, ENOMEM, EPERM, commit, decommit, getrlimit, mincore, protect, release, reserve,
    setrlimit,
};
#[cfg(not(target_env = "gnu"))]
pub(crate) use super::unsupported::reserve_heap;
pub(crate) use super::unsupported::{RESERVED_IS_CONCEALED, set_error_mode, unsupported};
use crate::contract::{Advice, Dumpable, Faults, FaultsOf, IoFlusher, Scheduling};
use crate::page::{PageRange, page_size as page};
use libc::{c_int, c_long, c_ulong, c_void};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

// From libc, since a few architectures number them otherwise.
pub(crate) const MCL_CURRENT: u32 = libc::MCL_CURRENT as u32;
pub(crate) const MCL_FUTURE: u32 = libc::MCL_FUTURE as u32;
pub(crate) const MCL_ONFAULT: u32 = MCL_FUTURE << 1;
pub(crate) const MLOCK_ONFAULT: u32 = 1;

pub(crate) const MADVISE_DONTDUMP: bool = true;

pub(crate) unsafe fn mlock(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the range; locking does not change its content.
    check_long(unsafe { libc::syscall(libc::SYS_mlock, range.as_ptr(), range.len()) })
}

pub(crate) unsafe fn munlock(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the range; unlocking does not change its content.
    check_long(unsafe { libc::syscall(libc::SYS_munlock, range.as_ptr(), range.len()) })
}

pub(crate) unsafe fn mlock2(range: PageRange, flags: u32) -> io::Result<()> {
    // SAFETY: the caller owns the range; locking does not change its content.
    check_long(unsafe { libc::syscall(libc::SYS_mlock2, range.as_ptr(), range.len(), flags) })
}

pub(crate) fn mlockall(flags: u32) -> io::Result<()> {
    // SAFETY: locking touches no content.
    check_long(unsafe { libc::syscall(libc::SYS_mlockall, flags) })
}

pub(crate) fn munlockall() -> io::Result<()> {
    // SAFETY: unlocking touches no content.
    check_long(unsafe { libc::syscall(libc::SYS_munlockall) })
}

pub(crate) unsafe fn madvise(range: PageRange, advice: Advice) -> io::Result<()> {
    let number = match advice {
        Advice::DontDump => libc::MADV_DONTDUMP,
        Advice::DoDump => libc::MADV_DODUMP,
        Advice::WipeOnFork => MADV_WIPEONFORK,
        Advice::KeepOnFork => MADV_KEEPONFORK,
        Advice::DontFork => libc::MADV_DONTFORK,
        Advice::DoFork => libc::MADV_DOFORK,
        Advice::Unmergeable => libc::MADV_UNMERGEABLE,
        Advice::HugePage => libc::MADV_HUGEPAGE,
        Advice::NoHugePage => libc::MADV_NOHUGEPAGE,
        Advice::Populate => libc::MADV_POPULATE_WRITE,
    };
    // SAFETY: the caller owns the range and answers for what fork children miss.
    unsafe { posix::advise(range, number) }
}

/// Kernels before 4.17 ignore the flag and take the address as a hint.
pub(crate) fn reserve_at(range: PageRange) -> io::Result<()> {
    posix::reserve_at_with(range, MAP_FIXED_NOREPLACE)
}

/// Maps the file elsewhere and moves it into place: a fixed mapping that the limit
/// refuses would already have torn a hole into the reservation.
pub(crate) unsafe fn commit_secret(range: PageRange) -> io::Result<()> {
    let elsewhere = map_secret(range.len())?;
    let flags = MREMAP_MAYMOVE | MREMAP_FIXED;
    let (len, place) = (range.len(), range.as_ptr());
    // SAFETY: the caller owns the reservation that the move replaces; the mapping
    // moved was made just above.
    let moved = unsafe { libc::syscall(libc::SYS_mremap, elsewhere, len, len, flags, place) };
    if moved != -1 {
        return Ok(());
    }
    let refused = io::Error::last_os_error();
    // SAFETY: made above and known to nobody.
    check(unsafe { libc::munmap(elsewhere, len) })?;
    Err(refused)
}

fn map_secret(len: usize) -> io::Result<*mut c_void> {
    // SAFETY: memfd_secret takes flags only and returns a fresh descriptor.
    let fd = unsafe { libc::syscall(SYS_MEMFD_SECRET, libc::O_CLOEXEC) };
    check_long(fd.min(0))?;
    let raw = c_int::try_from(fd).map_err(io::Error::other)?;
    // SAFETY: the kernel has just handed the descriptor to us alone.
    let fd = unsafe { OwnedFd::from_raw_fd(raw) };
    let size = libc::off_t::try_from(len).map_err(io::Error::other)?;
    // SAFETY: the descriptor is live; the file is fresh.
    check(unsafe { libc::ftruncate(fd.as_raw_fd(), size) })?;
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let (anywhere, file) = (std::ptr::null_mut(), fd.as_raw_fd());
    // SAFETY: a fresh mapping at an address of the kernel's choice touches nothing.
    let start = unsafe { libc::mmap(anywhere, len, access, libc::MAP_SHARED, file, 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // At once, and not when the caller advises it: a child that another thread forks
    // meanwhile would share what is written later.
    // SAFETY: mapped just above; no child has to read there.
    let hidden = check(unsafe { libc::madvise(start, len, libc::MADV_DONTFORK) });
    // SAFETY: mapped just above, writable, and known to nobody else.
    let pages = unsafe { std::slice::from_raw_parts_mut(start.cast::<u8>(), len) };
    hidden.and_then(|()| fill_secret(pages)).inspect_err(|_| {
        // SAFETY: mapped above, and not used any more.
        let _ = unsafe { libc::munmap(start, len) };
    })?;
    Ok(start)
    // The descriptor closes here: whoever could fetch it (pidfd_getfd) could map it.
}

/// Has the kernel write the zeros, which charges the pages. Kernels that mended
/// CVE-2026-93243 charge secret memory when it is touched, not when it is mapped:
/// over the limit a touch is a `SIGBUS`, but a read into the page an error.
fn fill_secret(pages: &mut [u8]) -> io::Result<()> {
    let Ok(mut zeros) = std::fs::File::open("/dev/zero") else {
        // A bare root directory: on those kernels the limit then shows as a signal.
        return Ok(());
    };
    match io::Read::read_exact(&mut zeros, pages) {
        Err(error) if error.raw_os_error() == Some(libc::EFAULT) => {
            Err(io::Error::from_raw_os_error(libc::EAGAIN))
        }
        other => other,
    }
}

pub(crate) fn any_locked(range: PageRange) -> io::Result<bool> {
    let flags = libc::MS_ASYNC | libc::MS_INVALIDATE;
    // SAFETY: for private and for unlocked shared memory the call changes nothing.
    match check(unsafe { libc::msync(range.as_ptr(), range.len(), flags) }) {
        Ok(()) => Ok(false),
        Err(error) if error.raw_os_error() == Some(libc::EBUSY) => Ok(true),
        Err(error) => Err(error),
    }
}

pub(crate) fn all_locked(range: PageRange) -> io::Result<bool> {
    if !knows_cold(range) {
        return Err(unsupported("madvise(MADV_COLD)"));
    }
    for offset in (0..range.len()).step_by(page()) {
        // SAFETY: MADV_COLD deactivates a page at most; content stays.
        let answer = check(unsafe {
            libc::madvise(range.as_ptr().byte_add(offset), page(), libc::MADV_COLD)
        });
        match answer {
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => {}
            Ok(()) => return Ok(false),
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// At length 0 `EINVAL` means that the kernel does not know the advice. Who knows
/// advice that does not exist is qemu's user mode and can't be believed.
fn knows_cold(range: PageRange) -> bool {
    static ANSWER: AtomicU8 = AtomicU8::new(UNASKED);
    const UNASKED: u8 = 0;
    const NO: u8 = 1;
    const YES: u8 = 2;
    const NO_SUCH_ADVICE: c_int = 0x7777;
    if ANSWER.load(Ordering::Relaxed) == UNASKED {
        // SAFETY: at length 0 the call touches nothing.
        let knows = |advice| unsafe { libc::madvise(range.as_ptr(), 0, advice) } == 0;
        let answer = knows(libc::MADV_COLD) && !knows(NO_SUCH_ADVICE);
        ANSWER.store(if answer { YES } else { NO }, Ordering::Relaxed);
    }
    ANSWER.load(Ordering::Relaxed) == YES
}

pub(crate) fn page_faults(of: FaultsOf) -> io::Result<Faults> {
    faults_of(match of {
        FaultsOf::Thread => RUSAGE_THREAD,
        FaultsOf::Process => libc::RUSAGE_SELF,
    })
}

/// One block of the wished size is touched and freed. With these settings it
/// joins the top of the heap and stays there.
#[cfg(target_env = "gnu")]
pub(crate) fn reserve_heap(bytes: usize) -> io::Result<()> {
    for (parameter, value) in [
        (libc::M_MMAP_MAX, 0),
        (libc::M_TRIM_THRESHOLD, -1),
        (libc::M_ARENA_MAX, 1),
    ] {
        // SAFETY: mallopt takes two integers; these are documented settings.
        if unsafe { libc::mallopt(parameter, value) } == 0 {
            return Err(io::Error::other(format!(
                "mallopt({parameter}) refused {value}"
            )));
        }
    }
    // SAFETY: malloc has no preconditions.
    let block: *mut u8 = unsafe { libc::malloc(bytes) }.cast();
    if block.is_null() {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    // The last byte too: the block does not start on a page.
    for offset in (0..bytes).step_by(page()).chain(bytes.checked_sub(1)) {
        // SAFETY: the block has `bytes` bytes and is ours alone.
        unsafe { block.add(offset).write_volatile(0) };
    }
    // SAFETY: malloc returned it just above and nobody keeps it.
    unsafe { libc::free(block.cast()) };
    Ok(())
}

pub(crate) fn set_scheduling(scheduling: Scheduling) -> io::Result<()> {
    let (policy, priority) = match scheduling {
        Scheduling::Other => (SCHED_OTHER, 0),
        Scheduling::Fifo { priority } => (libc::SCHED_FIFO, priority.into()),
    };
    // SAFETY: all-zero bytes are a valid sched_param.
    let mut parameters: libc::sched_param = unsafe { std::mem::zeroed() };
    parameters.sched_priority = priority;
    // SAFETY: 0 is the calling thread, `parameters` is live. Straight to the
    // kernel: musl's wrapper only says ENOSYS.
    check_long(unsafe { libc::syscall(libc::SYS_sched_setscheduler, 0, policy, &parameters) })
}

pub(crate) fn set_dumpable(dumpable: Dumpable) -> io::Result<()> {
    prctl(libc::PR_SET_DUMPABLE, (dumpable == Dumpable::Yes).into())
}

pub(crate) fn set_io_flusher(state: IoFlusher) -> io::Result<()> {
    prctl(PR_SET_IO_FLUSHER, (state == IoFlusher::On).into())
}

pub(crate) fn wiped_on_fork() -> &'static AtomicU64 {
    posix::wiped_word(madvise)
}

fn prctl(option: c_int, value: libc::c_ulong) -> io::Result<()> {
    let unused: libc::c_ulong = 0;
    // SAFETY: these options take integers only.
    check(unsafe { libc::prctl(option, value, unused, unused, unused) })
}

fn check_long(result: c_long) -> io::Result<()> {
    check(if result == 0 { 0 } else { -1 })
}

// Values of the kernel's headers that libc does not have on every Linux target.
const RUSAGE_THREAD: c_int = 1; // linux/resource.h, Linux 2.6.26
const SCHED_OTHER: c_int = 0; // linux/sched.h: SCHED_NORMAL
const MADV_WIPEONFORK: c_int = 18; // asm-generic/mman-common.h, Linux 4.14
const MADV_KEEPONFORK: c_int = 19;
const PR_SET_IO_FLUSHER: c_int = 57; // linux/prctl.h, Linux 5.6
const MREMAP_MAYMOVE: c_ulong = 1; // linux/mman.h, Linux 2.0; libc's Android lacks mremap
const MREMAP_FIXED: c_ulong = 2; // Linux 2.4; both read as a word, and so passed as one
const MAP_FIXED_NOREPLACE: c_int = 0x10_0000; // asm-generic/mman-common.h, Linux 4.17
const SYS_MEMFD_SECRET: c_long = 447; // asm-generic/unistd.h, Linux 5.14: one number everywhere
