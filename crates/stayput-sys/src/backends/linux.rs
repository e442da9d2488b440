//! Linux and Android.
//!
//! The mlock family goes to the kernel directly: sanitizers replace libc's
//! `mlock` by a function that does nothing and returns 0, and a lock that
//! is only claimed is worse than none.

use super::posix::{self, check, faults_of};
pub(crate) use super::posix::{
    EAGAIN, EINVAL, ENOMEM, EPERM, commit, decommit, getrlimit, page_size, protect, release,
    reserve, setrlimit,
};
#[cfg(not(target_env = "gnu"))]
pub(crate) use super::unsupported::reserve_heap;
pub(crate) use super::unsupported::{set_error_mode, set_working_set, working_set};
use crate::advice::Advice;
use crate::page::{PageRange, page_size as page};
use crate::process::{Dumpable, IoFlusher, Scheduling};
use crate::residency::{Faults, FaultsOf};
use libc::{c_int, c_long};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

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
    };
    // SAFETY: the caller owns the range and answers for what fork children miss.
    unsafe { posix::advise(range, number) }
}

pub(crate) fn reserve_at(range: PageRange) -> io::Result<()> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANON | libc::MAP_NORESERVE | MAP_FIXED_NOREPLACE;
    // SAFETY: MAP_FIXED_NOREPLACE replaces nothing; kernels before 4.17 take the
    // address as a hint, and a mapping elsewhere is given back below.
    let start = unsafe { posix::map(range.as_ptr(), range.len(), libc::PROT_NONE, flags)? };
    if start == range.as_ptr() {
        return Ok(());
    }
    // SAFETY: the mapping was made just above and nobody knows of it.
    check(unsafe { libc::munmap(start, range.len()) })?;
    Err(io::Error::from_raw_os_error(libc::EEXIST))
}

pub(crate) unsafe fn commit_secret(range: PageRange) -> io::Result<()> {
    // SAFETY: memfd_secret takes flags only and returns a fresh descriptor.
    let fd = unsafe { libc::syscall(SYS_MEMFD_SECRET, libc::O_CLOEXEC) };
    check_long(fd.min(0))?;
    let raw = c_int::try_from(fd).map_err(io::Error::other)?;
    // SAFETY: the kernel has just handed the descriptor to us alone.
    let fd = unsafe { OwnedFd::from_raw_fd(raw) };
    let len = libc::off_t::try_from(range.len()).map_err(io::Error::other)?;
    // SAFETY: the descriptor is live; the file is fresh.
    check(unsafe { libc::ftruncate(fd.as_raw_fd(), len) })?;
    // SAFETY: the caller owns the reservation that the fixed mapping replaces.
    let start = unsafe {
        libc::mmap(
            range.as_ptr(),
            range.len(),
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_FIXED,
            fd.as_raw_fd(),
            0,
        )
    };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    Ok(())
    // The descriptor closes here: whoever could fetch it (pidfd_getfd) could map it.
}

pub(crate) fn mincore(range: PageRange) -> io::Result<Vec<bool>> {
    let mut resident = vec![0u8; range.pages()];
    // SAFETY: the vector has one byte for each page of the range.
    check(unsafe { libc::mincore(range.as_ptr(), range.len(), resident.as_mut_ptr().cast()) })?;
    Ok(resident.into_iter().map(|byte| byte & 1 != 0).collect())
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

pub(crate) fn page_faults(of: FaultsOf) -> io::Result<Faults> {
    faults_of(match of {
        FaultsOf::Thread => libc::RUSAGE_THREAD,
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
        Scheduling::Other => (libc::SCHED_OTHER, 0),
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

/// The kernel zeroes the page in every child, bare `clone` included. The
/// `pthread_atfork` handler zeroes it too: emulators accept the advice and
/// ignore it. Where the advice is refused an ordinary word serves.
pub(crate) fn wiped_on_fork() -> &'static AtomicU64 {
    static ORDINARY: AtomicU64 = AtomicU64::new(0);
    static WORD: OnceLock<&'static AtomicU64> = OnceLock::new();
    WORD.get_or_init(|| posix::zeroed_in_children(wiped_page().unwrap_or(&ORDINARY)))
}

fn wiped_page() -> io::Result<&'static AtomicU64> {
    let range = reserve(page())?;
    // SAFETY: the reservation was made just above and is never released.
    unsafe {
        madvise(range, Advice::WipeOnFork)?;
        commit(range)?;
        Ok(AtomicU64::from_ptr(range.as_ptr().cast()))
    }
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
const MADV_WIPEONFORK: c_int = 18; // asm-generic/mman-common.h, Linux 4.14
const MADV_KEEPONFORK: c_int = 19;
const PR_SET_IO_FLUSHER: c_int = 57; // linux/prctl.h, Linux 5.6
const MAP_FIXED_NOREPLACE: c_int = 0x10_0000; // asm-generic/mman-common.h, Linux 4.17
const SYS_MEMFD_SECRET: c_long = 447; // asm-generic/unistd.h, Linux 5.14: one number everywhere
