//! What is left in the process after its secrets were dropped.

use super::{Outcomes, directory, outcomes, scanned};
use crate::janitor::Janitor;
use crate::marker::Seed;
use crate::scan::Found;
use crate::victim::Victim;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;

pub(super) fn run(seed: Seed, janitor: &Janitor) -> io::Result<Outcomes> {
    let mut victim = Victim::start(seed, &directory(janitor)?, janitor, |_| Ok(()))?;
    victim.tell("drop")?;
    let found = scan_process(seed, victim.id())?;
    Ok(outcomes(&victim, |storage, _| {
        scanned(&found, storage, "the process's memory")
    }))
}

/// Looks through all memory of a process that it could read itself.
fn scan_process(seed: Seed, id: u32) -> io::Result<Found> {
    let maps = fs::read_to_string(format!("/proc/{id}/maps"))?;
    let memory = File::open(format!("/proc/{id}/mem"))?;
    let mut found = Found::nothing();
    let mut buffer = vec![0; 1 << 20];
    for (start, end) in maps.lines().filter_map(readable) {
        let mut at = start;
        while at < end {
            let want = usize::try_from(end - at)
                .unwrap_or(buffer.len())
                .min(buffer.len());
            match memory.read_at(&mut buffer[..want], at) {
                // Special mappings ([vvar], memfd_secret) refuse even this.
                Err(_) | Ok(0) => break,
                Ok(len) => {
                    found.look_at(seed, &buffer[..len]);
                    at += len as u64;
                }
            }
        }
    }
    Ok(found)
}

fn readable(line: &str) -> Option<(u64, u64)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let hex = |text| u64::from_str_radix(text, 16).ok();
    rest.starts_with('r').then_some((hex(start)?, hex(end)?))
}
