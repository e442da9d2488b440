//! The profile's configuration, and entering it.

use super::oom_score::{oom_score, set_oom_score};
use super::{Effect, Part, PartKind, SwapDaemon};
use crate::inspect::{self, Process};
use crate::limits::{Cause, LockError};
use crate::process::{MlockConfig, lock_report, prefault_stack, reserve_heap};
use stayput_sys::process::{IoFlusher, Scheduling, set_io_flusher, set_scheduling};

/// Configures a [`SwapDaemon`].
#[derive(Clone, Copy, Debug)]
pub struct SwapDaemonBuilder {
    stack: usize,
    heap: usize,
    io_flusher: bool,
    fifo: Option<u8>,
    oom_score: Option<i16>,
}

impl SwapDaemonBuilder {
    pub(super) const fn new() -> Self {
        Self {
            stack: 256 * 1024,
            heap: 0,
            io_flusher: true,
            fifo: Some(1),
            oom_score: Some(-1000),
        }
    }

    /// Bytes of the calling thread's stack to touch; 0 for none.
    #[must_use]
    pub const fn stack(mut self, bytes: usize) -> Self {
        self.stack = bytes;
        self
    }

    /// Bytes of heap to reserve by [`reserve_heap`]; 0 for none.
    #[must_use]
    pub const fn heap(mut self, bytes: usize) -> Self {
        self.heap = bytes;
        self
    }

    /// No `PR_SET_IO_FLUSHER`. Over NBD sockets the daemon then hung in some runs
    /// (`docs/swap-daemons.md`).
    #[must_use]
    pub const fn without_io_flusher(mut self) -> Self {
        self.io_flusher = false;
        self
    }

    /// `SCHED_FIFO` at this priority, 1 to 99.
    #[must_use]
    pub const fn fifo_priority(mut self, priority: u8) -> Self {
        self.fifo = Some(priority);
        self
    }

    /// Ordinary scheduling. Enough where requests don't pass through the network
    /// stack: over NBD sockets neither locking alone nor locking with the I/O
    /// flusher was, as measured (`docs/swap-daemons.md`).
    #[must_use]
    pub const fn without_fifo(mut self) -> Self {
        self.fifo = None;
        self
    }

    /// This `oom_score_adj`, -1000 (never killed) to 1000.
    #[must_use]
    pub const fn oom_score(mut self, score: i16) -> Self {
        self.oom_score = Some(score);
        self
    }

    /// The oom score stays as it is.
    #[must_use]
    pub const fn without_oom_score(mut self) -> Self {
        self.oom_score = None;
        self
    }

    /// Locks the process, then does the rest as far as the system lets it.
    ///
    /// # Errors
    /// [`LockError`] where locking is refused: nothing else is changed then.
    pub fn enter(self) -> Result<SwapDaemon, LockError> {
        let lock = lock_report(MlockConfig::default())?;
        let locked = if lock.status().is_locked() {
            Effect::InEffect
        } else {
            Effect::Unsupported
        };
        let (oom_score, oom_score_before) = self.enter_oom_score();
        let parts = [
            (PartKind::Lock, locked),
            (PartKind::Stack, brought_in(self.stack, prefault_stack)),
            (PartKind::Heap, brought_in(self.heap, reserve_heap)),
            (PartKind::IoFlusher, self.enter_io_flusher()),
            (PartKind::Scheduling, self.enter_scheduling()),
            (PartKind::OomScore, oom_score),
        ];
        Ok(SwapDaemon {
            lock,
            parts: parts.map(|(kind, effect)| Part { kind, effect }).into(),
            oom_score_before,
            threads_before: inspect::threads(Process::Current)
                .map_or(0, |all| all.len().saturating_sub(1)),
        })
    }

    fn enter_io_flusher(self) -> Effect {
        if !self.io_flusher {
            return Effect::NotAsked;
        }
        let needs = "PR_SET_IO_FLUSHER needs CAP_SYS_RESOURCE and Linux 5.6";
        Effect::of(set_io_flusher(IoFlusher::On), needs)
    }

    fn enter_scheduling(self) -> Effect {
        let needs = "SCHED_FIFO needs CAP_SYS_NICE or RLIMIT_RTPRIO, and a priority from 1 to 99";
        self.fifo.map_or(Effect::NotAsked, |priority| {
            Effect::of(set_scheduling(Scheduling::Fifo { priority }), needs)
        })
    }

    fn enter_oom_score(self) -> (Effect, Option<i16>) {
        let Some(score) = self.oom_score else {
            return (Effect::NotAsked, None);
        };
        let before = oom_score();
        let needs = "a lower oom_score_adj needs CAP_SYS_RESOURCE; from -1000 to 1000";
        let effect = Effect::of(set_oom_score(score), needs);
        let before = before.filter(|_| effect == Effect::InEffect);
        (effect, before)
    }
}

fn brought_in(bytes: usize, bring: fn(usize) -> Result<(), LockError>) -> Effect {
    if bytes == 0 {
        return Effect::NotAsked;
    }
    match bring(bytes) {
        Ok(()) => Effect::InEffect,
        Err(error) if *error.cause() == Cause::Unsupported => Effect::Unsupported,
        Err(error) => Effect::Refused {
            errno: error.errno(),
            reason: error.to_string(),
        },
    }
}
