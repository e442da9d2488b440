//! What the kernel says, for assertions.
//!
//! Windows programs are watched under Wine, whose host lists their memory; nothing else
//! shows their locks. What the host does not know of them is left out.
#![allow(dead_code, reason = "each test file uses what it needs")]

use stayput::PageRange;
use stayput::inspect::{Flag, Mapping, Process, locked_bytes, mappings};
use std::fs::File;
#[cfg(windows)]
use std::path::Path;

/// The marks of a protected page.
pub(crate) const HARDENED: &[Flag] = if cfg!(unix) {
    &[Flag::Locked, Flag::DontDump, Flag::WipeOnFork]
} else {
    &[Flag::Locked]
};

/// This process's mappings.
pub(crate) fn own_mappings() -> Vec<Mapping> {
    mappings(this_process()).expect("own smaps")
}

/// The mapping that holds `address`.
pub(crate) fn mapping_at<T>(address: *const T) -> Mapping {
    let address = address.addr() as u64;
    own_mappings()
        .into_iter()
        .find(|mapping| mapping.contains(address))
        .expect("mapped")
}

/// Whether the mapping that holds `address` has the flag.
pub(crate) fn has<T>(address: *const T, flag: Flag) -> bool {
    mapping_at(address).has(flag)
}

/// Whether the mapping that holds `address` has all marks of a protected page.
pub(crate) fn is_hardened<T>(address: *const T) -> bool {
    let mapping = mapping_at(address);
    HARDENED.iter().all(|&flag| mapping.has(flag))
}

/// Whether the kernel never swaps `bytes`: they are locked, or memory of `memfd_secret`, which
/// newer kernels don't flag.
pub(crate) fn never_swapped(bytes: &[u8]) -> bool {
    let is_secret = || mapping_at(bytes.as_ptr()).name.starts_with("/secretmem");
    all_locked(bytes) || is_secret()
}

/// `VmLck` in bytes.
pub(crate) fn locked() -> u64 {
    locked_bytes(this_process()).expect("own status")
}

/// Whether the kernel has each page of `bytes` locked, asked page by page: unlike
/// smaps it needs no memory of its own.
pub(crate) fn all_locked(bytes: &[u8]) -> bool {
    let pages = PageRange::covering(bytes.as_ptr().addr(), bytes.len().max(1));
    locked_pages(pages.expect("mapped"))
        .into_iter()
        .all(|it| it)
}

/// Whether the kernel has each page of the range locked.
#[cfg(unix)]
pub(crate) fn locked_pages(range: PageRange) -> Vec<bool> {
    let page = stayput_sys::page_size();
    let starts = (range.start()..range.end()).step_by(page);
    let is_locked = |start| {
        let one = PageRange::exact(start, page).expect("aligned");
        stayput_sys::residency::all_locked(one).expect("Linux 5.4")
    };
    starts.map(is_locked).collect()
}

/// Whether the kernel has each page of the range locked.
#[cfg(windows)]
pub(crate) fn locked_pages(range: PageRange) -> Vec<bool> {
    let mappings = own_mappings();
    let starts = (range.start()..range.end()).step_by(stayput_sys::page_size());
    let is_locked = |start| {
        let mut holding = mappings.iter().filter(|it| it.contains(start as u64));
        holding.next().is_some_and(|it| it.has(Flag::Locked))
    };
    starts.map(is_locked).collect()
}

/// The kernel's number for this process.
#[cfg(unix)]
fn this_process() -> Process {
    Process::Current
}

/// The kernel's number for this process: under Wine its host's, which Windows knows
/// nothing of.
#[cfg(windows)]
pub(crate) fn this_process() -> Process {
    const GETPID: u64 = 39; // asm/unistd_64.h
    assert!(
        Path::new(r"Z:\proc\self").exists(),
        "expected Wine with Z: as the host's root: nothing else shows a Windows program's locks"
    );
    let id: u64;
    // SAFETY: Wine's programs run on the host's kernel itself; the call takes nothing,
    // and changes the three registers named.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") GETPID => id,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack)
        );
    }
    Process::Id(u32::try_from(id).expect("a process number"))
}

/// A pipe: the end to read from and the end to write to. (The standard library's is
/// younger than the Rust that tests promise to run on.)
#[cfg(unix)]
pub(crate) fn pipe() -> (File, File) {
    use std::os::fd::FromRawFd;
    let mut ends = [-1; 2];
    // SAFETY: room for two descriptors, which are ours then.
    unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1]))
    }
}

/// Ends the body: Windows' processes do not fork.
#[cfg(windows)]
pub(crate) fn pipe() -> (File, File) {
    crate::own_process::skip_rest("Windows has no fork")
}

/// What a forked child's closure returns, as its exit status.
#[cfg(unix)]
pub(crate) fn in_fork_child(body: impl FnOnce() -> u8) -> Result<u8, i32> {
    // SAFETY: callers run in a process of their own; the child leaves by _exit.
    match unsafe { libc::fork() } {
        0 => {
            let status = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
            // SAFETY: ends the child without running the parent's destructors.
            unsafe { libc::_exit(status.unwrap_or(101).into()) }
        }
        child => {
            assert!(child > 0, "fork failed");
            let mut status = 0;
            // SAFETY: `child` is ours and `status` is live.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            if libc::WIFEXITED(status) {
                Ok(u8::try_from(libc::WEXITSTATUS(status)).expect("a byte"))
            } else {
                Err(libc::WTERMSIG(status))
            }
        }
    }
}

/// Ends the body: Windows' processes do not fork.
#[cfg(windows)]
pub(crate) fn in_fork_child(_: impl FnOnce() -> u8) -> Result<u8, i32> {
    crate::own_process::skip_rest("Windows has no fork")
}
