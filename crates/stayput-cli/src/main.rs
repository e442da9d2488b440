//! The `stayput` command: parse, call, print.
//!
//! Exit codes: 0 nothing found, 1 findings, 2 usage or internal error.
#![forbid(unsafe_code)]
// They panic where nobody reads: `style` doesn't.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod commands;
mod format;
mod output;
mod size;
mod style;

use clap::{CommandFactory, Parser};
use cli::{Cli, Command};
use std::process::ExitCode;

/// The exit code of a usage or internal error.
const ERROR: u8 = 2;

fn main() -> ExitCode {
    // Experiments and probes run this program again for a part of their own.
    if let Some(code) = stayput_prove::child()
        .or_else(stayput_doctor::child)
        .or_else(stayput_conformance::child::dispatch)
    {
        return code;
    }
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Prove(args) => commands::prove::run(&args, cli.format),
        Command::Doctor(args) => commands::doctor::run(&args, cli.format),
        Command::Config(args) => commands::config::run(&args, cli.format),
        Command::Inspect(args) => commands::inspect::run(&args, cli.format),
        Command::Run(args) => commands::run::run(&args, cli.format),
        Command::Spec(args) => commands::spec::run(&args, cli.format),
        Command::Completions(args) => commands::completions::run(&args, cli.format, Cli::command()),
        Command::Man(args) => commands::man::run(&args, cli.format, Cli::command()),
    };
    outcome.unwrap_or_else(|error| {
        style::say(format_args!("{error:#}"));
        ExitCode::from(ERROR)
    })
}
