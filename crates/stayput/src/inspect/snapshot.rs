//! A process's memory at one moment, and its sums.

use super::process::Process;
use super::smaps::{Mapping, mappings};
use super::{Flag, locked_bytes, name_of};
use std::io;

/// All mappings of a process, and what the kernel has charged.
///
/// The mappings come from one reading of smaps and `VmLck` from another file just
/// after it: a process that maps meanwhile can make the two disagree.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Snapshot {
    /// The kernel's number for the process.
    pub id: u32,
    /// The name of its program (`comm`, 15 bytes at most).
    pub name: String,
    /// Lowest address first.
    pub mappings: Vec<Mapping>,
    /// Bytes charged against `RLIMIT_MEMLOCK` (`VmLck`): locked mappings whole,
    /// pages not in memory included; secret memory too.
    pub charged: u64,
}

/// Sums over mappings, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Totals {
    /// How many mappings.
    pub mappings: usize,
    /// Address space.
    pub size: u64,
    /// In memory (`Rss`): pages shared with others count whole.
    pub resident: u64,
    /// In memory, shared pages divided by their users (`Pss`): what may be added
    /// up over processes.
    pub share: u64,
    /// In huge pages of hugetlbfs, which `Rss` leaves out.
    pub huge: u64,
    /// In swap.
    pub swapped: u64,
    /// Address space in locked mappings.
    pub locked_size: u64,
    /// In memory and locked: can't be swapped.
    pub locked: u64,
    /// Address space left out of core dumps.
    pub dump_excluded: u64,
    /// Address space that the kernel never locks ([`Mapping::is_exempt_from_locking`]).
    pub special: u64,
    /// Address space that nothing may access.
    pub inaccessible: u64,
}

impl Snapshot {
    /// Looks at a process.
    ///
    /// # Errors
    /// As [`mappings`]; `NotFound` for a process without memory of its own (a
    /// thread of the kernel, or one that has ended).
    pub fn of(process: Process) -> io::Result<Self> {
        let id = match process {
            Process::Current => std::process::id(),
            Process::Id(id) => id,
        };
        let name = name_of(id)?;
        let mappings = mappings(process)?;
        if mappings.is_empty() {
            let message = format!(
                "process {id} ({name}) has no memory of its own: it is a thread of the kernel, \
                 or has ended"
            );
            return Err(io::Error::new(io::ErrorKind::NotFound, message));
        }
        Ok(Self {
            id,
            name,
            mappings,
            charged: locked_bytes(process)?,
        })
    }
}

impl Totals {
    /// The sums over `mappings`, which may be some of a process's. The gate page
    /// of old programs ([`Mapping::is_gate`]) is nobody's and not counted.
    #[must_use]
    pub fn of<'a>(mappings: impl IntoIterator<Item = &'a Mapping>) -> Self {
        let mut totals = Self::default();
        for mapping in mappings {
            if !mapping.is_gate() {
                totals.add(mapping);
            }
        }
        totals
    }

    fn add(&mut self, mapping: &Mapping) {
        let size_if = |holds: bool| if holds { mapping.len() } else { 0 };
        self.mappings += 1;
        self.size += mapping.len();
        self.resident += mapping.resident;
        self.share += mapping.share;
        self.huge += mapping.huge;
        self.swapped += mapping.swapped;
        self.locked_size += size_if(mapping.has(Flag::Locked));
        self.locked += mapping.locked();
        self.dump_excluded += size_if(mapping.has(Flag::DontDump));
        self.special += size_if(mapping.is_exempt_from_locking());
        self.inaccessible += size_if(mapping.is_inaccessible());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn the_sums_agree_with_the_kernels_own() {
        if let Err(error) = mappings(Process::Current) {
            return eprintln!("SKIPPED the_sums_agree_with_the_kernels_own: {error}");
        }
        // Of a process that stands still meanwhile: it has answered, and waits.
        let mut other = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("coreutils");
        let (mut ask, mut answer) = (other.stdin.take(), other.stdout.take());
        let (ask, answer) = (
            ask.as_mut().expect("piped"),
            answer.as_mut().expect("piped"),
        );
        ask.write_all(b"?").expect("it reads");
        answer.read_exact(&mut [0]).expect("it answers");
        let process = Process::Id(other.id());
        // The two are read one after the other, and what others map of the same files
        // changes its share in between: sums that are wrong agree at no time.
        let start = Instant::now();
        while let Err(difference) = agree(process) {
            assert!(start.elapsed() < PATIENCE, "{difference}");
        }
        other.kill().expect("our child");
        other.wait().expect("our child");
    }

    fn agree(process: Process) -> Result<(), String> {
        let snapshot = Snapshot::of(process).expect("our child");
        let rollup = process.read("smaps_rollup").expect("our child");
        let total = super::super::total_bytes(process).expect("our child");
        let kernel = |name: &str| {
            let value = rollup.lines().find_map(|line| line.strip_prefix(name));
            super::super::process::kibibytes(value.expect(name)).expect("a size")
        };
        let totals = Totals::of(&snapshot.mappings);
        // Each record is rounded down to KiB.
        let lost = 1024 * snapshot.mappings.len() as u64;
        let agree = totals.resident == kernel("Rss:")
            && totals.swapped == kernel("Swap:")
            && totals.size == total // VmSize
            && (totals.share..=totals.share + lost).contains(&kernel("Pss:"))
            && (snapshot.charged, totals.locked) == (0, 0);
        agree
            .then_some(())
            .ok_or_else(|| format!("{totals:?}, VmSize {total}, the kernel's:\n{rollup}"))
    }
}
