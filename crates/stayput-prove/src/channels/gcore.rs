//! A core file that gdb writes of a running process.

use super::{Outcomes, directory, outcomes, scanned, unavailable};
use crate::expectation::Channel;
use crate::janitor::Janitor;
use crate::marker::Seed;
use crate::scan::scan;
use crate::victim::Victim;
use std::fs::File;
use std::io;
use std::process::{Command, Stdio};

pub(super) fn run(channel: Channel, seed: Seed, janitor: &Janitor) -> io::Result<Outcomes> {
    let dir = directory(janitor)?;
    let victim = Victim::start(seed, &dir, janitor, |_| Ok(()))?;
    let mut gcore = Command::new("gcore");
    if channel == Channel::GcoreAll {
        gcore.arg("-a");
    }
    let output = gcore
        .arg("-o")
        .arg(dir.join("gcore"))
        .arg(victim.id().to_string())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| unavailable(format!("gcore (Debian package gdb): {error}")))?;
    let core = dir.join(format!("gcore.{}", victim.id()));
    let Ok(core) = File::open(core) else {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(unavailable(format!("gcore wrote no file: {}", said.trim())));
    };
    let found = scan(seed, core, &mut vec![0; 1 << 20])?;
    Ok(outcomes(&victim, |storage, _| {
        scanned(&found, storage, "gcore file")
    }))
}
