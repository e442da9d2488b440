//! Linux: the calls behind `crate::raw`, with no value changed on the way.
//!
//! `libc::syscall` rather than libc's wrappers: those check (`mremap`), add
//! flags (`mmap`), or are replaced by sanitizers (`mlock`). Its arguments are
//! variadic and read as `long`s: each is widened here, since the upper half of a
//! narrower one is whatever lay there.

#[path = "raw/process.rs"]
mod process;

pub(crate) use process::*;

use crate::contract::{MapArgs, RemapArgs, Source};
use libc::{c_int, c_long, c_ulong};
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

pub(crate) const HUGE_PAGE: usize = 2 << 20;
pub(crate) const MAP_LOCKED: u32 = libc::MAP_LOCKED as u32;
pub(crate) const MAP_POPULATE: u32 = libc::MAP_POPULATE as u32;
pub(crate) const MAP_NONBLOCK: u32 = libc::MAP_NONBLOCK as u32;
pub(crate) const MADV_HWPOISON: i32 = 100;
pub(crate) const MADV_SOFT_OFFLINE: i32 = 101;

const MAP_DROPPABLE: c_int = 8; // linux/mman.h, Linux 6.11
const MAP_FIXED_NOREPLACE: c_int = 0x10_0000; // asm-generic/mman-common.h, Linux 4.17
const MAP_HUGE_2MB: c_int = 21 << 26; // linux/mman.h, Linux 3.8
const SYS_MEMFD_SECRET: c_long = 447; // asm-generic/unistd.h: one number everywhere
const MREMAP_MAYMOVE: u32 = 1; // linux/mman.h
const MREMAP_FIXED: u32 = 2;
const MREMAP_DONTUNMAP: u32 = 4;

pub(crate) fn mlock(addr: usize, len: usize) -> io::Result<()> {
    // SAFETY: locking changes neither content nor mappings.
    done(unsafe { libc::syscall(libc::SYS_mlock, addr, len) })
}

pub(crate) fn mlock2(addr: usize, len: usize, flags: u32) -> io::Result<()> {
    // SAFETY: locking changes neither content nor mappings.
    done(unsafe { libc::syscall(libc::SYS_mlock2, addr, len, c_ulong::from(flags)) })
}

pub(crate) fn munlock(addr: usize, len: usize) -> io::Result<()> {
    // SAFETY: unlocking changes neither content nor mappings.
    done(unsafe { libc::syscall(libc::SYS_munlock, addr, len) })
}

pub(crate) fn mlockall(flags: u32) -> io::Result<()> {
    // SAFETY: locking changes neither content nor mappings.
    done(unsafe { libc::syscall(libc::SYS_mlockall, c_ulong::from(flags)) })
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
            let huge = libc::MAP_HUGETLB | MAP_HUGE_2MB | libc::MAP_NORESERVE;
            (libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | huge, -1, 0)
        }
        Source::Private(fd, offset) => (libc::MAP_PRIVATE, fd.as_raw_fd(), offset),
        Source::Shared(fd, offset) => (libc::MAP_SHARED, fd.as_raw_fd(), offset),
    };
    let place = if args.no_replace {
        MAP_FIXED_NOREPLACE
    } else {
        libc::MAP_FIXED
    };
    let flags = kind | place | args.flags as c_int;
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
    done(unsafe { libc::syscall(libc::SYS_mprotect, addr, len, c_ulong::from(prot)) })
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
            c_ulong::from(args.flags),
            args.new_addr,
        )
    })
}

/// # Safety
/// Nothing in the range may be in use.
pub(crate) unsafe fn madvise(addr: usize, len: usize, advice: i32) -> io::Result<()> {
    // SAFETY: the caller owns the range.
    done(unsafe { libc::syscall(libc::SYS_madvise, addr, len, c_long::from(advice)) })
}

/// # Safety
/// `resident` must have a byte for each page of the range.
pub(crate) unsafe fn mincore(addr: usize, len: usize, resident: *mut u8) -> io::Result<()> {
    // SAFETY: the caller provides the bytes that the kernel fills.
    done(unsafe { libc::syscall(libc::SYS_mincore, addr, len, resident) })
}

/// # Safety
/// Nothing in the range may be in use.
pub(crate) unsafe fn msync(addr: usize, len: usize, flags: i32) -> io::Result<()> {
    // SAFETY: the caller owns the range.
    done(unsafe { libc::syscall(libc::SYS_msync, addr, len, c_long::from(flags)) })
}

