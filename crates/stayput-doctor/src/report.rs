//! The result of a run, as people and programs read it.

use crate::Options;
use crate::remedy::Remedy;
use crate::verdict::{CheckId, Evidence, FailOn, Finding, Verdict};
use serde::Serialize;
use stayput::limits::{Budget, Capability, Environment, Situation};

/// The version of the JSON form; it grows when a field changes its meaning.
const SCHEMA: u32 = 1;

/// The whole result of a run.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The version of this form.
    pub schema: u32,
    /// The version of the program.
    pub version: &'static str,
    /// Who was looked at.
    pub subject: Subject,
    /// Bytes that must be lockable, if asked for.
    pub require: Option<u64>,
    /// One for each [`CheckId`].
    pub checks: Vec<Check>,
    /// The numbers.
    pub summary: Summary,
}

/// The process that was looked at; bytes, `None` for no limit or none known.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Subject {
    /// Another process's number; `None` for the doctor itself.
    pub process: Option<u32>,
    /// Where it runs.
    pub environment: &'static str,
    /// The soft `RLIMIT_MEMLOCK`.
    pub soft_limit: Option<u64>,
    /// The hard `RLIMIT_MEMLOCK`.
    pub hard_limit: Option<u64>,
    /// Locked now.
    pub held: Option<u64>,
    /// Whether `CAP_IPC_LOCK` lifts the limit: `effective`, `without-effect` (in a
    /// user namespace), `absent`, `unknown`.
    pub capability: &'static str,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// Which.
    pub id: CheckId,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found, as one sentence.
    pub finding: String,
    /// What was seen.
    pub evidence: Evidence,
    /// What to do about it, where something is amiss.
    pub remedy: Option<Remedy>,
}

/// The numbers.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// As they should be.
    pub pass: usize,
    /// Warnings.
    pub warn: usize,
    /// Failures.
    pub fail: usize,
    /// Not looked at.
    pub skip: usize,
    /// From which verdict on the report has not passed.
    pub fail_on: FailOn,
    /// Whether nothing that counts was found.
    pub passed: bool,
}

impl Report {
    pub(crate) fn new(options: &Options, situation: &Situation, checks: Vec<Check>) -> Self {
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            subject: Subject::new(options.process, situation),
            require: options.require,
            summary: Summary::new(&checks, options.fail_on),
            checks,
        }
    }

    /// The check with this id.
    #[must_use]
    pub fn check(&self, id: CheckId) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }
}

impl Subject {
    fn new(process: Option<u32>, situation: &Situation) -> Self {
        let Budget {
            soft, hard, held, ..
        } = situation.budget;
        Self {
            process,
            environment: environment_id(situation.environment),
            soft_limit: soft,
            hard_limit: hard,
            held,
            capability: capability_id(situation.budget.capability),
        }
    }
}

impl Check {
    pub(crate) fn new(id: CheckId, finding: Finding) -> Self {
        Self {
            id,
            verdict: finding.verdict,
            finding: finding.text,
            evidence: finding.evidence,
            remedy: finding.remedy,
        }
    }
}

impl Summary {
    fn new(checks: &[Check], fail_on: FailOn) -> Self {
        let count = |verdict| checks.iter().filter(|it| it.verdict == verdict).count();
        Self {
            pass: count(Verdict::Pass),
            warn: count(Verdict::Warn),
            fail: count(Verdict::Fail),
            skip: count(Verdict::Skip),
            fail_on,
            passed: !checks.iter().any(|check| fail_on.covers(check.verdict)),
        }
    }
}

pub(crate) fn environment_id(environment: Environment) -> &'static str {
    match environment {
        Environment::Kubernetes => "kubernetes",
        Environment::Docker => "docker",
        Environment::Podman => "podman",
        Environment::Lxc => "lxc",
        Environment::Nspawn => "systemd-nspawn",
        Environment::Systemd => "systemd",
        Environment::FreeBsd => "freebsd",
        Environment::Windows => "windows",
        Environment::Shell => "shell",
        _ => "other",
    }
}

pub(crate) fn capability_id(capability: Capability) -> &'static str {
    match capability {
        Capability::Effective => "effective",
        Capability::WithoutEffect => "without-effect",
        Capability::Absent => "absent",
        _ => "unknown",
    }
}
