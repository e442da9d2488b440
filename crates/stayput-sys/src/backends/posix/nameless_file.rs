//! Pages of a file that has no name, mapped shared.
//!
//! `O_TMPFILE` (Linux 3.11, on the file systems that have it) makes a file that never
//! had a name; elsewhere its name is removed as soon as it is made. A file system that
//! writes changed blocks elsewhere (btrfs, ZFS, a snapshot, the flash below) keeps the
//! overwritten ones.

use super::posix::{self, check};
use crate::contract::Resource;
use crate::page::PageRange;
use std::fs::{File, OpenOptions, remove_file};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

/// A trial elsewhere comes first: a fixed mapping that the file system refuses may
/// already have torn a hole into the reservation.
pub(crate) unsafe fn commit_file(range: PageRange, dir: &Path) -> io::Result<()> {
    let file = nameless(dir)?;
    refuse_in_memory(&file)?;
    fill(&file, range.len())?;
    // SAFETY: a fresh mapping at an address of the kernel's choice touches nothing.
    let trial = unsafe { map_shared(&file, ptr::null_mut(), range.len(), 0)? };
    // SAFETY: mapped just above and known to nobody.
    check(unsafe { libc::munmap(trial, range.len()) })?;
    // SAFETY: the caller owns the reservation that the mapping replaces.
    unsafe { map_shared(&file, range.as_ptr(), range.len(), libc::MAP_FIXED) }.map(drop)
    // The descriptor closes here: the mapping keeps the file.
}

pub(crate) unsafe fn write_back(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the pages; writing them to their file changes none.
    check(unsafe { libc::msync(range.as_ptr(), range.len(), libc::MS_SYNC) })
}

/// # Safety
/// With `MAP_FIXED` the caller must own what is mapped at `place`.
unsafe fn map_shared(
    file: &File,
    place: *mut libc::c_void,
    len: usize,
    extra: libc::c_int,
) -> io::Result<*mut libc::c_void> {
    let access = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_SHARED | CONCEAL | extra;
    // SAFETY: the caller owns what a fixed mapping replaces; the descriptor is open.
    match unsafe { libc::mmap(place, len, access, flags, file.as_raw_fd(), 0) } {
        libc::MAP_FAILED => Err(io::Error::last_os_error()),
        start => Ok(start),
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn nameless(dir: &Path) -> io::Result<File> {
    // Exclusive: nobody can give it a name later.
    let flags = libc::O_TMPFILE | libc::O_EXCL;
    match private().custom_flags(flags).open(dir) {
        Err(error) if lacks_tmpfile(&error) => named_and_unlinked(dir),
        result => result,
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn nameless(dir: &Path) -> io::Result<File> {
    named_and_unlinked(dir)
}

/// The file system has no such files, or (`EISDIR`) the kernel.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn lacks_tmpfile(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EOPNOTSUPP | libc::EISDIR | libc::EINVAL)
    )
}

fn named_and_unlinked(dir: &Path) -> io::Result<File> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    loop {
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = dir.join(format!(".stayput-{}-{next}", process::id()));
        match private().create_new(true).open(&path) {
            // Left behind by a process of that number that was killed in between.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(file) => return remove_file(&path).map(|()| file),
        }
    }
}

/// Mode 0600; the standard library closes descriptors on exec.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

/// Writes zeros to the disk, so that a lack of space is an error here and no `SIGBUS`
/// at a touch.
fn fill(mut file: &File, len: usize) -> io::Result<()> {
    // Past this limit a write is a signal that ends the process.
    if posix::getrlimit(Resource::FileSize)?.soft < len as u64 {
        return Err(io::Error::from_raw_os_error(libc::EFBIG));
    }
    let zeros = [0; 64 * 1024];
    for start in (0..len).step_by(zeros.len()) {
        file.write_all(&zeros[..zeros.len().min(len - start)])?;
    }
    file.sync_all()
}

/// A file on tmpfs is memory, which goes to swap as any other does.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn refuse_in_memory(file: &File) -> io::Result<()> {
    // SAFETY: all-zero bytes are a valid statfs.
    let mut about: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: the descriptor is open and `about` is live for the kernel to fill.
    check(unsafe { libc::fstatfs(file.as_raw_fd(), &mut about) })?;
    if i128::from(about.f_type) == TMPFS_MAGIC {
        let expected = "the directory lies in memory (tmpfs); expected one on a disk";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, expected));
    }
    Ok(())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn refuse_in_memory(_: &File) -> io::Result<()> {
    Ok(())
}

// OpenBSD leaves out of dumps what was mapped so, and nothing later.
#[cfg(target_os = "openbsd")]
const CONCEAL: libc::c_int = libc::MAP_CONCEAL;
#[cfg(not(target_os = "openbsd"))]
const CONCEAL: libc::c_int = 0;

#[cfg(any(target_os = "linux", target_os = "android"))]
const TMPFS_MAGIC: i128 = 0x0102_1994; // linux/magic.h; the field's type differs
