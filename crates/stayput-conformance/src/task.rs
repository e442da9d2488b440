//! What the runner tells its children, and what they answer.

use crate::configuration::Configuration;
use crate::step::Step;
use crate::tally::Tally;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// The first argument of a child; the second is one of the words below.
pub(crate) const HIDDEN: &str = "--stayput-conformance-child";
pub(crate) const RESUME: &str = "resume";
pub(crate) const RUN: &str = "run";
pub(crate) const LOOK: &str = "look";
pub(crate) const PROBE: &str = "probe";
pub(crate) const MEASURE: &str = "measure";
pub(crate) const SWEEP: &str = "sweep";

/// A share of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) configuration: Configuration,
    pub(crate) seed: u64,
    pub(crate) first: u64,
    pub(crate) sequences: u64,
    pub(crate) steps: u64,
    /// Which `Rules` the model takes to hold.
    pub(crate) rules: u64,
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) tally: Tally,
    pub(crate) sequences: u64,
    pub(crate) failure: Option<Failure>,
    /// What this machine lacks.
    pub(crate) lacks: Vec<String>,
    /// Why nothing was run at all.
    pub(crate) skipped: Option<String>,
}

/// A sequence on which model and kernel differ.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) index: u64,
    pub(crate) steps: Vec<Step>,
    pub(crate) difference: String,
    pub(crate) found_at: usize,
}

/// Starts a child and reads its answer.
pub(crate) fn ask<T: DeserializeOwned>(program: &Path, words: &[&str]) -> io::Result<T> {
    let output = Command::new(program)
        .arg(HIDDEN)
        .args(words)
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        let why = format!("{}: {} ({})", program.display(), why.trim(), output.status);
        return Err(io::Error::other(why));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
