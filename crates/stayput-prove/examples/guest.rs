//! The program that runs in the guests of `vm/`, and on their host.

use std::process::ExitCode;

fn main() -> ExitCode {
    stayput_prove::child().unwrap_or_else(stayput_prove::guest::main)
}
