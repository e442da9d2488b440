//! The checks: from facts to findings.

mod limit;
mod lock;
mod readers;
mod rights;
mod storage;
mod surroundings;
mod windows;

use crate::facts::Facts;
use crate::verdict::{CheckId, Finding};
use anyhow::Result;
use stayput::limits::Environment;

/// Makes one check.
pub(crate) fn check(id: CheckId, facts: &Facts) -> Result<Finding> {
    if facts.situation.environment == Environment::Windows {
        return windows::check(id, facts);
    }
    Ok(match id {
        CheckId::MemlockLimit => limit::memlock_limit(facts),
        CheckId::IpcLockCapability => rights::ipc_lock_capability(facts),
        CheckId::UserNamespace => rights::user_namespace(facts),
        CheckId::Seccomp => rights::seccomp(facts),
        CheckId::Lock => lock::lock(facts)?,
        CheckId::Container => surroundings::container(facts),
        CheckId::CgroupMemory => surroundings::cgroup_memory(facts),
        CheckId::CgroupSwap => surroundings::cgroup_swap(facts),
        CheckId::SwapDevices => storage::swap_devices(facts),
        CheckId::Hibernation => storage::hibernation(facts),
        CheckId::CorePattern => readers::core_pattern(facts),
        CheckId::PtraceScope => readers::ptrace_scope(facts),
        CheckId::MemfdSecret => readers::memfd_secret(facts),
    })
}

/// What is looked at that this system doesn't have, or doesn't show.
fn unreadable(file: &str, error: &std::io::Error) -> Finding {
    Finding::skip(format!("{file} can't be read: {error}"))
}
