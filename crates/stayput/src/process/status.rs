//! What became of a lock.

use std::fmt;

/// What [`lock_all`](super::lock_all) did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MlockStatus {
    /// The process is locked.
    Locked {
        /// Bytes locked right after the call (`VmLck`).
        bytes_locked: usize,
    },
    /// The system refused, and the configuration does not require the lock.
    Failed {
        /// The system's error number.
        errno: i32,
    },
    /// The platform has no `mlockall`.
    Unsupported,
}

impl MlockStatus {
    /// Whether the process is locked.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        matches!(self, Self::Locked { .. })
    }

    /// Whether the system refused.
    #[must_use]
    pub const fn is_failed(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }

    /// Whether the platform has no such call.
    #[must_use]
    pub const fn is_unsupported(&self) -> bool {
        matches!(self, Self::Unsupported)
    }

    /// Bytes locked; 0 unless locked.
    #[must_use]
    pub const fn bytes_locked(&self) -> usize {
        match self {
            Self::Locked { bytes_locked } => *bytes_locked,
            _ => 0,
        }
    }

    /// The error number of a refusal.
    #[must_use]
    pub const fn failure_errno(&self) -> Option<i32> {
        match self {
            Self::Failed { errno } => Some(*errno),
            _ => None,
        }
    }
}

impl fmt::Display for MlockStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KIB: usize = 1024;
        const MIB: usize = 1024 * KIB;
        match *self {
            Self::Locked { bytes_locked } => match bytes_locked {
                0..KIB => write!(f, "locked ({bytes_locked} bytes)"),
                KIB..MIB => write!(f, "locked ({} KB)", bytes_locked / KIB),
                _ => write!(f, "locked ({} MB)", bytes_locked / MIB),
            },
            Self::Failed { errno } => write!(f, "failed (errno={errno})"),
            Self::Unsupported => f.write_str("unsupported platform"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MlockStatus::{self, Failed, Locked, Unsupported};

    #[test]
    fn each_status_says_what_it_is() {
        let all = |status: MlockStatus| {
            (
                [
                    status.is_locked(),
                    status.is_failed(),
                    status.is_unsupported(),
                ],
                status.bytes_locked(),
                status.failure_errno(),
                status.to_string(),
            )
        };
        let locked = |bytes_locked| Locked { bytes_locked };
        for (status, expected) in [
            (
                locked(512),
                ([true, false, false], 512, None, "locked (512 bytes)"),
            ),
            (
                locked(1023),
                ([true, false, false], 1023, None, "locked (1023 bytes)"),
            ),
            (
                locked(4096),
                ([true, false, false], 4096, None, "locked (4 KB)"),
            ),
            (
                locked(10 << 20),
                ([true, false, false], 10 << 20, None, "locked (10 MB)"),
            ),
            (
                Failed { errno: 12 },
                ([false, true, false], 0, Some(12), "failed (errno=12)"),
            ),
            (
                Unsupported,
                ([false, false, true], 0, None, "unsupported platform"),
            ),
        ] {
            let (is, bytes, errno, text) = expected;
            assert_eq!(all(status), (is, bytes, errno, text.to_owned()));
        }
    }
}
