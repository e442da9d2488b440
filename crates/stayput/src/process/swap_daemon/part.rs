//! What became of each part of the profile.

use std::fmt;
use std::io;

/// One part of the profile and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// Which.
    pub kind: PartKind,
    /// What became of it.
    pub effect: Effect,
}

/// A part of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PartKind {
    /// All memory, present and future (`mlockall`).
    Lock,
    /// The calling thread's stack touched in advance.
    Stack,
    /// The heap reserved in advance.
    Heap,
    /// Allocations that don't wait for the daemon's own I/O
    /// (`PR_SET_IO_FLUSHER`).
    IoFlusher,
    /// Before all ordinary threads (`SCHED_FIFO`).
    Scheduling,
    /// Last to be killed when memory runs out (`oom_score_adj`).
    OomScore,
}

/// What became of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// It holds.
    InEffect,
    /// The configuration leaves it out.
    NotAsked,
    /// The platform has no such thing.
    Unsupported,
    /// The system refused.
    Refused {
        /// Its error number, if a call was refused.
        errno: Option<i32>,
        /// What it said, and what is needed.
        reason: String,
    },
}

impl Effect {
    /// `needs` says what a refused call wants.
    pub(super) fn of(result: io::Result<()>, needs: &str) -> Self {
        match result {
            Ok(()) => Self::InEffect,
            // No number: not the kernel's answer but this crate's.
            Err(error) if error.raw_os_error().is_none() => Self::Unsupported,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::Unsupported,
            Err(error) => Self::Refused {
                errno: error.raw_os_error(),
                reason: format!("{error}: {needs}"),
            },
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            PartKind::Lock => "memory locked (mlockall)",
            PartKind::Stack => "stack touched in advance",
            PartKind::Heap => "heap reserved",
            PartKind::IoFlusher => "I/O flusher (PR_SET_IO_FLUSHER)",
            PartKind::Scheduling => "real-time scheduling (SCHED_FIFO)",
            PartKind::OomScore => "oom score",
        };
        write!(f, "{what}: {}", self.effect)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InEffect => f.write_str("in effect"),
            Self::NotAsked => f.write_str("not asked for"),
            Self::Unsupported => f.write_str("not available here"),
            Self::Refused { reason, .. } => write!(f, "refused: {reason}"),
        }
    }
}
