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

#[derive(Debug, Subcommand)]
enum Command {
    /// List the calls of the contract, or all its clauses.
    List(list::Args),
    /// Show the specification of a call, or its clauses.
    Show(show::Args),
    /// Read specifications from kernel sources, and say what is wrong with them.
    Read(read::Args),
    /// Say what two specifications disagree on, or what the kernel refutes.
    Diff(diff::Args),
    /// Check the contract against this kernel.
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
