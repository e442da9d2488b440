//! Under which privilege and limit a sequence begins.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A limit to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StartLimit {
    /// This many bytes.
    Bytes(u64),
    /// As far as the hard limit allows; with the capability that is no limit.
    Highest,
}

/// Under which privilege and limit a sequence begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// Whether `CAP_IPC_LOCK` is kept.
    pub capability: bool,
    /// The soft `RLIMIT_MEMLOCK`.
    pub limit: StartLimit,
}

impl Configuration {
    /// With and without the capability; 0, no page, 64 KiB, as much as may be.
    pub const ALL: [Self; 8] = [
        Self::new(true, StartLimit::Bytes(0)),
        Self::new(true, StartLimit::Bytes(4095)),
        Self::new(true, StartLimit::Bytes(65_536)),
        Self::new(true, StartLimit::Highest),
        Self::new(false, StartLimit::Bytes(0)),
        Self::new(false, StartLimit::Bytes(4095)),
        Self::new(false, StartLimit::Bytes(65_536)),
        Self::new(false, StartLimit::Highest),
    ];

    const fn new(capability: bool, limit: StartLimit) -> Self {
        Self { capability, limit }
    }

    /// The soft limit under a given hard one.
    #[must_use]
    pub fn soft(self, hard: u64) -> u64 {
        match self.limit {
            StartLimit::Bytes(bytes) => bytes.min(hard),
            StartLimit::Highest => hard,
        }
    }
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let capability = if self.capability { "with" } else { "without" };
        write!(f, "{capability} CAP_IPC_LOCK, ")?;
        match self.limit {
            StartLimit::Bytes(bytes) => write!(f, "limit {bytes}"),
            StartLimit::Highest if self.capability => f.write_str("unlimited"),
            StartLimit::Highest => f.write_str("limit at the hard maximum"),
        }
    }
}
