//! What a check may find.

use crate::remedy::Remedy;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The checks, by what they look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CheckId {
    /// `RLIMIT_MEMLOCK`.
    MemlockLimit,
    /// `CAP_IPC_LOCK`, effective or not.
    IpcLockCapability,
    /// The user namespace.
    UserNamespace,
    /// What a seccomp filter refuses.
    Seccomp,
    /// The lock that was asked for, tried.
    Lock,
    /// What surrounds the process.
    Container,
    /// The memory limit of the control group.
    CgroupMemory,
    /// The swap limit of the control group.
    CgroupSwap,
    /// Where pages are swapped to.
    SwapDevices,
    /// Whether all of memory may be written to disk.
    Hibernation,
    /// Where core dumps go.
    CorePattern,
    /// Who may read the process's memory.
    PtraceScope,
    /// Memory that the kernel itself can't read.
    MemfdSecret,
}

impl CheckId {
    /// All of them, in the order of a report.
    pub const ALL: [Self; 13] = [
        Self::MemlockLimit,
        Self::IpcLockCapability,
        Self::UserNamespace,
        Self::Seccomp,
        Self::Lock,
        Self::Container,
        Self::CgroupMemory,
        Self::CgroupSwap,
        Self::SwapDevices,
        Self::Hibernation,
        Self::CorePattern,
        Self::PtraceScope,
        Self::MemfdSecret,
    ];

    /// Its name, which stays the same from version to version.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::MemlockLimit => "memlock-limit",
            Self::IpcLockCapability => "ipc-lock-capability",
            Self::UserNamespace => "user-namespace",
            Self::Seccomp => "seccomp",
            Self::Lock => "lock",
            Self::Container => "container",
            Self::CgroupMemory => "cgroup-memory",
            Self::CgroupSwap => "cgroup-swap",
            Self::SwapDevices => "swap-devices",
            Self::Hibernation => "hibernation",
            Self::CorePattern => "core-pattern",
            Self::PtraceScope => "ptrace-scope",
            Self::MemfdSecret => "memfd-secret",
        }
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Locks can be had, but something weakens them, or may be in the way.
    Warn,
    /// What is required can't be had.
    Fail,
    /// Not looked at, see the finding.
    Skip,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Pass, Self::Warn, Self::Fail, Self::Skip];

    /// Its name.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// From which verdict on a report has not passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Warnings too.
    Warn,
    /// Failures alone.
    #[default]
    Fail,
}

impl FailOn {
    pub(crate) fn covers(self, verdict: Verdict) -> bool {
        match self {
            Self::Warn => matches!(verdict, Verdict::Warn | Verdict::Fail),
            Self::Fail => verdict == Verdict::Fail,
        }
    }
}

/// What was seen, by name: strings, numbers, `null` for "no limit".
pub type Evidence = BTreeMap<&'static str, Value>;

/// What one check found.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) verdict: Verdict,
    pub(crate) text: String,
    pub(crate) evidence: Evidence,
    pub(crate) remedy: Option<Remedy>,
}

impl Finding {
    pub(crate) fn pass(text: impl Into<String>) -> Self {
        Self::new(Verdict::Pass, text)
    }

    pub(crate) fn warn(text: impl Into<String>) -> Self {
        Self::new(Verdict::Warn, text)
    }

    pub(crate) fn fail(text: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, text)
    }

    pub(crate) fn skip(text: impl Into<String>) -> Self {
        Self::new(Verdict::Skip, text)
    }

    fn new(verdict: Verdict, text: impl Into<String>) -> Self {
        Self {
            verdict,
            text: text.into(),
            evidence: Evidence::new(),
            remedy: None,
        }
    }

    pub(crate) fn evidence(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.evidence.insert(name, value.into());
        self
    }

    pub(crate) fn remedy(mut self, remedy: impl Into<Remedy>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_json() {
        for id in CheckId::ALL {
            assert_eq!(serde_json::json!(id), id.id());
        }
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::json!(verdict), verdict.id());
        }
    }

    #[test]
    fn warnings_count_where_asked_for() {
        for verdict in Verdict::ALL {
            assert_eq!(FailOn::Fail.covers(verdict), verdict == Verdict::Fail);
            let bad = matches!(verdict, Verdict::Warn | Verdict::Fail);
            assert_eq!(FailOn::Warn.covers(verdict), bad);
        }
    }
}
