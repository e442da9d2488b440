//! What is freed is wiped first and unlocked then, as a tracer sees it.
//!
//! Not on Windows: there is no ptrace.
#![cfg(all(unix, target_arch = "x86_64"))]

#[path = "support/own_process.rs"]
mod own_process;

use own_process::{Setup, own_process};
use stayput::page::{AllocateLocked, FreeLocked, PosixLockedPageAllocator};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::ptr;

/// Bytes in a page.
fn page() -> usize {
    stayput_sys::page_size()
}

/// A traced child frees a page; what it holds is read as it enters `munlock`.
#[test]
fn pages_are_zero_before_they_are_unlocked() {
    own_process(
        "pages_are_zero_before_they_are_unlocked",
        Setup::new(),
        || {
            let (mut reader, mut writer) = UnixStream::pair().expect("a pair");
            // SAFETY: the child uses what it inherits and leaves by `_exit`.
            match unsafe { libc::fork() } {
                0 => {
                    let mut allocator = PosixLockedPageAllocator::default();
                    let start = allocator.allocate_locked(page(), ptr::null_mut());
                    // SAFETY: the allocator handed out a page; tracing oneself and
                    // stopping touch no memory.
                    unsafe {
                        start.cast::<u8>().write_bytes(0xaa, page());
                        libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0);
                    }
                    writer
                        .write_all(&start.addr().to_ne_bytes())
                        .expect("the parent reads");
                    // SAFETY: as above.
                    unsafe { libc::raise(libc::SIGSTOP) };
                    allocator.free_locked(start, page());
                    // SAFETY: ends the child.
                    unsafe { libc::_exit(0) }
                }
                child => {
                    let mut address = [0; size_of::<usize>()];
                    reader.read_exact(&mut address).expect("the child writes");
                    let seen = words_at_releases(child, usize::from_ne_bytes(address));
                    assert_eq!(
                        seen.first(),
                        Some(&(0, false)),
                        "written, as the control shows"
                    );
                    assert_eq!(
                        seen.get(1),
                        Some(&(libc::SYS_munlock, true)),
                        "wiped, then unlocked"
                    );
                }
            }
        },
    );
}

/// Whether the page starts with zeros at the child's stop (as call 0), and then
/// each time the child enters a call that unlocks or unmaps it.
fn words_at_releases(child: libc::pid_t, page: usize) -> Vec<(i64, bool)> {
    let mut seen = Vec::new();
    let mut status = 0;
    // SAFETY: the child is ours and traced, `status` and the registers are live.
    unsafe {
        libc::waitpid(child, &mut status, 0);
        while libc::WIFSTOPPED(status) {
            let mut registers: libc::user_regs_struct = std::mem::zeroed();
            libc::ptrace(libc::PTRACE_GETREGS, child, 0, &mut registers);
            let call = i64::try_from(registers.orig_rax).unwrap_or(-1);
            let releases = [libc::SYS_munlock, libc::SYS_munmap].contains(&call);
            if seen.is_empty() || (releases && registers.rdi == page as u64) {
                let word = libc::ptrace(libc::PTRACE_PEEKDATA, child, page, 0);
                seen.push((if seen.is_empty() { 0 } else { call }, word == 0));
            }
            libc::ptrace(libc::PTRACE_SYSCALL, child, 0, 0);
            libc::waitpid(child, &mut status, 0);
        }
    }
    seen
}
