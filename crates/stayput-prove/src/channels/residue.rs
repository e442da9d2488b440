//! What is left in a process's memory after a secret was dropped.

use super::readers::memory_of;
use crate::channel::Channel;
use crate::lab::Lab;
use crate::look::look;
use crate::observation::{Evidence, Finding, Observation};
use crate::scan::Scanner;
use crate::victim::Victim;
use anyhow::{Context, Result};
use stayput::inspect::{self, Flag, Process};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

pub(super) fn observe(lab: &Lab<'_>) -> Result<Vec<Finding>> {
    lab.for_each_storage(&[Channel::Residue], |mut victim| {
        let observation = match memory_of(&victim)? {
            Ok(memory) => residue(&mut victim, memory)?,
            Err(why) => Observation::Skipped { why },
        };
        Ok(vec![(Channel::Residue, observation)])
    })
}

fn residue(victim: &mut Victim, mut memory: File) -> Result<Observation> {
    // Before: from outside, so that this look leaves nothing inside.
    let before = look(&victim.places, victim.marker, |address, block| {
        memory.seek(SeekFrom::Start(address))?;
        memory.read(block)
    });
    victim.release()?;
    let mut scanner = Scanner::new(&[victim.marker])?;
    let (read, unread) = scan(victim, &mut memory, &mut scanner)?;
    let outside = scanner.found()[0];
    // The places themselves, from inside: the kernel's own reading of secret
    // memory is refused to everybody else.
    let inside = victim.look()?;
    Ok(Observation::Ran {
        leaked: outside.hits + inside.markers > 0,
        evidence: Evidence::default()
            .with("held", victim.markers())
            .with("readable_before", before.markers)
            .with("found", outside.hits)
            .with("found_on_pages", outside.pages)
            .with("scanned_bytes", read)
            .with("unreadable_bytes", unread)
            .with("found_from_inside", inside.markers)
            .with("zero_bytes_inside", inside.zeros)
            .with("unmapped_bytes_inside", inside.refused),
    })
}

/// Scans all readable mappings; bytes read, and bytes that could not be.
fn scan(victim: &Victim, memory: &mut File, scanner: &mut Scanner) -> Result<(u64, u64)> {
    let mappings = inspect::mappings(Process::Id(victim.id()));
    let mut total = 0;
    let mut read = 0;
    for mapping in mappings.context("reading the victim's mappings")? {
        if mapping.has(Flag::Readable) {
            total += mapping.len();
            let scanned = scanner.memory(memory, mapping.start, mapping.end);
            read += scanned.context("reading the victim's memory")?;
        }
    }
    Ok((read, total - read))
}
