//! `/proc/PID/smaps`: one record for each mapping.
//!
//! `VmFlags` is the authority on locks and advice; `Locked:` is a proportional
//! share and wrong for shared pages, so it is not read.

use super::process::{Process, kibibytes};
use std::io::{self, BufRead, BufReader};

/// A property of a mapping, named by `VmFlags` in two letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flag {
    /// `lo`: locked.
    Locked,
    /// `lf`: locked page by page as they are touched.
    LockedOnFault,
    /// `dd`: left out of core dumps.
    DontDump,
    /// `wf`: zeros in a fork child.
    WipeOnFork,
    /// `dc`: absent from a fork child.
    DontFork,
    /// `mg`: offered for merging with equal pages.
    Mergeable,
    /// `rd`: readable.
    Readable,
    /// `wr`: writable.
    Writable,
    /// `ex`: executable.
    Executable,
    /// `sh`: shared.
    Shared,
    /// `gd`: a stack that grows downwards.
    GrowsDown,
    /// `io`: a device's memory.
    Io,
    /// `pf`: page frames without bookkeeping (`VM_PFNMAP`).
    PageFrames,
    /// `mm`: page frames with and without bookkeeping (`VM_MIXEDMAP`).
    MixedMap,
    /// `de`: can't be enlarged; set on what the kernel itself maps.
    DontExpand,
    /// `ht`: huge pages of hugetlbfs, which are never swapped.
    HugeTlb,
    /// `dp`: the kernel may drop the content under pressure (`MAP_DROPPABLE`).
    Droppable,
}

impl Flag {
    const ALL: [Self; 17] = [
        Self::Locked,
        Self::LockedOnFault,
        Self::DontDump,
        Self::WipeOnFork,
        Self::DontFork,
        Self::Mergeable,
        Self::Readable,
        Self::Writable,
        Self::Executable,
        Self::Shared,
        Self::GrowsDown,
        Self::Io,
        Self::PageFrames,
        Self::MixedMap,
        Self::DontExpand,
        Self::HugeTlb,
        Self::Droppable,
    ];

    fn letters(self) -> &'static str {
        match self {
            Self::Locked => "lo",
            Self::LockedOnFault => "lf",
            Self::DontDump => "dd",
            Self::WipeOnFork => "wf",
            Self::DontFork => "dc",
            Self::Mergeable => "mg",
            Self::Readable => "rd",
            Self::Writable => "wr",
            Self::Executable => "ex",
            Self::Shared => "sh",
            Self::GrowsDown => "gd",
            Self::Io => "io",
            Self::PageFrames => "pf",
            Self::MixedMap => "mm",
            Self::DontExpand => "de",
            Self::HugeTlb => "ht",
            Self::Droppable => "dp",
        }
    }

    fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// One mapping; sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapping {
    /// First address.
    pub start: u64,
    /// Address after the last byte.
    pub end: u64,
    /// File, or a name in brackets; empty for anonymous memory.
    pub name: String,
    /// Bytes in memory (`Rss`).
    pub resident: u64,
    /// Bytes in swap (`Swap`).
    pub swapped: u64,
    flags: u32,
}

impl Mapping {
    /// Length in bytes.
    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "the kernel has no empty mappings"
    )]
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Whether the kernel lists the flag.
    #[must_use]
    pub fn has(&self, flag: Flag) -> bool {
        self.flags & flag.bit() != 0
    }

    /// Whether nothing may access it (`PROT_NONE`): reserved, not in use.
    #[must_use]
    pub fn is_inaccessible(&self) -> bool {
        ![Flag::Readable, Flag::Writable, Flag::Executable]
            .into_iter()
            .any(|flag| self.has(flag))
    }

    /// Whether the kernel passes the mapping over when it locks: its own
    /// (`[vdso]`), a device's, huge pages, droppable memory.
    #[must_use]
    pub fn is_exempt_from_locking(&self) -> bool {
        [
            Flag::Io,
            Flag::PageFrames,
            Flag::MixedMap,
            Flag::DontExpand,
            Flag::HugeTlb,
            Flag::Droppable,
        ]
        .into_iter()
        .any(|flag| self.has(flag))
    }

    /// Whether it is the gate page of old x86-64 programs: listed in every
    /// process, part of none, counted nowhere.
    #[must_use]
    pub fn is_gate(&self) -> bool {
        self.name == "[vsyscall]"
    }

    /// Whether `address` lies inside.
    #[must_use]
    pub fn contains(&self, address: u64) -> bool {
        (self.start..self.end).contains(&address)
    }
}

