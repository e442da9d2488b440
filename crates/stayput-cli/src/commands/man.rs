//! `stayput man DIR`.

use crate::cli::Cli;
use anyhow::{Context, Result};
use clap::CommandFactory;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write the manual pages into a directory.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The directory; it must exist.
    dir: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    clap_mangen::generate_to(Cli::command(), &args.dir).with_context(|| {
        format!(
            "writing manual pages into {}: expected a directory",
            args.dir.display()
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
