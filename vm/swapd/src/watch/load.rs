//! What makes the kernel swap.

use crate::cell::{self, Cell, Outcome};
use anyhow::{Context, Result};
use std::fs;
use std::io::Write;
use std::process::{Child, Command, Stdio};

/// How often the hog goes through its memory.
const PASSES: &str = "2";

/// Pushes the daemon out (the kernel says `EAGAIN` where it can't take so much:
/// of a locked daemon it takes next to nothing), then works in a small group.
const RECLAIM: &str = "read -r go
    echo 64M >/sys/fs/cgroup/daemon/memory.reclaim
    echo $$ >/sys/fs/cgroup/hog/cgroup.procs
    exec hog \"$@\"";

const GLOBAL: &str = "read -r go
    exec hog \"$@\"";

/// A load that waits for its beginning. It is started before the monitor locks
/// itself and goes into real time, which children would inherit.
pub(super) struct Load {
    child: Child,
}

impl Load {
    pub(super) fn prepare(cell: Cell) -> Result<Self> {
        let script = match cell.load {
            cell::Load::Reclaim => RECLAIM,
            cell::Load::Global => GLOBAL,
        };
        let mib = cell.hog_mib(available_mib()?);
        println!("{cell}: the hog uses {mib} MiB");
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "hog", &mib.to_string(), PASSES]);
        let child = shell.stdin(Stdio::piped()).spawn()?;
        Ok(Self { child })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn begin(&mut self) -> Result<()> {
        let mut input = self
            .child
            .stdin
            .take()
            .context("the load has begun already")?;
        Ok(input.write_all(b"go\n")?)
    }

    /// How it ended, if it did.
    pub(super) fn ended(&mut self) -> Result<Option<(Outcome, String)>> {
        let status = self.child.try_wait()?;
        Ok(status.map(|status| {
            let outcome = if status.success() {
                Outcome::Survives
            } else {
                Outcome::Fails
            };
            (outcome, format!("the load ended: {status}"))
        }))
    }
}

fn available_mib() -> Result<u64> {
    let text = fs::read_to_string("/proc/meminfo")?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib = line
        .and_then(|rest| rest.split_whitespace().next())
        .context("no MemAvailable")?;
    Ok(kib.parse::<u64>()? / 1024)
}
