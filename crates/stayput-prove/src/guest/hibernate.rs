//! Hibernation: what the image holds, and when the kernel refuses to write one.

use super::cell::Cell;
use super::holding;
use crate::marker::Seed;
use crate::observation::Evidence;
use crate::os;
use crate::storage::{Kind, Storage};
use crate::victim::Victim;
use anyhow::{Context, Result};
use std::fs;
use std::io;

const REFUSAL: &str = "hibernation-refusal";
const IMAGE: &str = "hibernation-image";
const RESUMED: &str = "hibernation-resume";
const DISK_AFTER: &str = "hibernation-disk-after-resume";

const STATE: &str = "/sys/power/state";
const MODE: &str = "/sys/power/disk";

const REFUSED: &str = "refused";
const ALLOWED: &str = "allowed";

pub(super) fn run(seed: Seed) -> Result<()> {
    fs::write(MODE, "shutdown").with_context(|| format!("writing to {MODE}"))?;
    availability("nothing of memfd_secret", ALLOWED)?
        .control()
        .judged()?;
    let mut released = vec![
        refused_until_trimmed(Storage::SecretMem, seed)?,
        refused_until_trimmed(Storage::SecretBytesMem, seed)?,
    ];
    refused_until_the_end(Storage::Sealed, seed)?;
    let others = Storage::ALL
        .into_iter()
        .filter(|storage| is_mapped(*storage));
    let others = others.map(|storage| holding(storage, seed));
    let mut others = others.collect::<Result<Vec<_>>>()?;
    announce(IMAGE, &others, &released)?;
    hibernate().with_context(|| format!("writing to {STATE}"))?;
    after_resume(&mut others, &mut released)?;
    announce(DISK_AFTER, &others, &released)
}

/// Whether the image holds it as it is: memory of the kernel's map.
fn is_mapped(storage: Storage) -> bool {
    let hidden = matches!(storage, Storage::SecretMem | Storage::SecretBytesMem);
    storage.is_plain() && !hidden
}

/// Secrets that keep the kernel from hibernating until their pool has given
/// their pages back. The victim that is left has held them.
fn refused_until_trimmed(storage: Storage, seed: Seed) -> Result<Victim> {
    let name = storage.id();
    let mut victim = holding(storage, seed)?;
    availability(name, REFUSED)?.judged()?;
    victim.release()?;
    availability(&format!("{name}, dropped, its pool kept"), REFUSED)?.judged()?;
    victim.trim()?;
    availability(&format!("{name}, dropped, its pool trimmed"), ALLOWED)?.judged()?;
    Ok(victim)
}

/// A secret of which something stays in memfd_secret as long as its process lives.
fn refused_until_the_end(storage: Storage, seed: Seed) -> Result<()> {
    let name = storage.id();
    let mut victim = holding(storage, seed)?;
    availability(name, REFUSED)?.judged()?;
    victim.release()?;
    availability(&format!("{name}, dropped, its process alive"), REFUSED)?.judged()?;
    drop(victim);
    availability(&format!("{name}, its process ended"), ALLOWED)?.judged()
}

/// Tells the host what to look for on the disk.
fn announce(experiment: &str, held: &[Victim], released: &[Victim]) -> Result<()> {
    for victim in held {
        let figures = Evidence::default()
            .with("held", victim.markers())
            .with("vm_flags", victim.flags()?);
        Cell::of(experiment, victim.storage, true)?
            .with(figures)
            .seen()?;
    }
    for victim in released {
        let figures = Evidence::default().with("dropped", victim.markers());
        Cell::of(experiment, victim.storage, false)?
            .with(figures)
            .seen()?;
    }
    Ok(())
}

/// The process goes on where it was: its secrets are there, and new ones can be had.
fn after_resume(held: &mut [Victim], released: &mut [Victim]) -> Result<()> {
    for victim in held
        .iter_mut()
        .filter(|victim| victim.storage != Storage::ProtNone)
    {
        let (held, there) = (victim.markers(), victim.count()?);
        let figures = Evidence::default().with("held", held).with("there", there);
        let mut cell = Cell::new(RESUMED, victim.storage.id(), "intact")?.with(figures);
        cell.is_control = victim.storage.kind() == Kind::Raw;
        cell.result(if held == there { "intact" } else { "damaged" })?;
    }
    for victim in released {
        let storage = victim.storage;
        let again = victim.hold()?;
        let observed = again.err().unwrap_or_else(|| "held".to_owned());
        Cell::new(RESUMED, &format!("{}, made anew", storage.id()), "held")?.result(&observed)?;
        availability(&format!("{}, after a resume", storage.id()), REFUSED)?.judged()?;
        victim.release()?;
        victim.trim()?;
    }
    Ok(())
}

/// Whether the kernel would hibernate; where it would not, it was asked to.
struct Availability {
    cell: Cell,
    observed: &'static str,
}

fn availability(subject: &str, expected: &str) -> Result<Availability> {
    let mode = fs::read_to_string(MODE).with_context(|| format!("reading {MODE}"))?;
    let mode = mode.trim();
    let mut figures = Evidence::default().with("sys_power_disk", mode);
    let disabled = mode == "[disabled]";
    if disabled {
        let refusal = hibernate().map_or_else(|error| os::errno(&error), |()| "none".to_owned());
        figures = figures.with("error", refusal);
    }
    Ok(Availability {
        cell: Cell::new(REFUSAL, subject, expected)?.with(figures),
        observed: if disabled { REFUSED } else { ALLOWED },
    })
}

impl Availability {
    fn control(self) -> Self {
        Self {
            cell: self.cell.control(),
            ..self
        }
    }

    fn judged(self) -> Result<()> {
        self.cell.result(self.observed)
    }
}

/// Returns when the system has been resumed, in another boot, or if it refused.
fn hibernate() -> io::Result<()> {
    fs::write(STATE, "disk")
}
