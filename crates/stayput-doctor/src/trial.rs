//! What can only be found out by trying, in a child process: a lock that goes
//! wrong (the kernel kills, a filter kills) ends nothing but the child.

mod child;

pub use child::child;

use crate::remedy::Remedy;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::process::{Command, Output, Stdio};

/// The first argument of a child, a name that no command has.
const ROLE: &str = "__stayput-doctor-trial";
const LOCK: &str = "lock";
const CALLS: &str = "calls";

/// How it ended.
#[derive(Debug)]
pub(crate) enum Trial {
    /// The child's answer.
    Answered(Box<Answer>),
    /// The child was killed; how.
    Killed(String),
}

/// What a child found out.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// Locked bytes as the kernel counts them, after the lock.
    pub(crate) observed: Option<u64>,
    /// The soft limit before and after, if it was raised.
    pub(crate) raised: Option<(u64, u64)>,
    /// What `mlock` said.
    pub(crate) lock: Option<Refusal>,
    /// What `mlockall` said.
    pub(crate) lock_all: Option<Refusal>,
    /// What `memfd_secret` said.
    pub(crate) secret: Option<Refusal>,
}

/// A call that failed.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Refusal {
    pub(crate) kind: Kind,
    pub(crate) cause: String,
    pub(crate) errno: Option<i32>,
    pub(crate) remedy: Option<Remedy>,
}

/// The causes that a check tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kind {
    Limit,
    Seccomp,
    SecretMemory,
    Unsupported,
    Other,
}

/// Locks `bytes` in a child.
pub(crate) fn lock(bytes: u64) -> Result<Trial> {
    run(&[LOCK, &bytes.to_string()])
}

/// Makes each call once, on as little as possible.
pub(crate) fn calls() -> Result<Trial> {
    run(&[CALLS])
}

fn run(args: &[&str]) -> Result<Trial> {
    let program = std::env::current_exe().context("finding this program's own file")?;
    let mut command = Command::new(&program);
    // The default, /dev/null, is missing in the barest of root directories.
    command.arg(ROLE).args(args).stdin(Stdio::inherit());
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .with_context(|| format!("running {} again for a trial", program.display()))?;
    if status.code().is_none() {
        return Ok(Trial::Killed(status.to_string()));
    }
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        bail!("a trial ended with {status}: {}", said.trim());
    }
    serde_json::from_slice(&stdout)
        .map(|answer| Trial::Answered(Box::new(answer)))
        .context("a trial gave no answer; does `main` call stayput_doctor::child() first?")
}
