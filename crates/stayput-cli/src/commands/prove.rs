//! `stayput prove`.

mod bar;
mod text;

use crate::format::Format;
use crate::style;
use anyhow::Result;
use bar::Bar;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use stayput_prove::{Channel, Options, Skips, Storage};
use std::path::PathBuf;
use std::process::ExitCode;

/// Show what leaks on this machine.
///
/// Keeps a marker in each storage, then looks for it in each channel: the swap
/// area on disk, core dumps, other processes that read the memory, fork children,
/// memory given back. Raw storages are controls that must leak; stayput's must
/// not, except where its documentation says so.
///
/// As root all channels run; without root what needs it is skipped, and named. No
/// sysctl is changed, and nothing is left behind, not even when interrupted.
///
/// Forms: text, json.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 if every control that ran leaked, nothing leaked that must \
    not, and at least one channel ran; 1 otherwise; 2 for a usage or internal error."
)]
pub(crate) struct Args {
    /// Only these channels; `readers` stands for the five that read a living process.
    #[arg(long, value_name = "CHANNEL", value_delimiter = ',', value_parser = channels())]
    only: Vec<Channels>,
    /// Only these of stayput's storages; the raw ones run in any case, as controls.
    #[arg(long, value_name = "STORAGE", value_delimiter = ',', value_parser = storages())]
    rows: Vec<Storage>,
    /// Exit with 1 if anything was skipped.
    #[arg(long)]
    require_all: bool,
    /// Where to put the swap file and core files: a directory on a disk.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print the evidence behind each cell.
    #[arg(long, short)]
    verbose: bool,
}

/// One channel, or a group of them.
type Channels = Vec<Channel>;

const READERS: &str = "readers";

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    let format = format.among("prove", &Format::BASIC)?;
    let options = Options {
        channels: args.only.concat(),
        storages: args.rows.clone(),
        dir: args.dir.clone(),
        skips: if args.require_all {
            Skips::Forbidden
        } else {
            Skips::Allowed
        },
    };
    let report = stayput_prove::run(&options, &Bar::default())?;
    let output = match format {
        Format::Json => serde_json::to_string_pretty(&report)? + "\n",
        _ => text::render(&report, args.verbose, style::coloured()),
    };
    style::print(output.as_bytes())?;
    Ok(if report.summary.passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn channels() -> impl TypedValueParser<Value = Channels> {
    let names = Channel::ALL.map(Channel::id).into_iter().chain([READERS]);
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        READERS => Channel::READERS.to_vec(),
        name => Vec::from_iter(
            Channel::ALL
                .into_iter()
                .find(|channel| channel.id() == name),
        ),
    })
}

fn storages() -> impl TypedValueParser<Value = Storage> {
    PossibleValuesParser::new(Storage::ALL.map(Storage::id)).try_map(|name| {
        let mut all = Storage::ALL.into_iter();
        all.find(|storage| storage.id() == name)
            .ok_or("not a storage")
    })
}
