//! What stands between a process and its locks on the machine at hand, what
//! undoes a lock's purpose there, and what to set.
//!
//! [`run`] makes a [`Report`] of [`Check`]s, each with a stable id, a verdict,
//! its evidence and, where something is amiss, a [`Remedy`]. [`config()`] writes the
//! settings for service managers and container engines.
//!
//! What can be tried is tried, in a child process: this program run again, with a
//! first argument that [`child`] understands. A `main` that wants to [`run`] asks
//! it first:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     if let Some(code) = stayput_doctor::child() {
//!         return code; // this process was a trial
//!     }
//!     match stayput_doctor::run(&stayput_doctor::Options::default()) {
//!         Ok(report) if report.summary.passed => 0.into(),
//!         Ok(_) => 1.into(),
//!         Err(_) => 2.into(),
//!     }
//! }
//! ```
//!
//! Nothing is changed: no limit, no sysctl, no swap. On Windows the checks look at its
//! working set, page file, hibernation file and crash dumps. Elsewhere those that read
//! `/proc` are skipped, and say so.
#![forbid(unsafe_code)]

mod checks;
mod config;
mod devices;
mod facts;
mod machine;
mod metrics;
mod registry;
mod remedy;
mod report;
mod trial;
mod verdict;

pub use config::{Target, config};
pub use metrics::prometheus;
pub use remedy::{Remedy, Setting, Way};
pub use report::{Check, Report, Subject, Summary};
pub use trial::child;
pub use verdict::{CheckId, Evidence, FailOn, Verdict};

use anyhow::Result;
use facts::Facts;

/// What to look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Bytes that must be lockable. They are locked for real, in a child process.
    pub require: Option<u64>,
    /// The process to look at instead of this one. What can only be tried is
    /// skipped then.
    pub process: Option<u32>,
    /// From which verdict on the report has not passed.
    pub fail_on: FailOn,
}

/// Makes all checks.
///
/// # Errors
/// No such process; the lock that is required could not be tried.
pub fn run(options: &Options) -> Result<Report> {
    let facts = Facts::gather(options)?;
    let checks = CheckId::ALL.map(|id| Ok(Check::new(id, checks::check(id, &facts)?)));
    let checks = checks.into_iter().collect::<Result<_>>()?;
    Ok(Report::new(options, &facts.situation, checks))
}
