//! `stayput completions SHELL`.

use anyhow::Result;
use clap_complete::{Shell, generate};
use std::process::ExitCode;

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args, mut program: clap::Command) -> Result<ExitCode> {
    let mut script = Vec::new();
    generate(args.shell, &mut program, "stayput", &mut script);
    crate::style::print(&script)?;
    Ok(ExitCode::SUCCESS)
}
