//! `stayput completions SHELL`.

use crate::format::Format;
use crate::style;
use anyhow::Result;
use clap_complete::{Shell, generate};
use std::process::ExitCode;

/// Print a completion script for a shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args, format: Format, mut program: clap::Command) -> Result<ExitCode> {
    format.among("completions", &[Format::Text])?;
    let mut script = Vec::new();
    generate(args.shell, &mut program, "stayput", &mut script);
    style::print(&script)?;
    Ok(ExitCode::SUCCESS)
}
