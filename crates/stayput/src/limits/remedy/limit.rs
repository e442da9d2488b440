//! Raising the limit.

use super::{Place, Way};
use crate::limits::environment::Environment;
use crate::limits::situation::Situation;

const RAISE: &str = "raise RLIMIT_MEMLOCK";

/// The ways to a limit of `bytes`; none given, to no limit.
pub(super) fn ways(bytes: Option<u64>, situation: &Situation) -> Vec<Way> {
    match situation.environment {
        Environment::Shell => vec![shell(bytes, situation)],
        Environment::Systemd => vec![Way::new(
            RAISE,
            Place::Unit,
            format!("LimitMEMLOCK={}", in_bytes(bytes, "infinity")),
        )],
        Environment::Docker | Environment::Podman => vec![container(&in_bytes(bytes, "-1"))],
        Environment::Kubernetes => vec![
            Way::new(RAISE, Place::NodeUnit, "LimitMEMLOCK=infinity").note(
                "for containerd.service, crio.service or docker.service; a pod has no field for \
                 limits, its containers inherit the runtime's",
            ),
        ],
        Environment::Lxc => vec![Way::new(
            RAISE,
            Place::LxcConfig,
            format!("lxc.prlimit.memlock = {}", in_bytes(bytes, "unlimited")),
        )],
        Environment::Nspawn => vec![Way::new(
            RAISE,
            Place::ContainerOption,
            format!("--rlimit=RLIMIT_MEMLOCK={}", in_bytes(bytes, "infinity")),
        )],
        Environment::FreeBsd => vec![
            Way::new(
                RAISE,
                Place::RootCommand,
                format!("ulimit -l {}", in_kibibytes(bytes, "unlimited")),
            )
            .note("for good: memorylocked in /etc/login.conf, then cap_mkdb(1)"),
            Way::new(
                "in a jail, allow mlock",
                Place::JailHost,
                "jail -m name=NAME allow.mlock=1",
            )
            .note("and for users other than root `sysctl security.bsd.unprivileged_mlock=1`"),
        ],
        Environment::Windows => vec![working_set(bytes)],
    }
}

/// Windows locks within the minimum working set.
fn working_set(bytes: Option<u64>) -> Way {
    let minimum = in_bytes(bytes, "minimum");
    Way::new(
        "raise the process's minimum working set",
        Place::Program,
        format!("SetProcessWorkingSetSizeEx(GetCurrentProcess(), {minimum}, maximum, 0)"),
    )
    .note(
        "stayput does so by itself; what may be locked is the minimum less an overhead of a few \
         pages",
    )
}

/// What stands in the way of growing the working set by itself.
pub(super) fn working_set_ways() -> Vec<Way> {
    vec![
        Way::new(
            "let the user grow working sets",
            Place::SecurityPolicy,
            "Increase a process working set (SeIncreaseWorkingSetPrivilege)",
        )
        .note("users have the right unless it was taken from them"),
        Way::new(
            "raise the working set's limit in the job that the process runs in",
            Place::Program,
            "SetInformationJobObject with JOB_OBJECT_LIMIT_WORKINGSET",
        ),
    ]
}

fn shell(bytes: Option<u64>, situation: &Situation) -> Way {
    let kibibytes = in_kibibytes(bytes, "unlimited");
    let ulimit = format!("ulimit -l {kibibytes}");
    let within_hard = match (bytes, situation.budget.hard) {
        (_, None) => true,
        (Some(bytes), Some(hard)) => bytes <= hard,
        (None, Some(_)) => false,
    };
    if within_hard {
        return Way::new(RAISE, Place::Command, ulimit);
    }
    Way::new(RAISE, Place::RootCommand, ulimit)
        .or(Place::LimitsFile, format!("USER - memlock {kibibytes}"))
        .note("the hard limit is lower, so it takes CAP_SYS_RESOURCE")
}

fn container(bytes: &str) -> Way {
    let option = format!("--ulimit memlock={bytes}:{bytes}");
    let compose = format!("ulimits: {{memlock: {{soft: {bytes}, hard: {bytes}}}}}");
    Way::new(RAISE, Place::ContainerOption, option)
        .or(Place::Compose, compose)
        .note("at most what the engine's own hard limit allows, unless it runs as full root")
}

/// Rounded up to whole KiB: what `ulimit -l` counts in.
fn whole_kibibytes(bytes: u64) -> u64 {
    bytes.div_ceil(1024).saturating_mul(1024)
}

fn in_bytes(bytes: Option<u64>, unlimited: &str) -> String {
    let bytes = bytes.map(|bytes| whole_kibibytes(bytes).to_string());
    bytes.unwrap_or_else(|| unlimited.to_owned())
}

fn in_kibibytes(bytes: Option<u64>, unlimited: &str) -> String {
    let kibibytes = bytes.map(|bytes| (whole_kibibytes(bytes) / 1024).to_string());
    kibibytes.unwrap_or_else(|| unlimited.to_owned())
}
