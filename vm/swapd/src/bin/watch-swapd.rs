//! Runs cells one after the other; each says its result on a line of its own.
#![forbid(unsafe_code)]

use anyhow::Result;
use clap::Parser;
use stayput_swapd::cell::Cell;
use stayput_swapd::watch;
use std::process::ExitCode;

/// Runs cells one after the other, and fails if one doesn't end as expected
///
/// A cell that hangs ends the guest: nothing comes after it.
#[derive(Parser)]
struct Options {
    /// TRANSPORT:LOCKING:LOAD, for example ublk:none:reclaim
    #[arg(required = true)]
    cells: Vec<Cell>,
}

fn main() -> Result<ExitCode> {
    let mut code = ExitCode::SUCCESS;
    for cell in Options::parse().cells {
        if !watch::run(cell)? {
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}
