//! Values that reach the kernel unchanged, for whoever tests the kernel.
//!
//! Unlike [`lock`](crate::lock), nothing is rounded, checked or answered here:
//! length 0, an address that nobody maps, flags that nobody defined and lengths
//! that wrap all go to the system call. Linux only; elsewhere every function is
//! [`Unsupported`](std::io::ErrorKind::Unsupported).
//!
//! # Why these functions are safe
//! - *Locking* a range changes no content, no protection and no mapping, so any
//!   number may be passed. What a program can lose is confidentiality (an
//!   unlocked page may be swapped) and speed, not memory safety.
//! - *Mapping* calls act on a [`Playground`] alone: address space that this
//!   process took for the purpose, to which no reference is ever made and in
//!   which no Rust object lives. They refuse to leave it.
//! - [`fork`] refuses in a process with more than one thread.

mod playground;
mod process;

pub use playground::{
    MAP_LOCKED, MAP_NONBLOCK, MAP_POPULATE, MapArgs, Playground, RemapArgs, Source,
};
pub use process::{
    Fork, drop_ipc_lock, exec, exit, fork, grow_brk, peek_traced, read_own, settle_heap,
    start_timer, stop_traced, timer_ticks, unshare_user, wait,
};

use crate::backends::raw as imp;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// `mlock(addr, len)`, unchanged.
///
/// # Errors
/// The kernel's.
///
/// # References
/// mlock(2).
pub fn mlock(addr: usize, len: usize) -> io::Result<()> {
    imp::mlock(addr, len)
}

/// `mlock2(addr, len, flags)`, unchanged.
///
/// # Errors
/// The kernel's.
///
/// # References
/// mlock2(2), since Linux 4.4.
pub fn mlock2(addr: usize, len: usize, flags: u32) -> io::Result<()> {
    imp::mlock2(addr, len, flags)
}

/// `munlock(addr, len)`, unchanged. Undoes locks of whoever made them.
///
/// # Errors
/// The kernel's.
///
/// # References
/// munlock(2).
pub fn munlock(addr: usize, len: usize) -> io::Result<()> {
    imp::munlock(addr, len)
}

/// `mlockall(flags)`, unchanged.
///
/// # Errors
/// The kernel's.
///
/// # References
/// mlockall(2).
pub fn mlockall(flags: u32) -> io::Result<()> {
    imp::mlockall(flags)
}

/// `munlockall()`. Undoes locks of whoever made them.
///
/// # Errors
/// The kernel's.
///
/// # References
/// munlockall(2).
pub fn munlockall() -> io::Result<()> {
    imp::munlockall()
}

/// A file in memory (`memfd_create`) of `len` bytes that are not zero.
///
/// # Errors
/// The kernel's.
///
/// # References
/// memfd_create(2).
pub fn memfd(len: usize) -> io::Result<File> {
    imp::memfd(len)
}

/// An empty file in memory that fork children have and programs after `exec` too, and the
/// path by which each of them opens it. It is gone with the last process that has it.
///
/// # Errors
/// The kernel's.
///
/// # References
/// memfd_create(2), proc_pid_fd(5).
pub fn inherited_memfd() -> io::Result<(File, PathBuf)> {
    imp::inherited_memfd()
}

/// A session of one's own: what a terminal's keys send goes to others.
///
/// # Errors
/// `EPERM` for the leader of a process group.
///
/// # References
/// setsid(2).
pub fn leave_session() -> io::Result<()> {
    imp::leave_session()
}

/// A `memfd_secret` of `len` bytes; `FD_CLOEXEC` is added to the flags.
///
/// # Errors
/// The kernel's; `ENOSYS` where the kernel has none.
///
/// # References
/// memfd_secret(2), since Linux 5.14.
pub fn memfd_secret(len: usize, flags: u32) -> io::Result<File> {
    imp::memfd_secret(len, flags)
}

fn outside(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
