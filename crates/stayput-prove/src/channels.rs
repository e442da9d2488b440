//! The experiments, one file each.

mod core;
mod fork;
mod gcore;
mod readers;
mod residue;
mod swap;

use crate::expectation::{Channel, Storage};
use crate::janitor::{Janitor, Litter};
use crate::marker::Seed;
use crate::report::{Outcome, Report};
use crate::scan::Found;
use crate::victim::Victim;
use std::io;
use std::path::{Path, PathBuf};

/// Runs one channel and notes what it found. A channel that fails is skipped
/// and says why: a machine may lack what it needs.
pub(crate) fn run(channel: Channel, seed: Seed, janitor: &Janitor, report: &mut Report) {
    let outcomes = match channel {
        Channel::Swap => swap::run(seed, janitor),
        Channel::Core => core::run(seed, janitor),
        Channel::ProcMem | Channel::VmReadv | Channel::Ptrace => {
            readers::run(channel, seed, janitor)
        }
        Channel::Gcore | Channel::GcoreAll => gcore::run(channel, seed, janitor),
        Channel::Fork => fork::run(seed, janitor),
        Channel::Residue => residue::run(seed, janitor),
    };
    match outcomes {
        Ok(outcomes) => report.note(channel, |storage| outcomes[storage.index()].clone()),
        Err(error) => report.note(channel, |_| Outcome::Skipped(error.to_string())),
    }
}

/// One outcome for each row.
type Outcomes = Vec<Outcome>;

/// One outcome a row; rows that the victim could not make are skipped.
fn outcomes(victim: &Victim, outcome: impl Fn(Storage, &[(usize, usize)]) -> Outcome) -> Outcomes {
    let each = |storage| match victim.place(storage) {
        Ok(pieces) => outcome(storage, &pieces),
        Err(why) => Outcome::Skipped(why),
    };
    Storage::ALL.into_iter().map(each).collect()
}

/// The outcome of a scan of `what`.
fn scanned(found: &Found, storage: Storage, what: &str) -> Outcome {
    let hits = found.hits(storage);
    let mebibytes = found.scanned.div_ceil(1 << 20);
    if hits > 0 {
        Outcome::Leaked(format!("found {hits} times in {mebibytes} MiB of {what}"))
    } else {
        Outcome::Safe(format!("not found in {mebibytes} MiB of {what}"))
    }
}

/// A directory of one's own on a real disk, taken away at the end.
fn directory(janitor: &Janitor) -> io::Result<PathBuf> {
    let dir = tempfile::Builder::new()
        .prefix("stayput-prove-")
        .tempdir_in(parent())?
        .keep();
    janitor.register(&Litter::Directory(&dir))?;
    Ok(dir)
}

/// `/var/tmp` is a disk where `/tmp` often is not.
fn parent() -> PathBuf {
    let disk = Path::new("/var/tmp");
    if disk.is_dir() {
        disk.into()
    } else {
        std::env::temp_dir()
    }
}

/// The error of a channel that can't run here.
fn unavailable(why: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, why.into())
}
