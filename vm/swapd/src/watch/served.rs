//! The daemon and the swap on its device.

use crate::cell::{Cell, name};
use anyhow::{Context, Result, ensure};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// A daemon that serves, with swap on its device.
pub(super) struct Served {
    /// `/dev/…`.
    pub(super) device: String,
    pub(super) daemon: Pid,
}

impl Served {
    /// Starts the daemon in its control group (before it has any memory: charges
    /// don't move) and swaps on its device.
    pub(super) fn start(cell: Cell) -> Result<Self> {
        let serve = "echo $$ >/sys/fs/cgroup/daemon/cgroup.procs && exec swapd \"$@\" /dev/vda";
        let mut shell = Command::new("sh");
        shell.args([
            "-c",
            serve,
            "swapd",
            &name(cell.transport),
            &name(cell.locking),
        ]);
        let mut started = shell.stdout(Stdio::piped()).spawn()?;
        let output = started.stdout.take().context("no output to read")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let words: Vec<&str> = line.split_whitespace().collect();
        ensure!(
            words.len() == 3,
            "expected `ready DEVICE PID`, the daemon said {line:?}"
        );
        let served = Self {
            device: words[1].to_owned(),
            daemon: Pid::from_raw(words[2].parse()?),
        };
        run("mkswap", &served.device)?;
        run("swapon", &served.device)?;
        Ok(served)
    }

    /// The device without its folder.
    pub(super) fn disk(&self) -> &str {
        self.device.trim_start_matches("/dev/")
    }

    /// Swaps off and ends the daemon.
    pub(super) fn end(self) -> Result<()> {
        run("swapoff", &self.device)?;
        kill(self.daemon, Signal::SIGKILL).context("the daemon is gone")
    }
}

fn run(program: &str, device: &str) -> Result<()> {
    let output = Command::new(program).arg(device).output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{program} {device}: {}, {said}",
        output.status
    );
    Ok(())
}
