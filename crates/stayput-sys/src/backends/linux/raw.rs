//! Linux: the calls behind `crate::raw`, with no value changed on the way.
//!
//! `libc::syscall` rather than libc's wrappers: those check (`mremap`), add
//! flags (`mmap`), or are replaced by sanitizers (`mlock`).

use crate::raw::{Fork, MapArgs, RemapArgs, Source};
use libc::{c_int, c_long};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

pub(crate) const HUGE_PAGE: usize = 2 << 20;
pub(crate) const MADV_HWPOISON: i32 = 100;
pub(crate) const MADV_SOFT_OFFLINE: i32 = 101;

const MAP_DROPPABLE: c_int = 8; // linux/mman.h, Linux 6.11
const MAP_FIXED_NOREPLACE: c_int = 0x10_0000; // asm-generic/mman-common.h, Linux 4.17
const SYS_MEMFD_SECRET: c_long = 447; // asm-generic/unistd.h: one number everywhere
const CAP_IPC_LOCK: libc::c_ulong = 14; // linux/capability.h
const LINUX_CAPABILITY_VERSION_3: u32 = 0x2008_0522;
const MREMAP_MAYMOVE: u32 = 1; // linux/mman.h
const MREMAP_FIXED: u32 = 2;
const MREMAP_DONTUNMAP: u32 = 4;

pub(crate) fn mlock(addr: usize, len: usize) -> io::Result<()> {
    // SAFETY: locking changes neither content nor mappings.
    done(unsafe { libc::syscall(libc::SYS_mlock, addr, len) })
}

pub(crate) fn mlock2(addr: usize, len: usize, flags: u32) -> io::Result<()> {
    // SAFETY: locking changes neither content nor mappings.
    done(unsafe { libc::syscall(libc::SYS_mlock2, addr, len, flags) })
}

pub(crate) fn munlock(addr: usize, len: usize) -> io::Result<()> {
    // SAFETY: unlocking changes neither content nor mappings.
    done(unsafe { libc::syscall(libc::SYS_munlock, addr, len) })
}

pub(crate) fn mlockall(flags: u32) -> io::Result<()> {
    // SAFETY: locking changes neither content nor mappings.
    done(unsafe { libc::syscall(libc::SYS_mlockall, flags) })
}

pub(crate) fn munlockall() -> io::Result<()> {
    // SAFETY: unlocking changes neither content nor mappings.
    done(unsafe { libc::syscall(libc::SYS_munlockall) })
}

/// A free range at a low multiple of 2 MiB: above `vm.mmap_min_addr`, below
/// where programs and the kernel's own choices begin.
pub(crate) fn find_free(len: usize) -> io::Result<usize> {
    for slot in 1..64 {
        let start = slot * HUGE_PAGE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | MAP_FIXED_NOREPLACE;
        // SAFETY: MAP_FIXED_NOREPLACE replaces nothing; older kernels take the
        // address as a hint and may answer with another fresh one.
        let got = unsafe { syscall_mmap(start, len, 0, flags | libc::MAP_NORESERVE, -1, 0) };
        let Ok(got) = got else { continue };
        // SAFETY: the mapping was made just above and nobody knows of it.
        unsafe { munmap(got, len)? };
        if got == start {
            return Ok(start);
        }
    }
    Err(io::Error::from_raw_os_error(libc::EEXIST))
}

/// # Safety
/// Nothing that the mapping replaces may be in use.
pub(crate) unsafe fn mmap(args: &MapArgs<'_>) -> io::Result<usize> {
    let (kind, fd, offset) = match args.source {
        Source::Anonymous => (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0),
        Source::Droppable => (MAP_DROPPABLE | libc::MAP_ANONYMOUS, -1, 0),
        Source::HugeTlb => {
            let huge = libc::MAP_HUGETLB | libc::MAP_NORESERVE;
            (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | huge, -1, 0)
        }
        Source::Private(fd, offset) => (libc::MAP_PRIVATE, fd.as_raw_fd(), offset),
        Source::Shared(fd, offset) => (libc::MAP_SHARED, fd.as_raw_fd(), offset),
    };
    let locked = if args.locked { libc::MAP_LOCKED } else { 0 };
    let place = if args.no_replace {
        MAP_FIXED_NOREPLACE
    } else {
        libc::MAP_FIXED
    };
    let flags = kind | locked | place;
    // SAFETY: the caller owns what a fixed mapping replaces.
    let got = unsafe { syscall_mmap(args.addr, args.len, args.prot, flags, fd, offset)? };
    if got != args.addr {
        // SAFETY: a kernel before 4.17 put the fresh mapping elsewhere.
        unsafe { munmap(got, args.len)? };
        return Err(io::Error::from_raw_os_error(libc::EEXIST));
    }
    Ok(got)
}

/// # Safety
/// Nothing in the range may be in use.
pub(crate) unsafe fn munmap(addr: usize, len: usize) -> io::Result<()> {
    // SAFETY: the caller owns the range.
    done(unsafe { libc::syscall(libc::SYS_munmap, addr, len) })
}

/// # Safety
/// Nothing in the range may be in use in a way that `prot` forbids.
pub(crate) unsafe fn mprotect(addr: usize, len: usize, prot: u32) -> io::Result<()> {
    // SAFETY: the caller owns the range.
    done(unsafe { libc::syscall(libc::SYS_mprotect, addr, len, prot) })
}

