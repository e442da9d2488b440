//! The `stayput` command: parses, calls, prints; no policy of its own.
//!
//! Exit status: 0 nothing found, 1 findings, 2 usage or internal error.
#![forbid(unsafe_code)]

mod arguments;
mod commands;

use arguments::{Arguments, Command};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Experiments run copies of this program as their helpers.
    if let Some(status) = stayput_prove::helper_main() {
        return status;
    }
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Command::Prove(options) => commands::prove::run(options, arguments.format),
    };
    match result {
        Ok(status) => status,
        Err(error) => {
            eprintln!("stayput: {error}");
            ExitCode::from(2)
        }
    }
}
