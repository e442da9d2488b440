//! `stayput man DIR`.

use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::ExitCode;

/// Write the manual pages into a directory.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The directory; it must exist.
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, program: clap::Command) -> Result<ExitCode> {
    clap_mangen::generate_to(program, &args.dir).with_context(|| {
        format!(
            "writing manual pages into {}: expected a directory",
            args.dir.display()
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
