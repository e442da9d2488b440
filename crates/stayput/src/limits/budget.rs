//! How much this process may lock, and how much it has locked.

use stayput_sys::limits::{Limit, Resource, UNLIMITED, getrlimit};
use std::fs;
use std::os::raw::c_ulong;

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

/// Limit, locked bytes and capability of this process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Budget {
    /// Soft limit in bytes; `None` for no limit, or none known.
    pub soft: Option<u64>,
    /// Hard limit in bytes; `None` for no limit, or none known.
    pub hard: Option<u64>,
    /// Bytes locked now (`VmLck`); `None` where the system does not tell.
    pub held: Option<u64>,
    /// Whether the limit applies at all.
    pub capability: Capability,
}

impl Budget {
    /// Asks the system.
    ///
    /// Sources: getrlimit(2), `/proc/thread-self/status` (`VmLck`, `CapEff`),
    /// `/proc/self/ns/user`.
    #[must_use]
    pub fn current() -> Self {
        let limit = getrlimit(Resource::Memlock).unwrap_or(Limit {
            soft: UNLIMITED,
            hard: UNLIMITED,
        });
        let finite = |value| (value != UNLIMITED).then_some(value);
        let status = status();
        Self {
            soft: finite(limit.soft),
            hard: finite(limit.hard),
            held: field(&status, "VmLck:").and_then(kibibytes),
            capability: capability(&status),
        }
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

/// Whether a seccomp filter watches this thread's system calls.
pub(super) fn seccomp_filtered() -> bool {
    field(&status(), "Seccomp:").is_some_and(|mode| mode == "2")
}

/// Of the calling thread: capabilities and filters are each thread's own.
fn status() -> String {
    fs::read_to_string("/proc/thread-self/status").unwrap_or_default()
}

/// The value of a `Name:\tvalue` line.
fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .map(str::trim)
}

fn kibibytes(value: &str) -> Option<u64> {
    value
        .strip_suffix(" kB")?
        .trim()
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

fn capability(status: &str) -> Capability {
    const CAP_IPC_LOCK: u32 = 14; // linux/capability.h
    let Some(effective) =
        field(status, "CapEff:").and_then(|set| u64::from_str_radix(set, 16).ok())
    else {
        return Capability::Unknown;
    };
    match (
        effective >> CAP_IPC_LOCK & 1 == 1,
        in_initial_user_namespace(),
    ) {
        (false, _) => Capability::Absent,
        (true, true) => Capability::Effective,
        (true, false) => Capability::WithoutEffect,
    }
}

/// The kernel asks for the capability in the initial user namespace only.
fn in_initial_user_namespace() -> bool {
    const PROC_USER_INIT_INO: c_ulong = 0xEFFF_FFFD; // include/linux/proc_ns.h
    match fs::read_link("/proc/self/ns/user") {
        Ok(link) => link.to_string_lossy() == format!("user:[{PROC_USER_INIT_INO}]"),
        // No user namespaces in this kernel, or no /proc: nothing restricts.
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_fields_are_read() {
        let status = "Name:\tx\nVmLck:\t      64 kB\nCapEff:\t0000000000004000\nSeccomp:\t2\n";
        assert_eq!(field(status, "VmLck:").and_then(kibibytes), Some(65536));
        assert_eq!(field(status, "Seccomp:"), Some("2"));
        assert_ne!(capability(status), Capability::Absent);
        assert_eq!(
            capability("CapEff:\t0000000000000000\n"),
            Capability::Absent
        );
        assert_eq!(capability(""), Capability::Unknown);
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