/// All mappings of a process, lowest address first.
///
/// # Errors
/// `NotFound` where there is no such process or no `/proc`; `PermissionDenied`
/// for another user's process without `CAP_SYS_PTRACE`; `InvalidData` for a
/// record that does not read like smaps.
pub fn mappings(process: Process) -> io::Result<Vec<Mapping>> {
    read(BufReader::new(process.open("smaps")?))
}

fn read(mut lines: impl BufRead) -> io::Result<Vec<Mapping>> {
    let mut mappings: Vec<Mapping> = Vec::new();
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        let text = line.trim_end();
        if let Some(mapping) = header(text) {
            mappings.push(mapping);
        } else {
            let mapping = mappings.last_mut().ok_or_else(|| malformed(text))?;
            field(mapping, text)?;
        }
        line.clear();
    }
    Ok(mappings)
}

/// `start-end perms offset device inode   name`.
fn header(line: &str) -> Option<Mapping> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    Some(Mapping {
        start: u64::from_str_radix(start, 16).ok()?,
        end: u64::from_str_radix(end, 16).ok()?,
        name: rest
            .splitn(5, ' ')
            .nth(4)
            .unwrap_or_default()
            .trim_start()
            .to_owned(),
        resident: 0,
        swapped: 0,
        flags: 0,
    })
}

fn field(mapping: &mut Mapping, line: &str) -> io::Result<()> {
    let size = |value| kibibytes(value).ok_or_else(|| malformed(line));
    if let Some(value) = line.strip_prefix("Rss:") {
        mapping.resident = size(value)?;
    } else if let Some(value) = line.strip_prefix("Swap:") {
        mapping.swapped = size(value)?;
    } else if let Some(value) = line.strip_prefix("VmFlags:") {
        mapping.flags = value
            .split_ascii_whitespace()
            .filter_map(|word| Flag::ALL.into_iter().find(|flag| flag.letters() == word))
            .fold(0, |flags, flag| flags | flag.bit());
    }
    Ok(())
}

fn malformed(line: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("expected a record of /proc/PID/smaps, found {line:?}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read() {
        let text = "7f00-8f00 rw-p 00000000 00:00 0                          [heap]\n\
                    Size: 4 kB\nRss:                   4 kB\nSwap:                  8 kB\n\
                    VmFlags: rd wr mr lo dd \n\
                    9000-a000 r--s 00000000 fe:00 12   /a file (deleted)\nVmFlags: rd\n";
        let mappings = read(text.as_bytes()).expect("well formed");
        assert_eq!(mappings.len(), 2);
        let heap = &mappings[0];
        assert_eq!(
            (heap.start, heap.end, heap.name.as_str()),
            (0x7f00, 0x8f00, "[heap]")
        );
        assert_eq!((heap.resident, heap.swapped), (4096, 8192));
        assert!(heap.has(Flag::Locked) && heap.has(Flag::DontDump) && !heap.has(Flag::WipeOnFork));
        assert_eq!(mappings[1].name, "/a file (deleted)");
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(read("VmFlags: rd\n".as_bytes()).is_err());
        assert!(read("1000-2000 r--p 0 0:0 0\nRss: many\n".as_bytes()).is_err());
    }
}
