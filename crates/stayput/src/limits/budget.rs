//! How much a process may lock, and how much it has locked.

use super::status::{Status, in_initial_user_namespace};
use stayput_sys::limits::{Limit, Resource, UNLIMITED, getrlimit, working_set};
use std::fs;
use std::io;

/// Whether `CAP_IPC_LOCK` lifts the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// Effective, in the initial user namespace: no limit applies.
    Effective,
    /// Effective, but in a user namespace of its own, where the kernel does not
    /// ask for it.
    WithoutEffect,
    /// Not effective.
    Absent,
    /// The system has no such capability, or does not tell.
    Unknown,
}

/// Limit, locked bytes and capability of a process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Budget {
    /// Soft limit in bytes; `None` for no limit, or none known. On Windows the minimum
    /// working set, a small overhead of which can't be locked.
    pub soft: Option<u64>,
    /// Hard limit in bytes; `None` for no limit, or none known. Windows has none: locks
    /// grow the working set as they need, see [`raised`](super::raised).
    pub hard: Option<u64>,
    /// Bytes locked now (`VmLck`); `None` where the system does not tell.
    pub held: Option<u64>,
    /// Whether the limit applies at all.
    pub capability: Capability,
}

impl Budget {
    /// The calling process's.
    ///
    /// Sources: getrlimit(2), `/proc/thread-self/status` (`VmLck`, `CapEff`),
    /// `/proc/self/ns/user`; `GetProcessWorkingSetSizeEx`.
    #[must_use]
    pub fn current() -> Self {
        let limit = getrlimit(Resource::Memlock).unwrap_or_else(|_| Limit {
            soft: working_set().map_or(UNLIMITED, |(minimum, _)| minimum as u64),
            hard: UNLIMITED,
        });
        let finite = |value| (value != UNLIMITED).then_some(value);
        let status = Status::of_thread();
        Self {
            soft: finite(limit.soft),
            hard: finite(limit.hard),
            held: status.bytes("VmLck"),
            capability: capability(&status, in_initial_user_namespace("self")),
        }
    }

    /// Another process's.
    ///
    /// Sources: `/proc/PID/limits`, `/proc/PID/status`, `/proc/PID/ns/user`; the
    /// last is for the same user and root, [`Capability::Unknown`] for others.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`; `InvalidData` for a `limits` file
    /// of another shape.
    pub fn of(pid: u32) -> io::Result<Self> {
        let status = Status::of(pid)?;
        let limits = fs::read_to_string(format!("/proc/{pid}/limits"))?;
        let (soft, hard) = limit_in(&limits).ok_or_else(|| {
            let message = format!("/proc/{pid}/limits has no line for locked memory");
            io::Error::new(io::ErrorKind::InvalidData, message)
        })?;
        Ok(Self {
            soft,
            hard,
            held: status.bytes("VmLck"),
            capability: capability(&status, in_initial_user_namespace(&pid.to_string())),
        })
    }

    /// Bytes that may still be locked; `None` for no limit.
    #[must_use]
    pub fn available(&self) -> Option<u64> {
        match self.capability {
            Capability::Effective => None,
            _ => self
                .soft
                .map(|soft| soft.saturating_sub(self.held.unwrap_or(0))),
        }
    }
}

/// A limit of another process, soft and hard.
///
/// Its line in `/proc/PID/limits`: `Max locked memory  65536  unlimited  bytes`.
fn limit_in(limits: &str) -> Option<(Option<u64>, Option<u64>)> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max locked memory"))?;
    let mut values = line.split_whitespace();
    let mut value = || match values.next()? {
        "unlimited" => Some(None),
        number => number.parse().ok().map(Some),
    };
    Some((value()?, value()?))
}

fn capability(status: &Status, in_initial: Option<bool>) -> Capability {
    match (status.has_ipc_lock("CapEff"), in_initial) {
        (Some(false), _) => Capability::Absent,
        (Some(true), Some(true)) => Capability::Effective,
        (Some(true), Some(false)) => Capability::WithoutEffect,
        (None, _) | (Some(true), None) => Capability::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_others_are_read() {
        let limits = |line: &str| limit_in(&format!("Limit  Soft  Hard  Units\n{line}\n"));
        assert_eq!(
            limits("Max locked memory         65536                unlimited            bytes"),
            Some((Some(65536), None))
        );
        assert_eq!(limits("Max locked memory  x  0  bytes"), None);
        assert_eq!(limits("Max pending signals  1  1  signals"), None);
    }

    #[test]
    fn the_capability_counts_in_the_initial_namespace() {
        let with: Status = "CapEff:\t0000000000004000\n".into();
        let without: Status = "CapEff:\t0000000000000000\n".into();
        let silent: Status = "".into();
        assert_eq!(capability(&with, Some(true)), Capability::Effective);
        assert_eq!(capability(&with, Some(false)), Capability::WithoutEffect);
        assert_eq!(capability(&with, None), Capability::Unknown);
        assert_eq!(capability(&without, None), Capability::Absent);
        assert_eq!(capability(&silent, Some(true)), Capability::Unknown);
    }

    #[test]
    fn what_is_available_is_soft_less_held() {
        let budget = |capability| Budget {
            soft: Some(100),
            hard: None,
            held: Some(30),
            capability,
        };
        assert_eq!(budget(Capability::Absent).available(), Some(70));
        assert_eq!(budget(Capability::WithoutEffect).available(), Some(70));
        assert_eq!(budget(Capability::Effective).available(), None);
    }
}
