//! `stayput man DIR`.

use crate::format::Format;
use anyhow::{Context, Result};
use std::path::PathBuf;
use std::process::ExitCode;

/// Write the manual pages into a directory.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The directory; it must exist.
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, format: Format, program: clap::Command) -> Result<ExitCode> {
    format.among("man", &[Format::Text])?;
    clap_mangen::generate_to(program, &args.dir).with_context(|| {
        format!(
            "writing manual pages into {}: expected a directory",
            args.dir.display()
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
