//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use stayput_prove::Channel;

/// Memory that stays put: prove it, on this machine.
#[derive(Debug, Parser)]
#[command(name = "stayput", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// How to print the result
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs: one JSON document with a schema number
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what leaks where: swap, core dumps, readers, fork children, freed memory
    ///
    /// Fills the same memory in every kind of storage with a marker, then looks for
    /// the markers where they should not be. Controls must leak, stayput's storage
    /// must not. What this machine or user can't do is skipped and named.
    Prove(Prove),
}

#[derive(Args, Debug)]
pub(crate) struct Prove {
    /// Run these channels only, separated by commas
    #[arg(long, value_delimiter = ',', value_name = "CHANNEL", value_parser = channel)]
    pub(crate) only: Vec<Channel>,

    /// Fail (exit status 1) where anything is skipped
    #[arg(long)]
    pub(crate) require_all: bool,

    /// Print the evidence behind each cell
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

fn channel(name: &str) -> Result<Channel, String> {
    Channel::ALL
        .into_iter()
        .find(|channel| channel.title() == name)
        .ok_or_else(|| {
            let names: Vec<_> = Channel::ALL.iter().map(|channel| channel.title()).collect();
            format!("expected one of {}", names.join(", "))
        })
}