/// # Safety
/// No Rust object may live in the range.
pub(crate) unsafe fn read(file: &File, addr: usize, len: usize) -> io::Result<usize> {
    let fd = c_long::from(file.as_raw_fd());
    // SAFETY: the caller owns the range; the kernel checks it.
    value(unsafe { libc::syscall(libc::SYS_read, fd, addr, len) })
}

/// # Safety
/// No Rust object may live at the address.
pub(crate) unsafe fn poke(addr: usize, byte: u8) {
    let place = std::ptr::with_exposed_provenance_mut::<u8>(addr);
    // SAFETY: the caller owns the address; a fault is a signal.
    unsafe { place.write_volatile(byte) }
}

/// # Safety
/// No Rust object may live at the address.
pub(crate) unsafe fn peek(addr: usize) -> u8 {
    let place = std::ptr::with_exposed_provenance::<u8>(addr);
    // SAFETY: the caller owns the address; a fault is a signal.
    unsafe { place.read_volatile() }
}

pub(crate) fn grow_brk(bytes: usize) -> io::Result<usize> {
    // SAFETY: brk(0) only asks.
    let now = value(unsafe { libc::syscall(libc::SYS_brk, 0_usize) })?;
    let no_room = || io::Error::from_raw_os_error(libc::ENOMEM);
    let wanted = now.checked_add(bytes).ok_or_else(no_room)?;
    // SAFETY: growth adds fresh memory; nothing that is mapped changes.
    match value(unsafe { libc::syscall(libc::SYS_brk, wanted) })? {
        then if then == wanted => Ok(now),
        _ => Err(no_room()),
    }
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
    let file = empty_memfd(libc::MFD_CLOEXEC)?;
    file.write_all_at(&vec![0x5a; len], 0)?;
    Ok(file)
}

pub(crate) fn inherited_memfd() -> io::Result<(File, PathBuf)> {
    let file = empty_memfd(0)?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok((file, path.into()))
}

pub(crate) fn leave_session() -> io::Result<()> {
    // SAFETY: has no preconditions.
    value(c_long::from(unsafe { libc::setsid() })).map(drop)
}

fn empty_memfd(flags: libc::c_uint) -> io::Result<File> {
    let name = c"stayput-playground".as_ptr();
    // SAFETY: the name is a live C string.
    owned(unsafe { libc::syscall(libc::SYS_memfd_create, name, c_ulong::from(flags)) })
}

pub(crate) fn memfd_secret(len: usize, flags: u32) -> io::Result<File> {
    let flags = flags | libc::O_CLOEXEC as u32;
    // SAFETY: the call takes flags only.
    let file = owned(unsafe { libc::syscall(SYS_MEMFD_SECRET, c_ulong::from(flags)) })?;
    file.set_len(len as u64)?;
    Ok(file)
}

unsafe fn syscall_mmap(
    addr: usize,
    len: usize,
    prot: u32,
    flags: c_int,
    fd: c_int,
    offset: u64,
) -> io::Result<usize> {
    let (prot, flags, fd) = (c_ulong::from(prot), c_long::from(flags), c_long::from(fd));
    let (call, offset) = at_offset(offset)?;
    // SAFETY: the caller owns what a fixed mapping replaces.
    value(unsafe { libc::syscall(call, addr, len, prot, flags, fd, offset) })
}

/// The call that maps, and a file's offset as it takes it.
#[cfg(target_pointer_width = "64")]
fn at_offset(offset: u64) -> io::Result<(c_long, u64)> {
    Ok((libc::SYS_mmap, offset))
}

/// An argument has 32 bits there: `mmap2` counts the offset in units of 4096 bytes,
/// whatever the page size.
#[cfg(target_pointer_width = "32")]
fn at_offset(offset: u64) -> io::Result<(c_long, usize)> {
    const UNIT: u64 = 4096;
    let units = usize::try_from(offset / UNIT).ok();
    let units = units.filter(|_| offset % UNIT == 0);
    Ok((
        libc::SYS_mmap2,
        units.ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))?,
    ))
}

fn done(result: c_long) -> io::Result<()> {
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

/// A result other than -1: on 32 bits the upper half of all addresses is negative.
fn value(result: c_long) -> io::Result<usize> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        value => Ok(usize::from_ne_bytes(value.to_ne_bytes())),
    }
}

fn owned(fd: c_long) -> io::Result<File> {
    let raw = c_int::try_from(value(fd)?).map_err(io::Error::other)?;
    // SAFETY: the kernel has just handed the descriptor to us alone.
    Ok(unsafe { File::from_raw_fd(raw) })
}
