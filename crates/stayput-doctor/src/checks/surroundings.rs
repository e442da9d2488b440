//! Container and control group.

use super::limit::size;
use crate::facts::Facts;
use crate::remedy::Remedy;
use crate::report::environment_id;
use crate::verdict::Finding;
use stayput::limits::{Environment, GroupVersion, MemoryGroup, Place};

/// Below this much room a lock of a few keys may already be a kill.
const SCARCE: u64 = 1 << 20;

pub(super) fn container(facts: &Facts) -> Finding {
    let environment = facts.situation.environment;
    let text = match environment {
        Environment::Shell => "no container, no service",
        Environment::Systemd => "a systemd service",
        Environment::Kubernetes => "a container in a Kubernetes pod",
        Environment::Docker => "a Docker container",
        Environment::Podman => "a Podman container",
        Environment::Lxc => "an LXC container",
        Environment::Nspawn => "a systemd-nspawn container",
        Environment::FreeBsd => "FreeBSD, in a jail or not",
        Environment::Windows => "Windows",
        _ => "something this program has no name for",
    };
    Finding::pass(text).evidence("environment", environment_id(environment))
}

pub(super) fn cgroup_memory(facts: &Facts) -> Finding {
    let Some(group) = &facts.group else {
        return Finding::skip("no memory control group is visible");
    };
    let needed = facts.require.unwrap_or(SCARCE);
    let finding = match group.headroom {
        None => Finding::pass("no memory limit is visible"),
        Some(headroom) if headroom >= needed => Finding::pass(format!("{} left", size(headroom))),
        Some(headroom) => {
            let text = format!(
                "{} left, {} needed: past the limit the kernel kills",
                size(headroom),
                size(needed)
            );
            let used = group.limit.unwrap_or(0).saturating_sub(headroom);
            let wanted = used.saturating_add(needed).saturating_add(SCARCE);
            let finding = match facts.require {
                Some(_) => Finding::fail(text),
                None => Finding::warn(text),
            };
            finding.remedy(more_memory(facts.situation.environment, wanted))
        }
    };
    describe(finding, group)
        .evidence("limit", group.limit)
        .evidence("headroom", group.headroom)
}

/// `bytes` is what the group needs in all.
fn more_memory(environment: Environment, bytes: u64) -> Remedy {
    let words = "lock less, or raise the group's memory limit, to no less than";
    let bytes = bytes.checked_next_multiple_of(SCARCE).unwrap_or(bytes);
    let (place, line) = match environment {
        Environment::Docker | Environment::Podman => {
            (Place::ContainerOption, format!("--memory={bytes}"))
        }
        Environment::Kubernetes => (
            Place::Pod,
            format!("resources: {{limits: {{memory: \"{bytes}\"}}}}"),
        ),
        _ => (Place::Unit, format!("MemoryMax={bytes}")),
    };
    Remedy::line(words, place, &line)
}

/// A limit of 0 keeps the whole group's pages out of swap, locked or not.
pub(super) fn cgroup_swap(facts: &Facts) -> Finding {
    let Some(group) = &facts.group else {
        return Finding::skip("no memory control group is visible");
    };
    let finding = match group.swap_limit {
        Some(0) => Finding::pass("0: no page of this group is swapped out"),
        Some(limit) => Finding::pass(format!("{} may be swapped out", size(limit))),
        None => Finding::pass("none: all of the group may be swapped out, but for what is locked"),
    };
    describe(finding, group).evidence("swap_limit", group.swap_limit)
}

/// How to keep a whole group out of swap, without a capability.
pub(super) fn no_swap_for_the_group(environment: Environment) -> Remedy {
    let words = "lock what must not be swapped, encrypt swap, or keep the whole group out of it";
    match environment {
        Environment::Systemd => Remedy::line(words, Place::Unit, "MemorySwapMax=0"),
        Environment::Docker | Environment::Podman => Remedy::line(
            words,
            Place::ContainerOption,
            "--memory=SIZE --memory-swap=SIZE",
        ),
        Environment::Kubernetes => Remedy::words(format!(
            "{words}: the kubelet's memorySwap.swapBehavior: NoSwap (its default)"
        )),
        _ => Remedy::line(
            words,
            Place::RootCommand,
            "systemd-run --scope --property=MemorySwapMax=0 COMMAND",
        ),
    }
}

fn describe(finding: Finding, group: &MemoryGroup) -> Finding {
    let version = match group.version {
        GroupVersion::V1 => 1,
        _ => 2,
    };
    finding
        .evidence("version", version)
        .evidence("path", group.path.display().to_string())
}
