//! Where `crate::raw` has nothing behind it: every call is `Unsupported`.

use super::imp::unsupported;
use crate::contract::{Fork, MapArgs, RemapArgs};
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const HUGE_PAGE: usize = 2 << 20;
pub(crate) const MAP_LOCKED: u32 = 0;
pub(crate) const MAP_POPULATE: u32 = 0;
pub(crate) const MAP_NONBLOCK: u32 = 0;
pub(crate) const MADV_HWPOISON: i32 = 100;
pub(crate) const MADV_SOFT_OFFLINE: i32 = 101;

pub(crate) fn mlock(_: usize, _: usize) -> io::Result<()> {
    Err(unsupported("mlock"))
}

pub(crate) fn mlock2(_: usize, _: usize, _: u32) -> io::Result<()> {
    Err(unsupported("mlock2"))
}

pub(crate) fn munlock(_: usize, _: usize) -> io::Result<()> {
    Err(unsupported("munlock"))
}

pub(crate) fn mlockall(_: u32) -> io::Result<()> {
    Err(unsupported("mlockall"))
}

pub(crate) fn munlockall() -> io::Result<()> {
    Err(unsupported("munlockall"))
}

pub(crate) fn find_free(_: usize) -> io::Result<usize> {
    Err(unsupported("a playground"))
}

pub(crate) unsafe fn mmap(_: &MapArgs<'_>) -> io::Result<usize> {
    Err(unsupported("mmap"))
}

pub(crate) unsafe fn munmap(_: usize, _: usize) -> io::Result<()> {
    Err(unsupported("munmap"))
}

pub(crate) unsafe fn mprotect(_: usize, _: usize, _: u32) -> io::Result<()> {
    Err(unsupported("mprotect"))
}

pub(crate) unsafe fn mremap(_: &RemapArgs) -> io::Result<usize> {
    Err(unsupported("mremap"))
}

pub(crate) unsafe fn madvise(_: usize, _: usize, _: i32) -> io::Result<()> {
    Err(unsupported("madvise"))
}

pub(crate) unsafe fn mincore(_: usize, _: usize, _: *mut u8) -> io::Result<()> {
    Err(unsupported("mincore"))
}

pub(crate) unsafe fn msync(_: usize, _: usize, _: i32) -> io::Result<()> {
    Err(unsupported("msync"))
}

pub(crate) unsafe fn read(_: &File, _: usize, _: usize) -> io::Result<usize> {
    Err(unsupported("read"))
}

/// # Safety
/// None: there is no playground to be in.
pub(crate) unsafe fn poke(_: usize, _: u8) {}

/// # Safety
/// None: there is no playground to be in.
pub(crate) unsafe fn peek(_: usize) -> u8 {
    0
}

pub(crate) fn grow_brk(_: usize) -> io::Result<usize> {
    Err(unsupported("brk"))
}

pub(crate) fn unshare_user() -> io::Result<()> {
    Err(unsupported("unshare"))
}

pub(crate) fn read_own(_: usize) -> io::Result<u8> {
    Err(unsupported("process_vm_readv"))
}

pub(crate) fn stop_traced() -> io::Result<()> {
    Err(unsupported("ptrace"))
}

pub(crate) fn peek_traced(_: i32, _: usize) -> io::Result<()> {
    Err(unsupported("ptrace"))
}

pub(crate) fn start_timer(_: Duration) -> io::Result<()> {
    Err(unsupported("setitimer"))
}

pub(crate) fn timer_ticks() -> u32 {
    0
}

pub(crate) const fn moves_to(_: u32) -> bool {
    false
}

pub(crate) const fn may_move(_: u32) -> bool {
    false
}

pub(crate) fn memfd(_: usize) -> io::Result<File> {
    Err(unsupported("memfd_create"))
}

pub(crate) fn inherited_memfd() -> io::Result<(File, PathBuf)> {
    Err(unsupported("memfd_create"))
}

pub(crate) fn leave_session() -> io::Result<()> {
    Err(unsupported("setsid"))
}

pub(crate) fn memfd_secret(_: usize, _: u32) -> io::Result<File> {
    Err(unsupported("memfd_secret"))
}

pub(crate) fn threads() -> io::Result<u64> {
    Err(unsupported("the number of threads"))
}

pub(crate) unsafe fn fork() -> io::Result<Fork> {
    Err(unsupported("fork"))
}

pub(crate) fn wait(_: i32) -> io::Result<i32> {
    Err(unsupported("waitpid"))
}

pub(crate) fn exit(code: i32) -> ! {
    std::process::exit(code)
}

pub(crate) fn exec(_: &Path, _: &[&OsStr]) -> io::Error {
    unsupported("execve")
}

pub(crate) fn drop_ipc_lock() -> io::Result<()> {
    Err(unsupported("CAP_IPC_LOCK"))
}

pub(crate) fn settle_heap(_: usize) {}
