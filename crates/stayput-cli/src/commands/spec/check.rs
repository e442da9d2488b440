//! `stayput spec check`.

use crate::format::Format;
use crate::style;
use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use stayput_conformance::check::{Options, check};
use stayput_conformance::{Format as Form, Verdict};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::thread::available_parallelism;

const FORMS: [Format; 4] = [Format::Text, Format::Json, Format::Junit, Format::Tap];

/// Check the contract against this kernel.
///
/// Each clause that isn't merely cited has a live probe; then random sequences of
/// calls are compared with the model after every step: results, VmLck, the flags
/// of every page, residency. A difference is shrunk to the shortest sequence that
/// still shows it.
///
/// Forms: text, json, junit, tap.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 if kernel and contract agree, 1 if not, 2 for a usage or \
    internal error. What this machine can't show is skipped, and named."
)]
pub(crate) struct Args {
    /// How many random sequences (of up to 200 calls each); 0 for the clauses alone.
    #[arg(long, value_name = "N", default_value_t = 200)]
    sequences: u64,
    /// What the sequences follow from: the same seed means the same run.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// How many processes run sequences at once [default: the number of processors].
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    let form = match format.among("spec check", &FORMS)? {
        Format::Json => Form::Json,
        Format::Junit => Form::Junit,
        Format::Tap => Form::Tap,
        _ => Form::Text,
    };
    crate::commands::needs_proc("spec check")?;
    let verdict = verdict(args)?;
    style::print(verdict.render(form).as_bytes())?;
    Ok(super::exit_code(verdict.agrees()))
}

fn verdict(args: &Args) -> Result<Verdict> {
    let mut options = Options::new(args.sequences, args.seed).context(super::source::OWN_PATH)?;
    if let Some(random) = &mut options.random {
        random.jobs = match args.jobs {
            Some(jobs) => jobs,
            None => available_parallelism().context("counting the processors")?,
        };
    }
    let bar = ProgressBar::new(args.sequences);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} sequences") {
        bar.set_style(style);
    }
    let verdict = check(&options, |done| bar.set_position(done));
    bar.finish_and_clear();
    verdict.context("checking the kernel")
}
