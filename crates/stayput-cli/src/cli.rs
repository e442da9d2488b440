//! The command line's shape.

use crate::commands::{completions, config, doctor, inspect, man, prove, run, spec};
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

/// What to do; each has a file under `commands/`, whose `Args` say what it does: words
/// here would take the place of theirs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Prove(prove::Args),
    Doctor(doctor::Args),
    Config(config::Args),
    Inspect(inspect::Args),
    Run(run::Args),
    Spec(spec::Args),
    Completions(completions::Args),
    Man(man::Args),
}
