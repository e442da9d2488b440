//! Chores of the workspace: `cargo xtask tidy`.
//!
//! Exit codes are the command line's own: 0 nothing found, 1 findings, 2 usage
//! or internal error.

mod tidy;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask <CHORE>

chores:
  tidy    check what the compiler and clippy can't: layering, platform cfgs,
          file length, SAFETY comments, dependencies, package data";

fn main() -> ExitCode {
    let chores: Vec<String> = std::env::args().skip(1).collect();
    match chores.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => tidy(),
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
