//! Leak experiments: what swap, core dumps, readers, fork children and freed
//! memory really hold of a secret, on the machine at hand.
//!
//! Each experiment fills the same memory in every kind of storage with a marker
//! of its own, in a process of its own, and then looks for the markers where
//! they should not be. Controls must leak: an experiment that can't find the
//! plain heap proves nothing.
//!
//! [`run`] does all of it; a program that calls it must first hand control to
//! [`helper_main`], since the experiments run copies of that program.

mod channels;
mod dispatch;
mod expectation;
mod helper;
mod janitor;
mod marker;
mod report;
mod rows;
mod scan;
mod victim;

pub use dispatch::helper_main;
pub use expectation::{Channel, Expectation, Storage, expectation};
pub use report::{Cell, Outcome, Report, Skipped, Verdict};

use janitor::Janitor;
use marker::Seed;
use std::io;

/// Runs the experiments of `channels`, telling `progress` before each.
///
/// # Errors
/// Where the experiments could not be set up at all. A channel that can't run
/// here is skipped in the report, with the reason.
pub fn run(channels: &[Channel], mut progress: impl FnMut(Channel)) -> io::Result<Report> {
    let janitor = Janitor::start()?;
    let seed = Seed::random()?;
    let mut report = Report::new();
    for &channel in channels {
        progress(channel);
        channels::run(channel, seed, &janitor, &mut report);
    }
    janitor.finish()?;
    Ok(report)
}
