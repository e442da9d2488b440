//! The command line's shape.

use crate::commands::{completions, doctor, inspect, man, prove, run, spec};
use crate::format::Format;
use clap::{Parser, Subcommand};

/// Memory that stays put: out of swap, out of core dumps, out of other
/// processes, out of reach after use.
#[derive(Debug, Parser)]
#[command(name = "stayput", version, propagate_version = true)]
#[command(after_help = "Exit status: 0 nothing found, 1 findings, 2 usage or internal error.")]
pub(crate) struct Cli {
    /// How to print results.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do; each has a file under `commands/`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what leaks on this machine: experiments with controls that must leak.
    Prove(prove::Args),
    /// Say what this machine lets a process lock, what weakens locks, and what to do.
    Doctor(doctor::Args),
    /// Show what of a process is in memory, locked, in swap.
    Inspect(inspect::Args),
    /// Run a program that nobody recompiles: locked, without core dumps.
    Run(run::Args),
    /// The mlock family's contract: as data, and against kernels.
    Spec(spec::Args),
    /// Print a completion script for a shell.
    Completions(completions::Args),
    /// Write the manual pages into a directory.
    Man(man::Args),
}
