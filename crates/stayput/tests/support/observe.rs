//! What the kernel says, for assertions.
#![allow(dead_code, reason = "each test file uses what it needs")]

use stayput::inspect::{Flag, Mapping, Process, locked_bytes, mappings};

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
