//! Another process reads the memory of a living one.

use super::fork::seen;
use crate::channel::Channel;
use crate::lab::Lab;
use crate::look::look;
use crate::observation::{Finding, Observation};
use crate::os::{self, Tracer};
use crate::victim::Victim;
use anyhow::Result;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};

pub(super) fn observe(lab: &Lab<'_>, channels: &[Channel]) -> Result<Vec<Finding>> {
    lab.for_each_storage(channels, |victim| {
        channels
            .iter()
            .map(|&channel| Ok((channel, read(channel, &victim)?)))
            .collect()
    })
}

/// Opens a victim's memory. `Err` inside: why that is not permitted.
pub(super) fn memory_of(victim: &Victim) -> Result<Result<File, String>> {
    match File::open(format!("/proc/{}/mem", victim.id())) {
        Ok(memory) => Ok(Ok(memory)),
        Err(error) => refused("opening /proc/PID/mem", error).map(Err),
    }
}

fn read(channel: Channel, victim: &Victim) -> Result<Observation> {
    match channel {
        Channel::ProcMem => match memory_of(victim)? {
            Ok(mut memory) => observed(victim, |address, block| {
                memory.seek(SeekFrom::Start(address))?;
                memory.read(block)
            }),
            Err(why) => Ok(Observation::Skipped { why }),
        },
        Channel::VmReadv => {
            let process = victim.id();
            let first = victim.places.first().map_or(0, |place| place.start);
            match os::read_process(process, first, &mut [0]) {
                Err(error) if os::is_refusal(&error) => {
                    refused("process_vm_readv", error).map(Observation::skipped)
                }
                _ => observed(victim, |address, block| {
                    os::read_process(process, address, block)
                }),
            }
        }
        _ => match Tracer::attach(victim.id()) {
            Ok(tracer) => observed(victim, |address, block| tracer.read(address, block)),
            Err(error) => refused("PTRACE_ATTACH", error).map(Observation::skipped),
        },
    }
}

fn observed(
    victim: &Victim,
    read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
) -> Result<Observation> {
    let look = look(&victim.places, victim.marker, read);
    Ok(Observation::Ran {
        leaked: look.markers > 0,
        evidence: seen(&look)
            .with("held", victim.markers())
            .with("vm_flags", victim.flags()?),
    })
}

/// Why access was denied as such, so that nothing was tried. Any other error is
/// a failure of the experiment.
fn refused(what: &str, error: io::Error) -> Result<String> {
    if !os::is_refusal(&error) {
        return Err(anyhow::Error::new(error).context(what.to_owned()));
    }
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope");
    let scope = scope.map_or_else(|_| "absent".to_owned(), |scope| scope.trim().to_owned());
    let errno = os::errno(&error);
    Ok(format!(
        "{what} is not permitted here ({errno}; yama ptrace_scope: {scope})"
    ))
}
