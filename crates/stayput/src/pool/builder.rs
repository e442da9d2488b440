//! Making a pool of one's own.

use super::Pool;
use super::config::{Backing, Config};
use super::shared::{Handle, Shared};
use crate::limits::Policy;
use std::sync::Arc;

/// Settings for a pool; the defaults are those of the process-wide one.
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct PoolBuilder {
    config: Config,
}

impl Default for PoolBuilder {
    fn default() -> Self {
        Self {
            config: Config::DEFAULT,
        }
    }
}

impl PoolBuilder {
    /// What to do where locking is impossible; [`Policy::Require`] by default.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.config.policy = policy;
        self
    }

    /// What kind of memory to hand out; [`Backing::Locked`] by default.
    pub fn backing(mut self, backing: Backing) -> Self {
        self.config.backing = backing;
        self
    }

    /// Most bytes that the pool may hold, whole pages; no bound by default.
    pub fn max_locked(mut self, bytes: usize) -> Self {
        self.config.max_locked = bytes;
        self
    }

    /// The pool. Nothing is mapped or locked yet: the first allocation does.
    #[must_use]
    pub fn build(self) -> Pool {
        Pool::from_handle(Handle::Counted(Arc::new(Shared::new(self.config))))
    }
}
