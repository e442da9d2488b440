//! Switches and facts of the process as a whole.

use crate::backends::imp;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

pub use crate::contract::{Dumpable, IoFlusher, Scheduling};

/// Whether `/proc/self`, where it is found, tells about this process: not on Windows.
/// (Under Wine a file of that name is the server's own.)
pub const HAS_PROC: bool = imp::HAS_PROC;

/// Whether the system has fork, by which children get copies of their parent's memory.
pub const HAS_FORK: bool = imp::HAS_FORK;

/// `SetErrorMode`: the system does not show the critical-error box.
pub const SEM_FAILCRITICALERRORS: u32 = 0x0001;
/// `SetErrorMode`: no Windows Error Reporting dialogue on a fault.
pub const SEM_NOGPFAULTERRORBOX: u32 = 0x0002;
/// `SetErrorMode`: no box when a file is not found.
pub const SEM_NOOPENFILEERRORBOX: u32 = 0x8000;

/// Sets the Windows error mode of the process and returns the previous one.
///
/// # Errors
/// `Unsupported` off Windows.
///
/// # References
/// `SetErrorMode` (errhandlingapi.h).
pub fn set_windows_error_mode(new_mode: u32) -> io::Result<u32> {
    imp::set_error_mode(new_mode)
}

/// Turns the error dialogues of Windows off for this process (the three
/// `SEM_*` flags) and returns the previous mode.
///
/// # Errors
/// `Unsupported` off Windows.
pub fn suppress_windows_error_dialogs_for_process() -> io::Result<u32> {
    set_windows_error_mode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX)
}

/// Sets whether this process may be dumped and traced. Inherited by fork,
/// undone by exec.
///
/// # Errors
/// `Unsupported` where the platform has no such switch.
///
/// # References
/// prctl(2): `PR_SET_DUMPABLE`; `procctl(2)`: `PROC_TRACE_CTL` (FreeBSD);
/// `setpflags`: `__PROC_PROTECT` (Solaris, illumos).
pub fn set_dumpable(dumpable: Dumpable) -> io::Result<()> {
    imp::set_dumpable(dumpable)
}

/// Marks the process as one that serves swap or file system I/O. Inherited by
/// fork: clear it in children.
///
/// # Errors
/// `EPERM` without `CAP_SYS_RESOURCE`; `EINVAL` before Linux 5.6;
/// `Unsupported` off Linux.
///
/// # References
/// prctl(2): `PR_SET_IO_FLUSHER`.
pub fn set_io_flusher(state: IoFlusher) -> io::Result<()> {
    imp::set_io_flusher(state)
}

/// Sets the calling thread's scheduling. Inherited by threads and children that
/// it starts.
///
/// # Errors
/// `EPERM` without `CAP_SYS_NICE` and above `RLIMIT_RTPRIO`; `EINVAL` for a
/// priority out of range; `Unsupported` off Linux.
///
/// # References
/// sched_setscheduler(2), sched(7).
pub fn set_scheduling(scheduling: Scheduling) -> io::Result<()> {
    imp::set_scheduling(scheduling)
}

/// A number for what must not outlive a fork: one that was taken before the fork
/// is never the child's.
///
/// It is 1 in a process that never noticed a fork and grows by one or more in
/// each child that asks; siblings may share one. Costs two loads: the number lives
/// in a page that the kernel wipes on fork
/// ([`WipeOnFork`](crate::advice::Advice::WipeOnFork)), backed by `pthread_atfork`
/// where that advice is missing or ignored. Threads share it; `vfork` children share
/// their parent's memory and so its number.
#[must_use]
#[inline]
pub fn fork_generation() -> u64 {
    let word = imp::wiped_on_fork();
    match word.load(Ordering::Acquire) {
        0 => next_generation(word),
        generation => generation,
    }
}

/// A mark of the calling process, to tell later whether a fork lies between.
/// Cheaper to ask than [`fork_generation`], and as true.
#[derive(Clone, Copy, Debug)]
pub struct ForkMark {
    word: &'static AtomicU64,
    generation: u64,
}

impl ForkMark {
    /// Of the calling process.
    #[must_use]
    pub fn of_this_process() -> Self {
        let generation = fork_generation();
        Self {
            word: imp::wiped_on_fork(),
            generation,
        }
    }

    /// Whether the calling process is the one that made it. In a fork child it
    /// is not, not even before the child asks for anything else.
    #[must_use]
    #[inline]
    pub fn is_current(&self) -> bool {
        self.word.load(Ordering::Acquire) == self.generation
    }

    /// The process's [`fork_generation`].
    #[must_use]
    #[inline]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

/// Claims a number for this process. The counter is raised *before* the word is
/// set, so that a child forked in between can't arrive at the same number.
#[cold]
fn next_generation(word: &AtomicU64) -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let next = LAST.fetch_add(1, Ordering::AcqRel) + 1;
    match word.compare_exchange(0, next, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => next,
        Err(current) => current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generation_is_stable_within_a_process() {
        let first = fork_generation();
        assert_ne!(first, 0);
        let others: Vec<_> = (0..4)
            .map(|_| std::thread::spawn(fork_generation))
            .collect();
        for other in others {
            assert_eq!(other.join().expect("no panic"), first);
        }
    }
}
