//! Fork, exec, privilege and signals, for tests that need a process of their own.

use super::outside;
use crate::backends::raw as imp;
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::time::Duration;

pub use crate::contract::Fork;

/// Moves the program break up by `bytes`; the address where the new part begins.
/// The C heap does not know of it, so call this where the process ends soon.
///
/// # Errors
/// `ENOMEM`, the kernel's only answer.
///
/// # References
/// brk(2).
pub fn grow_brk(bytes: usize) -> io::Result<usize> {
    imp::grow_brk(bytes)
}

/// Enters a user namespace of its own.
///
/// # Errors
/// The kernel's; `EINVAL` in a process with more than one thread.
///
/// # References
/// unshare(2): `CLONE_NEWUSER`.
pub fn unshare_user() -> io::Result<()> {
    imp::unshare_user()
}

/// Reads one byte of this process by `process_vm_readv`.
///
/// # Errors
/// The kernel's, `EFAULT` above all.
///
/// # References
/// process_vm_readv(2).
pub fn read_own(addr: usize) -> io::Result<u8> {
    imp::read_own(addr)
}

/// Lets the parent trace this process and stops it.
///
/// # Errors
/// The kernel's.
///
/// # References
/// ptrace(2): `PTRACE_TRACEME`.
pub fn stop_traced() -> io::Result<()> {
    imp::stop_traced()
}

/// Reads a word of a child that is in [`stop_traced`], then ends the child.
///
/// # Errors
/// The kernel's, `EIO` above all.
///
/// # References
/// ptrace(2): `PTRACE_PEEKDATA`.
pub fn peek_traced(pid: i32, addr: usize) -> io::Result<()> {
    imp::peek_traced(pid, addr)
}

/// Starts an interval timer whose signal interrupts system calls (its handler is
/// set without `SA_RESTART`); see [`timer_ticks`].
///
/// # Errors
/// The kernel's.
///
/// # References
/// setitimer(2), signal(7).
pub fn start_timer(interval: Duration) -> io::Result<()> {
    imp::start_timer(interval)
}

/// How often the timer's handler ran.
#[must_use]
pub fn timer_ticks() -> u32 {
    imp::timer_ticks()
}

/// `fork`. The child is a copy in which everything works, since there was one
/// thread only; end it by [`exit`].
///
/// # Errors
/// The kernel's; `InvalidInput` in a process with more than one thread, whose
/// child might wait for ever on a lock that nobody holds.
///
/// # References
/// fork(2).
pub fn fork() -> io::Result<Fork> {
    if imp::threads()? != 1 {
        return Err(outside("fork needs a process with one thread"));
    }
    // SAFETY: with one thread no lock or half-made change of another's is copied.
    unsafe { imp::fork() }
}

/// Waits for a child: its exit code, or the negated number of the signal that
/// ended it.
///
/// # Errors
/// The kernel's.
///
/// # References
/// waitpid(2).
pub fn wait(pid: i32) -> io::Result<i32> {
    imp::wait(pid)
}

/// Ends the process at once, without destructors or handlers.
///
/// # References
/// `_exit`(2).
pub fn exit(code: i32) -> ! {
    imp::exit(code)
}

/// Replaces this program; returns only if that fails.
///
/// # References
/// execve(2).
#[must_use]
pub fn exec(program: &Path, args: &[&OsStr]) -> io::Error {
    imp::exec(program, args)
}

/// Gives `CAP_IPC_LOCK` up for good: from the effective, permitted, inheritable
/// and, as far as this process may, the bounding set, so that root does not get
/// it back by `execve`.
///
/// # Errors
/// The kernel's; `EPERM` for root without `CAP_SETPCAP`, who would get it back.
///
/// # References
/// capset(2), prctl(2): `PR_CAPBSET_DROP`.
pub fn drop_ipc_lock() -> io::Result<()> {
    imp::drop_ipc_lock()
}

/// Makes the C heap keep still: takes `bytes` now and gives nothing back, so
/// that later allocations up to that size change no mapping. No-op where the C
/// library has no such control.
pub fn settle_heap(bytes: usize) {
    imp::settle_heap(bytes);
}
