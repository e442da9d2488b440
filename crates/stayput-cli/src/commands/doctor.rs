//! `stayput doctor`.

mod text;

use crate::format::Format;
use crate::size;
use crate::{output, style};
use anyhow::{Context, Result};
use clap::ValueEnum;
use stayput_doctor::{FailOn, Options};
use std::path::PathBuf;
use std::process::ExitCode;

/// Say what this machine lets a process lock, what weakens locks, and what to do.
///
/// Looks at the limit and the rights of this process (or of another), at its
/// container and control group, and at what could carry memory away: swap,
/// hibernation, core dumps, other processes. Each check has a verdict (PASS, WARN,
/// FAIL, SKIP), evidence, and a remedy for the place it runs in.
///
/// Nothing is changed. What --require asks for is locked for real, in a child
/// process, and given back.
///
/// Forms: text, json, prometheus.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 if nothing was found, 1 if a check failed (with --fail-on warn \
    also if it warned), 2 for a usage or internal error."
)]
pub(crate) struct Args {
    /// How much must be lockable: 64MiB, 1GiB, 65536 (bytes). Tried in a child process.
    #[arg(long, value_name = "SIZE", value_parser = size::parse_some, allow_negative_numbers = true)]
    require: Option<u64>,
    /// Look at this process instead. What would have to be tried is skipped.
    #[arg(long, value_name = "PID", allow_negative_numbers = true)]
    pid: Option<u32>,
    /// From which verdict on to exit with 1.
    #[arg(long, value_enum, default_value = "fail")]
    fail_on: Threshold,
    /// Write to this file, which is replaced in one step.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the evidence of each check.
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Threshold {
    /// Warnings and failures.
    Warn,
    /// Failures.
    Fail,
}

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    let format = format.among("doctor", &Format::METRICS)?;
    let report = stayput_doctor::run(&Options {
        require: args.require,
        process: args.pid,
        fail_on: match args.fail_on {
            Threshold::Warn => FailOn::Warn,
            Threshold::Fail => FailOn::Fail,
        },
    })?;
    let coloured = args.output.is_none() && style::coloured();
    let text = match format {
        Format::Json => serde_json::to_string_pretty(&report)? + "\n",
        Format::Prometheus => stayput_doctor::prometheus(&report).context("encoding metrics")?,
        _ => text::render(&report, args.verbose, coloured),
    };
    output::put(text.as_bytes(), args.output.as_deref())?;
    Ok(if report.summary.passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
