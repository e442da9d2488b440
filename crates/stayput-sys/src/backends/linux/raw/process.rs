//! Processes, privilege and signals for `crate::raw`.

use super::{done, value};
use crate::contract::Fork;
use libc::{c_int, c_long};
use std::ffi::OsStr;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const PTRACE_PEEKDATA: c_long = 2; // linux/ptrace.h; libc types it by C library
const CAP_IPC_LOCK: libc::c_ulong = 14; // linux/capability.h
const ITIMER_REAL: c_long = 0; // linux/time.h; libc's Android lacks it
const LINUX_CAPABILITY_VERSION_3: u32 = 0x2008_0522;

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

pub(crate) fn unshare_user() -> io::Result<()> {
    // SAFETY: a new user namespace changes credentials, not memory.
    done(unsafe { libc::syscall(libc::SYS_unshare, c_long::from(libc::CLONE_NEWUSER)) })
}

pub(crate) fn read_own(addr: usize) -> io::Result<u8> {
    let mut byte = 0_u8;
    let local = libc::iovec {
        iov_base: (&raw mut byte).cast(),
        iov_len: 1,
    };
    let remote = libc::iovec {
        iov_base: std::ptr::with_exposed_provenance_mut(addr),
        iov_len: 1,
    };
    // SAFETY: the local vector is one live byte; the kernel checks the remote one.
    value(unsafe {
        libc::syscall(
            libc::SYS_process_vm_readv,
            c_long::from(libc::getpid()),
            &raw const local,
            1_usize,
            &raw const remote,
            1_usize,
            0_usize,
        )
    })?;
    Ok(byte)
}

pub(crate) fn stop_traced() -> io::Result<()> {
    // SAFETY: PTRACE_TRACEME takes no further arguments.
    done(unsafe { libc::ptrace(libc::PTRACE_TRACEME) })?;
    // SAFETY: raising a signal has no preconditions.
    done(c_long::from(unsafe { libc::raise(libc::SIGSTOP) }))
}

/// The raw call stores the word where libc's wrapper would return it.
pub(crate) fn peek_traced(pid: i32, addr: usize) -> io::Result<()> {
    let mut status = 0;
    // SAFETY: `status` is a live integer for the kernel to fill.
    value(c_long::from(unsafe {
        libc::waitpid(pid, &mut status, libc::WUNTRACED)
    }))?;
    let mut word: c_long = 0;
    // SAFETY: the kernel checks the child's address and fills the live word.
    let peeked = done(unsafe {
        libc::syscall(
            libc::SYS_ptrace,
            PTRACE_PEEKDATA,
            c_long::from(pid),
            addr,
            &raw mut word,
        )
    });
    // SAFETY: the child is ours and not waited for yet, so the id is still its own.
    done(c_long::from(unsafe { libc::kill(pid, libc::SIGKILL) }))?;
    wait(pid)?;
    peeked
}

static TICKS: AtomicU32 = AtomicU32::new(0);

extern "C" fn tick(_: c_int) {
    TICKS.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn start_timer(interval: Duration) -> io::Result<()> {
    // SAFETY: all zeros is a valid sigaction: no flags, no mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = tick as extern "C" fn(c_int) as libc::sighandler_t;
    // SAFETY: the handler adds to an atomic, which is async-signal-safe.
    done(c_long::from(unsafe {
        libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut())
    }))?;
    // The kernel's struct itimerval, in words of its own: C libraries differ on 32 bits.
    let each = [
        c_long::try_from(interval.as_secs()).map_err(io::Error::other)?,
        c_long::try_from(u64::from(interval.subsec_micros())).map_err(io::Error::other)?,
    ];
    let timer = [each, each]; // it_interval, it_value
    // SAFETY: `timer` is live for the kernel to read.
    done(unsafe {
        libc::syscall(
            libc::SYS_setitimer,
            ITIMER_REAL,
            &raw const timer,
            std::ptr::null_mut::<[[c_long; 2]; 2]>(),
        )
    })
}

pub(crate) fn timer_ticks() -> u32 {
    TICKS.load(Ordering::Relaxed)
}
