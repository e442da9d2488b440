//! What the kernel says, for assertions.
#![allow(dead_code, reason = "each test file uses what it needs")]

use stayput::PageRange;
use stayput::inspect::{Flag, Mapping, Process, locked_bytes, mappings};
use std::fs::File;
use std::os::fd::FromRawFd;

/// The mapping that holds `address`.
pub(crate) fn mapping_at<T>(address: *const T) -> Mapping {
    let address = address.addr() as u64;
    mappings(Process::Current)
        .expect("own smaps")
        .into_iter()
        .find(|mapping| mapping.contains(address))
        .expect("mapped")
}

/// Whether the mapping that holds `address` has the flag.
pub(crate) fn has<T>(address: *const T, flag: Flag) -> bool {
    mapping_at(address).has(flag)
}

/// `VmLck` in bytes.
pub(crate) fn locked() -> u64 {
    locked_bytes(Process::Current).expect("own status")
}

/// Whether the kernel has each page of `bytes` locked, asked page by page: unlike
/// smaps it needs no memory of its own.
pub(crate) fn all_locked(bytes: &[u8]) -> bool {
    let pages = PageRange::covering(bytes.as_ptr().addr(), bytes.len().max(1));
    stayput_sys::residency::all_locked(pages.expect("mapped")).expect("Linux 5.4")
}

/// A pipe: the end to read from and the end to write to. (The standard library's is
/// younger than the Rust that tests promise to run on.)
pub(crate) fn pipe() -> (File, File) {
    let mut ends = [-1; 2];
    // SAFETY: room for two descriptors, which are ours then.
    unsafe {
        assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
        (File::from_raw_fd(ends[0]), File::from_raw_fd(ends[1]))
    }
}

/// What a forked child's closure returns, as its exit status.
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
