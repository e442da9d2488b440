//! Chores of the workspace: `cargo xtask tidy` and friends.
//!
//! Exit codes are the command line's own: 0 nothing found, 1 findings, 2 usage
//! or internal error.

mod cell;
mod evidence;
mod header;
mod install;
mod lists;
mod tidy;
mod vm;

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
    /// Collect and judge what guests on kernels of their own say; `vm/run` calls it
    #[command(subcommand)]
    Vm(Vm),
    /// Write docs/evidence.md and its picture from docs/evidence/
    Evidence {
        #[command(subcommand)]
        before: Option<Evidence>,
    },
}

#[derive(Subcommand)]
enum Vm {
    /// Print what a guest said, its log being standard input, as JSON
    Collect {
        guest: String,
        release: String,
        seconds: u64,
        verdict: String,
    },
    /// Print such files as a table, judged
    Matrix {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Evidence {
    /// Run the tests that claims rest on; print their results as JSON
    Test,
    /// Take over JSON of `prove`, `spec check`, `vm/run`, `ci/soak.sh` and
    /// `evidence test`; `ci/evidence.sh` makes them
    Collect {
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

fn main() -> ExitCode {
    let findings = match Arguments::parse().chore {
        Chore::Tidy => tidy(),
        Chore::Header { check } => header(check),
        Chore::Install(places) => install::install(&root(), &places).map(|()| Vec::new()),
        Chore::Vm(Vm::Collect {
            guest,
            release,
            seconds,
            verdict,
        }) => vm::collect(guest, release, seconds, verdict),
        Chore::Vm(Vm::Matrix { files }) => vm::matrix(&files),
        Chore::Evidence { before: None } => evidence::write(),
        Chore::Evidence {
            before: Some(Evidence::Test),
        } => evidence::test(),
        Chore::Evidence {
            before: Some(Evidence::Collect { files }),
        } => evidence::collect(&files),
    };
    match findings {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            for finding in &findings {
                eprintln!("FAILED: {finding}"); // stdout may be JSON
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn tidy() -> Result<Vec<String>> {
    let report = tidy::run().context("tidy could not run")?;
    println!(
        "tidy: {} sources, {} findings",
        report.sources,
        report.findings.len()
    );
    Ok(report.findings.iter().map(ToString::to_string).collect())
}

fn header(check: bool) -> Result<Vec<String>> {
    if !check {
        println!("written: {}", header::write(&root())?.display());
        return Ok(Vec::new());
    }
    if header::is_current(&root())? {
        return Ok(Vec::new());
    }
    let differs = "differs from the sources: run `cargo xtask header`";
    Ok(vec![format!("{} {differs}", header::PATH)])
}

/// The workspace's root: chores may be called from anywhere in it.
fn root() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_owned()
}
