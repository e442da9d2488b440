//! The subcommands, one file each.

pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod prove;
pub(crate) mod run;
pub(crate) mod spec;

use anyhow::{Result, ensure};
use stayput_sys::process::HAS_PROC;

/// An error on systems that a command has no means to work on.
fn needs_proc(command: &str) -> Result<()> {
    let system = std::env::consts::OS;
    ensure!(
        HAS_PROC,
        "`{command}` is not supported on {system}: it needs Linux's /proc"
    );
    Ok(())
}
