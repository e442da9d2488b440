//! What a pool is asked to be.

use crate::limits::{Budget, Capability, Cause, LockError, Operation, Policy};
use stayput_sys::page_size;

/// What kind of memory a pool hands out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Backing {
    /// Private anonymous pages, locked; zeros in a fork child.
    #[default]
    Locked,
    /// `memfd_secret` pages (Linux 5.14), which the kernel itself does not map:
    /// root's debuggers and `/proc/PID/mem` can't read them. Absent from fork
    /// children: reading an inherited secret is a fault there. While any is
    /// mapped the system can't hibernate: until the secrets are dropped and the
    /// pool is [trimmed](super::Pool::trim).
    SecretMem,
}

/// What a fork child finds in a pool's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnFork {
    /// Zeros, or nothing.
    Wipe,
    /// The parent's content, unlocked.
    Keep,
}

/// A pool's settings.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) policy: Policy,
    pub(super) backing: Backing,
    /// Most bytes to commit.
    pub(super) max_locked: usize,
    pub(super) on_fork: OnFork,
}

impl Config {
    pub(super) const DEFAULT: Self = Self {
        policy: Policy::Require,
        backing: Backing::Locked,
        max_locked: usize::MAX,
        on_fork: OnFork::Wipe,
    };

    /// How much address space to reserve for the arena that follows `arenas`
    /// others: no more than could ever be locked, as `mlockall` counts it too.
    pub(super) fn arena_bytes(&self, arenas: usize) -> usize {
        let grown = FIRST_ARENA.saturating_mul(1 << arenas.min(4));
        grown
            .min(self.max_locked)
            .min(self.lockable())
            .max(page_size())
    }

    /// Whether fork children lack pages, rather than read zeros in them.
    pub(super) fn leaves_holes(&self) -> bool {
        self.backing == Backing::SecretMem || matches!(self.policy, Policy::FileBacked { .. })
    }

    /// The most bytes that this process could lock.
    fn lockable(&self) -> usize {
        let budget = Budget::current();
        match (&self.policy, budget.capability, budget.hard) {
            (Policy::Require, Capability::Absent | Capability::WithoutEffect, Some(hard)) => {
                usize::try_from(hard).unwrap_or(usize::MAX)
            }
            _ => usize::MAX,
        }
    }

    /// Refuses to commit `needed` bytes beyond `held`.
    pub(super) fn check(&self, held: usize, needed: usize) -> Result<(), LockError> {
        if held.saturating_add(needed) <= self.max_locked {
            return Ok(());
        }
        let cause = Cause::PoolBudget {
            held,
            limit: self.max_locked,
            needed,
        };
        Err(LockError::new(Operation::Lock, None, None, cause))
    }
}

/// `pages` in bytes, or the error for a request beyond the address space.
pub(super) fn page_bytes(pages: usize) -> Result<usize, LockError> {
    pages
        .checked_mul(page_size())
        .filter(|&bytes| bytes < isize::MAX as usize / 2)
        .ok_or_else(|| LockError::new(Operation::Map, None, None, Cause::InvalidRange))
}

const FIRST_ARENA: usize = 64 << 20;
