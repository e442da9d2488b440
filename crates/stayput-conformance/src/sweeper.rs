//! A process that removes a control group when the one that made it is gone, whatever
//! ended that one.

use crate::task::{HIDDEN, SWEEP};
use stayput_sys::raw;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Hired before the group is made. Dropping it has the group removed, and waits for it.
pub(crate) struct Sweeper(Child);

impl Sweeper {
    pub(crate) fn hire(group: &Path) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(HIDDEN).arg(SWEEP).arg(group);
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        command.spawn().map(Self)
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            eprintln!("stayput-conformance: waiting for a group to be removed: {error}");
        }
    }
}

/// Plays the sweeper: waits for the end of the pipe, which comes with that of its writers.
pub(crate) fn sweep(group: &Path) -> io::Result<()> {
    raw::leave_session()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    let mut removed = Ok(());
    // Empty once its only process has been waited for, but not at once.
    for _ in 0..1500 {
        removed = match std::fs::remove_dir(group) {
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
