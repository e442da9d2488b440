//! Leak experiments: what swap, core dumps, readers, forks and freed memory
//! really hold, on the machine at hand.
//!
//! [`run`] fills each [`Storage`] with a marker and looks for it in each
//! [`Channel`]. Controls must leak, or the experiment proves nothing; what
//! stayput offers must not, except where its documentation says so. The table of
//! [`expectation`]s tells which is which, and the [`Report`] what was seen.
//!
//! The experiments are processes of their own: this program run again, with a
//! first argument that [`child`] understands. A `main` that wants to [`run`] asks
//! it first:
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     if let Some(code) = stayput_prove::child() {
//!         return code; // this process was part of an experiment
//!     }
//!     let options = stayput_prove::Options::default();
//!     match stayput_prove::run(&options, &stayput_prove::Silent) {
//!         Ok(report) if report.summary.passed => 0.into(),
//!         Ok(_) => 1.into(),
//!         Err(_) => 2.into(),
//!     }
//! }
//! ```
//!
//! Whatever ends the run, nothing stays: swap area, control group, files and
//! processes are removed by a child process that outlives it for that purpose.
//! No sysctl is changed. Off Linux every channel is skipped.

mod channel;
mod channels;
mod complain;
mod expectation;
pub mod guest;
mod hold;
mod interrupt;
mod janitor;
mod lab;
mod look;
mod marker;
mod observation;
mod os;
mod pagemap;
mod progress;
mod report;
mod scan;
mod storage;
mod verdict;
mod victim;

pub use channel::Channel;
pub use expectation::{Expectation, Expected, expectation};
pub use observation::Evidence;
pub use progress::{Progress, Silent};
pub use report::{Column, Report, Row, System};
pub use storage::{Kind, Storage};
pub use verdict::{Cell, Outcome, Skips, Summary, summarize};

use anyhow::Result;
use complain::complain;
use interrupt::Watch;
use janitor::Janitor;
use lab::{Lab, make_own_dir};
use marker::Seed;
use observation::{Finding, Observation};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The channels; none means all.
    pub channels: Vec<Channel>,
    /// The storages; none means all. Raw ones always run: they are the controls.
    pub storages: Vec<Storage>,
    /// Where to put the swap area and other files; otherwise a directory for
    /// temporary files on a disk.
    pub dir: Option<PathBuf>,
    /// Whether a skipped cell is a failure.
    pub skips: Skips,
}

/// Runs the experiments. While it runs, SIGINT and SIGTERM end the process once
/// everything is removed.
///
/// # Errors
/// An experiment that could not be made or went wrong, or something that could
/// not be removed. A channel that can't run here is no error: it is skipped.
pub fn run(options: &Options, progress: &dyn Progress) -> Result<Report> {
    let channels = chosen(&Channel::ALL, |channel| {
        options.channels.is_empty() || options.channels.contains(channel)
    });
    let storages = chosen(&Storage::ALL, |storage| {
        let all = options.storages.is_empty() || storage.kind() == Kind::Raw;
        all || options.storages.contains(storage)
    });
    progress.begin(channels.len() * storages.len());
    let findings = match os::unavailable() {
        Some(why) => nothing(&channels, &storages, &why),
        None => experiments(options, &channels, &storages, progress)?,
    };
    let cells = verdict::judge(findings);
    Ok(Report::new(&channels, &storages, cells, options.skips))
}

/// Plays a part in an experiment, if this process was started for one; call it
/// first in `main`.
#[must_use]
pub fn child() -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    let part: fn(&[String]) -> Result<()> = match args.next()?.to_str()? {
        victim::ROLE => victim::main,
        janitor::ROLE => janitor::main,
        _ => return None,
    };
    let args: Option<Vec<_>> = args.map(|arg| arg.into_string().ok()).collect();
    match part(&args.unwrap_or_default()) {
        Ok(()) => Some(ExitCode::SUCCESS),
        Err(error) => {
            complain(format_args!("stayput-prove: {error:#}"));
            Some(ExitCode::FAILURE)
        }
    }
}

fn experiments(
    options: &Options,
    channels: &[Channel],
    storages: &[Storage],
    progress: &dyn Progress,
) -> Result<Vec<Finding>> {
    let seed = Seed::random()?;
    let janitor = Arc::new(Janitor::hire()?);
    let _watch = Watch::start(Arc::clone(&janitor))?;
    let parent = options.dir.clone().unwrap_or_else(std::env::temp_dir);
    let lab = Lab {
        seed,
        storages: storages.to_vec(),
        channels: channels.to_vec(),
        wanted_dir: options.dir.clone(),
        dir: make_own_dir(&janitor, seed, &parent)?,
        janitor,
        progress,
    };
    let findings = channels::observe(&lab);
    lab.janitor.dismiss()?;
    findings
}

fn nothing(channels: &[Channel], storages: &[Storage], why: &str) -> Vec<Finding> {
    let cells = storages.iter().flat_map(|&storage| {
        let finding = move |&channel: &Channel| Finding {
            channel,
            storage,
            observation: Observation::skipped(why),
        };
        channels.iter().map(finding)
    });
    cells.collect()
}

fn chosen<T: Copy>(all: &[T], wanted: impl Fn(&T) -> bool) -> Vec<T> {
    all.iter().copied().filter(wanted).collect()
}
