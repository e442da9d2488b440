//! What to do about each cause, in the words of the environment.

use super::cause::Cause;
use super::environment::Environment;

/// The remedy for `cause`, ready to be followed in `environment`.
pub(super) fn remedy(cause: &Cause, environment: Environment) -> String {
    match cause {
        Cause::LimitReached { held, needed, .. } => {
            limit(held.saturating_add(*needed), environment)
        }
        Cause::NoRoomToGrow { locked, needed, .. } => {
            limit(locked.saturating_add(*needed), environment)
        }
        Cause::NoCapability => no_capability(environment),
        Cause::CapabilityWithoutEffect { .. } => format!(
            "the kernel asks for CAP_IPC_LOCK in the initial user namespace only, so a rootless \
             container can't use it: raise RLIMIT_MEMLOCK outside the namespace, before it is \
             entered ({})",
            raise_limit(None, environment)
        ),
        Cause::Hole { .. } => "lock only memory that is mapped".into(),
        Cause::Inaccessible { .. } => {
            "make the pages readable before locking them (mprotect)".into()
        }
        Cause::TooManyMappings { .. } => {
            "sysctl vm.max_map_count=262144, or lock fewer separate ranges (a pool needs only a \
             few mappings)"
                .into()
        }
        Cause::WorkingSetQuota => {
            "raise the process's working set (SetProcessWorkingSetSizeEx)".into()
        }
        Cause::Seccomp => seccomp(environment),
        Cause::MemoryCgroup { .. } => {
            "raise the control group's memory limit, or lock less: past it the kernel kills".into()
        }
        Cause::PoolBudget { .. } => {
            "raise max_locked in Pool::builder(), or drop secrets that are no longer needed".into()
        }
        Cause::StackTooSmall { .. } => "ask for less, start the thread with a larger stack \
             (std::thread::Builder::stack_size), or for the first thread raise RLIMIT_STACK \
             before the program starts (`ulimit -s`)"
            .into(),
        Cause::InvalidFlags => "set current(true) or future(true) beside onfault(true)".into(),
        Cause::SecretMemory => {
            "use a kernel of 5.14 or later with CONFIG_SECRETMEM (before 6.5: boot with \
             secretmem.enable=1), or Backing::Locked"
                .into()
        }
        Cause::Unsupported => "use Policy::Prefer where unlocked memory is acceptable".into(),
        Cause::OutOfMemory => "free memory or address space".into(),
        Cause::InvalidRange => "pass a range that ends within the address space".into(),
        Cause::Other => "see mlock(2) for this error number".into(),
    }
}

/// Rounded up to whole KiB: what `ulimit -l` counts in.
fn limit(bytes: u64, environment: Environment) -> String {
    format!(
        "{}; or grant CAP_IPC_LOCK ({})",
        raise_limit(Some(bytes.div_ceil(1024)), environment),
        grant_capability(environment)
    )
}

fn no_capability(environment: Environment) -> String {
    format!(
        "raise RLIMIT_MEMLOCK above 0 ({}) or grant CAP_IPC_LOCK ({})",
        raise_limit(None, environment),
        grant_capability(environment)
    )
}

fn raise_limit(kibibytes: Option<u64>, environment: Environment) -> String {
    let kib = |unlimited: &str| kibibytes.map_or_else(|| unlimited.into(), |kib| kib.to_string());
    let bytes = kibibytes.map_or_else(|| "-1".into(), |kib| (kib * 1024).to_string());
    match environment {
        Environment::Shell => format!("`ulimit -l {}`", kib("unlimited")),
        Environment::Systemd => format!(
            "`LimitMEMLOCK={}` in the unit's [Service] section",
            kibibytes.map_or_else(|| "infinity".into(), |kib| format!("{kib}K"))
        ),
        Environment::Docker | Environment::Podman => format!(
            "`--ulimit memlock={bytes}:{bytes}` (Compose: `ulimits: {{ memlock: {{ soft: {bytes}, \
             hard: {bytes} }} }}`)"
        ),
        Environment::Kubernetes => "a pod has no field for limits: raise the container \
             runtime's own limit on the node (`LimitMEMLOCK=infinity` in its unit)"
            .into(),
    }
}

fn grant_capability(environment: Environment) -> &'static str {
    match environment {
        Environment::Shell => "`setcap cap_ipc_lock=+ep FILE`",
        Environment::Systemd => "`AmbientCapabilities=CAP_IPC_LOCK`",
        Environment::Docker | Environment::Podman => "`--cap-add=IPC_LOCK`, as root inside",
        Environment::Kubernetes => {
            "`securityContext.capabilities.add: [\"IPC_LOCK\"]`; a user other than root needs the \
             file capability as well: `setcap cap_ipc_lock=+ep FILE` in the image"
        }
    }
}

fn seccomp(environment: Environment) -> String {
    let whose = match environment {
        Environment::Docker | Environment::Podman => {
            "a profile for `--security-opt seccomp=PROFILE.json`"
        }
        Environment::Kubernetes => "`securityContext.seccompProfile`",
        Environment::Systemd => "`SystemCallFilter=@memlock`",
        Environment::Shell => "the filter of the program that started this one",
    };
    format!("allow mlock, mlock2, munlock, mlockall and memfd_secret in {whose}")
}
