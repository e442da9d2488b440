//! A process that removes a directory of the kernel's (a control group, a trace buffer) when
//! the process that made it is gone, whatever ended that one.

use crate::task::{HIDDEN, SWEEP};
use stayput_sys::raw;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Hired before the directory is made. Dropping it has it removed, and waits for that.
pub(crate) struct Sweeper(Child);

impl Sweeper {
    pub(crate) fn hire(directory: &Path) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(HIDDEN).arg(SWEEP).arg(directory);
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        command.spawn().map(Self)
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            eprintln!("stayput-conformance: waiting for what was made to be removed: {error}");
        }
    }
}

/// Plays the sweeper: waits for the end of the pipe, which comes with that of its writers.
pub(crate) fn sweep(directory: &Path) -> io::Result<()> {
    raw::leave_session()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    let mut removed = Ok(());
    // Free once nobody uses it any more, but not at once.
    for _ in 0..1500 {
        removed = match std::fs::remove_dir(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed,
        };
        if removed.is_ok() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    removed
}
