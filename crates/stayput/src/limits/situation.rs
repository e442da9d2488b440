//! All that decides what a process may lock, and what would help.

use super::{Budget, Environment, Privileges};
use std::io;

/// Surroundings, limit and rights of a process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Situation {
    /// Where it runs.
    pub environment: Environment,
    /// What it may lock.
    pub budget: Budget,
    /// What else it may do.
    pub privileges: Privileges,
}

impl Situation {
    /// The calling thread's.
    #[must_use]
    pub fn current() -> Self {
        Self {
            environment: Environment::current(),
            budget: Budget::current(),
            privileges: Privileges::current(),
        }
    }

    /// Another process's.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn of(pid: u32) -> io::Result<Self> {
        Ok(Self {
            environment: Environment::of(pid)?,
            budget: Budget::of(pid)?,
            privileges: Privileges::of(pid)?,
        })
    }
}
