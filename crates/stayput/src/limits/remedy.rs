//! What to do about each cause, in the words of the environment.

mod capability;
mod limit;

use super::cause::Cause;
use super::environment::Environment;
use super::situation::Situation;
use std::borrow::Cow;
use std::fmt;

/// What to do: advice, and the ways to follow it. Any one of them is enough.
///
/// `Display` gives all of it as one sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Remedy {
    /// In words; empty where the ways say it all.
    pub advice: String,
    /// What to type or paste.
    pub ways: Vec<Way>,
}

/// One way out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Way {
    /// What it does: `raise RLIMIT_MEMLOCK`.
    pub does: &'static str,
    /// The same setting for different places; one of them is enough.
    pub settings: Vec<Setting>,
    /// What else must be so, or comes of it.
    pub note: Option<&'static str>,
}

/// A line, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setting {
    /// Where it goes.
    pub place: Place,
    /// What to type or paste. `FILE`, `USER` and `NAME` stand for one's own.
    pub line: Cow<'static, str>,
}

/// Where a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// A shell, before the program starts.
    Command,
    /// A shell with root's rights.
    RootCommand,
    /// `/etc/security/limits.d/`, read at login (pam_limits(8)).
    LimitsFile,
    /// The `[Service]` section of the systemd unit.
    Unit,
    /// The options of `docker run`, `podman run` or `systemd-nspawn`.
    ContainerOption,
    /// The service in a Compose file.
    Compose,
    /// The container in a pod's specification.
    Pod,
    /// The `[Service]` section of the container runtime's unit, on the node.
    NodeUnit,
    /// The configuration of an LXC container.
    LxcConfig,
    /// A shell on the host of a FreeBSD jail.
    JailHost,
    /// Windows' local security policy (`secpol.msc`), under user rights assignment.
    SecurityPolicy,
    /// The program itself.
    Program,
}

impl Remedy {
    /// What to do about `cause` in a situation.
    #[must_use]
    pub fn new(cause: &Cause, situation: &Situation) -> Self {
        match cause {
            Cause::LimitReached { held, needed, .. } => {
                over_limit(held.saturating_add(*needed), situation)
            }
            Cause::NoRoomToGrow { locked, needed, .. } => {
                over_limit(locked.saturating_add(*needed), situation)
            }
            Cause::NoCapability => Self::by(either(None, situation)),
            Cause::CapabilityWithoutEffect { held, needed, .. } => Self {
                advice: "the kernel asks for CAP_IPC_LOCK in the initial user namespace only, so \
                         a rootless container can't use it: raise the limit from outside, before \
                         the namespace is entered"
                    .into(),
                ways: limit::ways(Some(held.saturating_add(*needed)), situation),
            },
            Cause::Seccomp => Self::by(vec![seccomp(situation.environment)]),
            Cause::TooManyMappings { .. } => Self {
                advice: "lock fewer separate ranges (a pool needs only a few mappings), or".into(),
                ways: vec![Way::new(
                    "allow more",
                    Place::RootCommand,
                    "sysctl vm.max_map_count=262144",
                )],
            },
            Cause::NoBackingFile {
                dir,
                problem,
                refused,
            } => {
                let lock = Self::new(refused, situation);
                let mut advice = format!("for {}, {}", dir.display(), problem.advice());
                advice.push_str(", or let memory be locked");
                if !lock.advice.is_empty() {
                    advice.push_str(&format!(" ({})", lock.advice));
                }
                Self { advice, ..lock }
            }
            Cause::WorkingSetQuota { .. } => Self::by(limit::working_set_ways()),
            other => Self::advice(in_words(other)),
        }
    }

    pub(super) fn advice(advice: impl Into<String>) -> Self {
        Self {
            advice: advice.into(),
            ways: Vec::new(),
        }
    }

    fn by(ways: Vec<Way>) -> Self {
        Self {
            advice: String::new(),
            ways,
        }
    }
}

impl Way {
    fn new(does: &'static str, place: Place, line: impl Into<Cow<'static, str>>) -> Self {
        let way = Self {
            does,
            settings: Vec::new(),
            note: None,
        };
        way.or(place, line)
    }

    /// The same for another place.
    fn or(mut self, place: Place, line: impl Into<Cow<'static, str>>) -> Self {
        let line = line.into();
        self.settings.push(Setting { place, line });
        self
    }

    fn note(mut self, note: &'static str) -> Self {
        self.note = Some(note);
        self
    }
}

