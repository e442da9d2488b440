//! Chores of the workspace: `cargo xtask tidy` and friends.
//!
//! Exit codes are the command line's own: 0 nothing found, 1 findings, 2 usage
//! or internal error.

mod header;
mod install;
mod tidy;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The workspace's own chores
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Check what the compiler and clippy can't: layering, platform cfgs, file
    /// length, SAFETY comments, dependencies, package data
    Tidy,
    /// Write stayput.h from the sources of stayput-capi
    Header {
        /// Only say whether the one that is kept is current
        #[arg(long)]
        check: bool,
    },
    /// Build and install the C library: libstayput, stayput.h, stayput.pc, man pages
    Install(install::Places),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Tidy => tidy(),
        Chore::Header { check } => header(check),
        Chore::Install(places) => install::install(&root(), &places).map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::from(2)
    })
}

fn tidy() -> Result<ExitCode> {
    let report = tidy::run().context("tidy could not run")?;
    if report.findings.is_empty() {
        println!("tidy: {} sources, nothing found", report.sources);
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &report.findings {
        println!("{finding}");
    }
    println!("tidy: {} findings", report.findings.len());
    Ok(ExitCode::FAILURE)
}

fn header(check: bool) -> Result<ExitCode> {
    if !check {
        println!("written: {}", header::write(&root())?.display());
        return Ok(ExitCode::SUCCESS);
    }
    if header::is_current(&root())? {
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} differs from the sources: run `cargo xtask header`",
        header::PATH
    );
    Ok(ExitCode::FAILURE)
}

/// The workspace's root: chores may be called from anywhere in it.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}