/// # Safety
/// Nothing in the old and the new range may be in use.
pub(crate) unsafe fn mremap(args: &RemapArgs) -> io::Result<usize> {
    // SAFETY: the caller owns both ranges.
    value(unsafe {
        libc::syscall(
            libc::SYS_mremap,
            args.addr,
            args.old_len,
            args.new_len,
            args.flags,
            args.new_addr,
        )
    })
}

/// # Safety
/// Nothing in the range may be in use.
pub(crate) unsafe fn madvise(addr: usize, len: usize, advice: i32) -> io::Result<()> {
    // SAFETY: the caller owns the range.
    done(unsafe { libc::syscall(libc::SYS_madvise, addr, len, advice) })
}

/// # Safety
/// `resident` must have a byte for each page of the range.
pub(crate) unsafe fn mincore(addr: usize, len: usize, resident: *mut u8) -> io::Result<()> {
    // SAFETY: the caller provides the bytes that the kernel fills.
    done(unsafe { libc::syscall(libc::SYS_mincore, addr, len, resident) })
}

/// `MREMAP_FIXED`: the caller names the target.
pub(crate) const fn moves_to(flags: u32) -> bool {
    flags & MREMAP_FIXED != 0
}

/// The kernel might choose a target.
pub(crate) const fn may_move(flags: u32) -> bool {
    flags & (MREMAP_MAYMOVE | MREMAP_DONTUNMAP) != 0
}

pub(crate) fn memfd(len: usize) -> io::Result<File> {
    // SAFETY: the name is a live C string.
    let fd = unsafe {
        libc::syscall(
            libc::SYS_memfd_create,
            c"stayput-playground".as_ptr(),
            libc::MFD_CLOEXEC,
        )
    };
    let file = owned(fd)?;
    file.write_all_at(&vec![0x5a; len], 0)?;
    Ok(file)
}

pub(crate) fn memfd_secret(len: usize) -> io::Result<File> {
    // SAFETY: the call takes flags only.
    let file = owned(unsafe { libc::syscall(SYS_MEMFD_SECRET, libc::O_CLOEXEC) })?;
    file.set_len(len as u64)?;
    Ok(file)
}

/// Each thread is a directory: two links more than threads.
pub(crate) fn threads() -> io::Result<u64> {
    Ok(std::fs::metadata("/proc/self/task")?
        .nlink()
        .saturating_sub(2))
}

/// # Safety
/// The process must have one thread, or the child may call only what is
/// async-signal-safe.
pub(crate) unsafe fn fork() -> io::Result<Fork> {
    // SAFETY: the caller answers for the child.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => Ok(Fork::Child),
        pid => Ok(Fork::Parent(pid)),
    }
}

pub(crate) fn wait(pid: i32) -> io::Result<i32> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is a live integer for the kernel to fill.
        if unsafe { libc::waitpid(pid, &mut status, 0) } == pid {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    Ok(if libc::WIFSIGNALED(status) {
        -libc::WTERMSIG(status)
    } else {
        libc::WEXITSTATUS(status)
    })
}

pub(crate) fn exit(code: i32) -> ! {
    // SAFETY: _exit has no preconditions.
    unsafe { libc::_exit(code) }
}

pub(crate) fn exec(program: &Path, args: &[&OsStr]) -> io::Error {
    Command::new(program).args(args).exec()
}

pub(crate) fn drop_ipc_lock() -> io::Result<()> {
    let unused: libc::c_ulong = 0;
    // SAFETY: the option takes integers only.
    let dropped =
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, CAP_IPC_LOCK, unused, unused, unused) };
    // SAFETY: geteuid has no preconditions.
    if dropped != 0 && unsafe { libc::geteuid() } == 0 {
        return Err(io::Error::last_os_error());
    }
    let header = [LINUX_CAPABILITY_VERSION_3, 0];
    let mut sets = [CapabilitySets::default(); 2];
    // SAFETY: header and sets have the layout of version 3 (linux/capability.h).
    done(unsafe { libc::syscall(libc::SYS_capget, &raw const header, &raw mut sets) })?;
    sets[0].effective &= !(1 << CAP_IPC_LOCK);
    sets[0].permitted &= !(1 << CAP_IPC_LOCK);
    sets[0].inheritable &= !(1 << CAP_IPC_LOCK);
    // SAFETY: as above.
    done(unsafe { libc::syscall(libc::SYS_capset, &raw const header, &raw const sets) })
}

/// `struct __user_cap_data_struct` of linux/capability.h.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct CapabilitySets {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

#[cfg(target_env = "gnu")]
pub(crate) fn settle_heap(bytes: usize) {
    // SAFETY: mallopt takes integers; the block is freed as it was allocated.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 30);
        libc::mallopt(libc::M_TRIM_THRESHOLD, c_int::MAX);
        libc::free(libc::malloc(bytes));
    }
}

#[cfg(not(target_env = "gnu"))]
pub(crate) fn settle_heap(_bytes: usize) {}

unsafe fn syscall_mmap(
    addr: usize,
    len: usize,
    prot: u32,
    flags: c_int,
    fd: c_int,
    offset: u64,
) -> io::Result<usize> {
    // SAFETY: the caller owns what a fixed mapping replaces.
    value(unsafe { libc::syscall(libc::SYS_mmap, addr, len, prot, flags, fd, offset) })
}

fn done(result: c_long) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// A non-negative result: user addresses never look negative.
fn value(result: c_long) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

fn owned(fd: c_long) -> io::Result<File> {
    let raw = c_int::try_from(value(fd)?).map_err(io::Error::other)?;
    // SAFETY: the kernel has just handed the descriptor to us alone.
    Ok(unsafe { File::from_raw_fd(raw) })
}
