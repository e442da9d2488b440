//! `stayput spec`.

mod check;
mod diff;
mod list;
mod read;
mod show;
mod source;

use crate::format::Format;
use anyhow::Result;
use clap::Subcommand;
use std::process::ExitCode;

/// The mlock family's contract: as data, and against kernels.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What to do; each has a file, whose `Args` say what it does.
#[derive(Debug, Subcommand)]
enum Command {
    List(list::Args),
    Show(show::Args),
    Read(read::Args),
    Diff(diff::Args),
    Check(check::Args),
}

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    match &args.command {
        Command::List(args) => list::run(args, format),
        Command::Show(args) => show::run(args, format),
        Command::Read(args) => read::run(args, format),
        Command::Diff(args) => diff::run(args, format),
        Command::Check(args) => check::run(args, format),
    }
}

/// 0 where there is nothing to find, 1 otherwise.
fn exit_code(clean: bool) -> ExitCode {
    if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
