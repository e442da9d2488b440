//! Chores of the workspace: `cargo xtask tidy`, `vm`, `evidence`.
//!
//! Exit codes are the command line's own: 0 nothing found, 1 findings, 2 usage
//! or internal error.

mod cell;
mod evidence;
mod lists;
mod tidy;
mod vm;

use anyhow::Result;
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <CHORE>

chores:
  tidy    check what the compiler and clippy can't: layering, platform cfgs,
          file length, SAFETY comments, dependencies, package data
  vm collect GUEST RELEASE SECONDS VERDICT <LOG
          what a guest said, as JSON; `vm/run` calls it
  vm matrix FILE...
          such files as a table, judged
  evidence
          write docs/evidence.md and its picture from docs/evidence/
  evidence test
          run the tests that claims rest on; their results, as JSON
  evidence collect FILE...
          take over what the files hold, JSON of `prove`, `spec check`,
          `vm/run`, `ci/soak.sh` and `evidence test`; `ci/evidence.sh` makes them";

fn main() -> ExitCode {
    let chores: Vec<String> = std::env::args().skip(1).collect();
    match chores.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => tidy(),
        ["vm", "collect", guest, release, seconds, verdict] => {
            ended("vm collect", vm::collect(guest, release, seconds, verdict))
        }
        ["vm", "matrix", ref files @ ..] if !files.is_empty() => {
            let files: Vec<_> = files.iter().map(PathBuf::from).collect();
            ended("vm matrix", vm::matrix(&files))
        }
        ["evidence"] => ended("evidence", evidence::write()),
        ["evidence", "test"] => ended("evidence test", evidence::test()),
        ["evidence", "collect", ref files @ ..] if !files.is_empty() => {
            let files: Vec<_> = files.iter().map(PathBuf::from).collect();
            ended("evidence collect", evidence::collect(&files))
        }
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

/// Findings, if there are any, make a chore fail.
fn ended(chore: &str, findings: Result<Vec<String>>) -> ExitCode {
    match findings {
        Ok(findings) if findings.is_empty() => ExitCode::SUCCESS,
        Ok(findings) => {
            for finding in &findings {
                println!("FAILED: {finding}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{chore} could not run: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn tidy() -> ExitCode {
    match tidy::run() {
        Ok(report) if report.findings.is_empty() => {
            println!("tidy: {} sources, nothing found", report.sources);
            ExitCode::SUCCESS
        }
        Ok(report) => {
            for finding in &report.findings {
                println!("{finding}");
            }
            println!("tidy: {} findings", report.findings.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("tidy could not run: {error:#}");
            ExitCode::from(2)
        }
    }
}
