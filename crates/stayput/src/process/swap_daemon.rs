//! The profile of a process that serves swap.

mod builder;
mod oom_score;
mod part;

pub use builder::SwapDaemonBuilder;
pub use part::{Effect, Part, PartKind};

use super::{LockReport, unlock_all};
use crate::limits::LockError;
use oom_score::set_oom_score;
use stayput_sys::process::{IoFlusher, Scheduling, set_io_flusher, set_scheduling};
use std::io;

/// A process that the kernel's memory reclaim waits for, and that so must not
/// wait for memory itself: a swap device in userspace (ublk, nbd), a file
/// system, a network block server.
///
/// Enter after the last fork (locks are not inherited) and before starting
/// worker threads (the I/O flag and the scheduling are the calling thread's, and
/// inherited by threads it starts). Not undone by dropping: see
/// [`SwapDaemon::leave`].
///
/// ```no_run
/// use stayput::process::SwapDaemon;
///
/// # fn main() -> Result<(), stayput::LockError> {
/// let daemon = SwapDaemon::enter()?;
/// for part in daemon.parts() {
///     eprintln!("{part}"); // what took effect, and what was refused and why
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "it says which parts took effect"]
pub struct SwapDaemon {
    lock: LockReport,
    parts: Vec<Part>,
    oom_score_before: Option<i16>,
    threads_before: usize,
}

impl SwapDaemon {
    /// Enters the profile with the defaults of [`SwapDaemon::builder`].
    ///
    /// # Errors
    /// As [`SwapDaemonBuilder::enter`].
    pub fn enter() -> Result<Self, LockError> {
        Self::builder().enter()
    }

    /// The profile's configuration: 256 KiB of stack, no heap, I/O flusher,
    /// `SCHED_FIFO` at priority 1, oom score -1000.
    #[must_use]
    pub const fn builder() -> SwapDaemonBuilder {
        SwapDaemonBuilder::new()
    }

    /// Every part, in the order of [`PartKind`].
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What became of one part.
    #[must_use]
    pub fn effect(&self, kind: PartKind) -> &Effect {
        self.parts
            .iter()
            .find(|part| part.kind == kind)
            .map_or(&Effect::NotAsked, |part| &part.effect)
    }

    /// What locking said: warnings about later growth too.
    #[must_use]
    pub fn lock(&self) -> &LockReport {
        &self.lock
    }

    /// Threads that ran already: stack, I/O flag and scheduling don't reach them.
    #[must_use]
    pub fn threads_before(&self) -> usize {
        self.threads_before
    }

    /// For a fork child: gives up what it inherited (I/O flag, scheduling, oom
    /// score; memory locks are not inherited). Takes no lock and allocates
    /// nothing, so it may run between fork and exec.
    ///
    /// # Errors
    /// The system's, for the first part that could not be given up; the others
    /// are tried all the same.
    pub fn clear_in_child(&self) -> io::Result<()> {
        let had = |kind| *self.effect(kind) == Effect::InEffect;
        let mut result = Ok(());
        if had(PartKind::IoFlusher) {
            result = result.and(set_io_flusher(IoFlusher::Off));
        }
        if had(PartKind::Scheduling) {
            result = result.and(set_scheduling(Scheduling::Other));
        }
        if let Some(score) = self.oom_score_before {
            result = result.and(set_oom_score(score));
        }
        result
    }

    /// Undoes the profile, on the thread that entered it: unlocks the process and
    /// returns to ordinary scheduling. Heap and stack stay touched.
    ///
    /// # Errors
    /// The system's, for the first part that could not be undone; the others are
    /// tried all the same.
    pub fn leave(self) -> io::Result<()> {
        let unlocked = unlock_all().map_err(io::Error::other);
        self.clear_in_child().and(unlocked)
    }
}