impl Place {
    /// Its name in machine-readable output; stays the same.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::RootCommand => "root-command",
            Self::LimitsFile => "limits-file",
            Self::Unit => "unit",
            Self::ContainerOption => "container-option",
            Self::Compose => "compose",
            Self::Pod => "pod",
            Self::NodeUnit => "node-unit",
            Self::LxcConfig => "lxc-config",
            Self::JailHost => "jail-host",
            Self::SecurityPolicy => "security-policy",
            Self::Program => "program",
        }
    }

    fn phrase(self) -> &'static str {
        match self {
            Self::Command => "in the shell",
            Self::RootCommand => "as root",
            Self::LimitsFile => "in /etc/security/limits.d/memlock.conf, for new logins",
            Self::Unit => "in the unit's [Service] section",
            Self::ContainerOption => "as an option of the run command",
            Self::Compose => "in the Compose file",
            Self::Pod => "in the pod's container",
            Self::NodeUnit => "in the container runtime's unit on the node",
            Self::LxcConfig => "in the container's configuration",
            Self::JailHost => "on the jail's host",
            Self::SecurityPolicy => "in the local security policy, under user rights assignment",
            Self::Program => "in the program",
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.advice)?;
        let mut before = if self.advice.is_empty() { "" } else { ": " };
        for way in &self.ways {
            write!(f, "{before}{way}")?;
            before = "; or ";
        }
        Ok(())
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.does)?;
        let mut before = " ";
        for setting in &self.settings {
            write!(f, "{before}`{}` {}", setting.line, setting.place.phrase())?;
            before = ", or ";
        }
        match self.note {
            Some(note) => write!(f, " ({note})"),
            None => Ok(()),
        }
    }
}

fn over_limit(bytes: u64, situation: &Situation) -> Remedy {
    Remedy::by(either(Some(bytes), situation))
}

/// Both ways around a limit; no `bytes`: lift it altogether.
fn either(bytes: Option<u64>, situation: &Situation) -> Vec<Way> {
    let mut ways = limit::ways(bytes, situation);
    ways.extend(capability::way(situation));
    ways
}

fn seccomp(environment: Environment) -> Way {
    let does = "let the filter pass mlock, mlock2, munlock, mlockall, munlockall and memfd_secret";
    let (place, line) = match environment {
        Environment::Docker | Environment::Podman => (
            Place::ContainerOption,
            "--security-opt seccomp=PROFILE.json",
        ),
        Environment::Kubernetes => (
            Place::Pod,
            "securityContext: {seccompProfile: {type: RuntimeDefault}}",
        ),
        Environment::Systemd => (Place::Unit, "SystemCallFilter=@memlock memfd_secret"),
        Environment::Nspawn => (
            Place::ContainerOption,
            "--system-call-filter=@memlock memfd_secret",
        ),
        Environment::Lxc => (Place::LxcConfig, "lxc.seccomp.profile = FILE"),
        Environment::Shell | Environment::FreeBsd | Environment::Windows => (
            Place::Program,
            "a filter that allows them, in whatever started this program",
        ),
    };
    Way::new(does, place, line)
}

/// Causes that no setting cures.
fn in_words(cause: &Cause) -> &'static str {
    match cause {
        Cause::Hole { .. } => "lock only memory that is mapped",
        Cause::Inaccessible { .. } => "make the pages readable before locking them (mprotect)",
        Cause::MemoryCgroup { .. } => {
            "raise the control group's memory limit, or lock less: past it the kernel kills"
        }
        Cause::PoolBudget { .. } => {
            "raise max_locked in Pool::builder(), or drop secrets that are no longer needed"
        }
        Cause::StackTooSmall { .. } => {
            "ask for less, start the thread with a larger stack \
             (std::thread::Builder::stack_size), or for the first thread raise RLIMIT_STACK \
             before the program starts (`ulimit -s`)"
        }
        Cause::InvalidFlags => "set current(true) or future(true) beside onfault(true)",
        Cause::SecretMemory => {
            "use a kernel of 5.14 or later with CONFIG_SECRETMEM (before 6.5: boot with \
             secretmem.enable=1), or Backing::Locked"
        }
        Cause::Unsupported => "use Policy::Prefer where unlocked memory is acceptable",
        Cause::OutOfMemory => "free memory or address space",
        Cause::InvalidRange => "pass a range that ends within the address space",
        _ => "see mlock(2), on Windows VirtualLock, for this error number",
    }
}
