//! `/proc/PID/smaps`: one record for each mapping.
//!
//! `VmFlags` is the authority on locks and advice; `Locked:` is a proportional
//! share and wrong for shared pages, so it is not read.

use super::Flag;
use super::process::{Process, kibibytes};
use std::io::{self, BufRead, BufReader};

/// One mapping; sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mapping {
    /// First address.
    pub start: u64,
    /// Address after the last byte.
    pub end: u64,
    /// File, or a name in brackets; empty for anonymous memory. Bytes that are not
    /// UTF-8 are replaced.
    pub name: String,
    /// Bytes in memory (`Rss`). A page that several mappings or processes share
    /// counts in each; huge pages of hugetlbfs count in none.
    pub resident: u64,
    /// Bytes in memory, each page divided by how many mappings it is in (`Pss`):
    /// sums over mappings and processes count every page once.
    pub share: u64,
    /// Bytes in huge pages of hugetlbfs (`Private_Hugetlb` and `Shared_Hugetlb`).
    pub huge: u64,
    /// Bytes in swap (`Swap`).
    pub swapped: u64,
    flags: u64,
    unknown_flags: Vec<String>,
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

    /// The flags that the kernel lists.
    pub fn flags(&self) -> impl Iterator<Item = Flag> + '_ {
        let all = Flag::ALL.iter().copied();
        all.filter(|flag| self.has(*flag))
    }

    /// Letters that the kernel lists and this crate does not know.
    #[must_use]
    pub fn unknown_flags(&self) -> &[String] {
        &self.unknown_flags
    }

    /// Bytes in memory that can't leave it: all that is resident in a locked
    /// mapping. (`Locked:` in smaps is a proportional share, too small wherever
    /// pages are shared.)
    #[must_use]
    pub fn locked(&self) -> u64 {
        if self.has(Flag::Locked) {
            self.resident
        } else {
            0
        }
    }

    /// Whether nothing may access it (`PROT_NONE`): reserved, not in use.
    #[must_use]
    pub fn is_inaccessible(&self) -> bool {
        ![Flag::Readable, Flag::Writable, Flag::Executable]
            .into_iter()
            .any(|flag| self.has(flag))
    }

    /// Whether it is memory of `memfd_secret`: never swapped, whether the kernel flags it as
    /// locked or, since CVE-2026-93243 was mended, does not.
    #[must_use]
    pub fn is_secret_memory(&self) -> bool {
        self.name.starts_with("/secretmem") && self.has(Flag::Shared)
    }

    /// Whether the kernel passes the mapping over when it locks: its own
    /// (`[vdso]`), a device's, huge pages, droppable memory, secret memory that it does
    /// not flag.
    #[must_use]
    pub fn is_exempt_from_locking(&self) -> bool {
        let is_unflagged_secret = self.is_secret_memory() && !self.has(Flag::Locked);
        is_unflagged_secret
            || [
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
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        // Paths may be any bytes.
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end();
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
        share: 0,
        huge: 0,
        swapped: 0,
        flags: 0,
        unknown_flags: Vec::new(),
    })
}

fn field(mapping: &mut Mapping, line: &str) -> io::Result<()> {
    let Some((name, value)) = line.split_once(':') else {
        return Ok(());
    };
    let size = || kibibytes(value).ok_or_else(|| malformed(line));
    match name {
        "Rss" => mapping.resident = size()?,
        "Pss" => mapping.share = size()?,
        "Swap" => mapping.swapped = size()?,
        "Private_Hugetlb" | "Shared_Hugetlb" => mapping.huge += size()?,
        "VmFlags" => value
            .split_ascii_whitespace()
            .for_each(|letters| match Flag::of(letters) {
                Some(flag) => mapping.flags |= flag.bit(),
                None => mapping.unknown_flags.push(letters.to_owned()),
            }),
        _ => {}
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
                    Size: 4 kB\nRss:                   4 kB\nPss:                   2 kB\n\
                    Swap:                  8 kB\nShared_Hugetlb:     2048 kB\n\
                    Private_Hugetlb:    2048 kB\nVmFlags: rd wr mr lo dd zz \n\
                    9000-a000 r--s 00000000 fe:00 12   /a file (deleted)\nVmFlags: rd\n";
        let mappings = read(text.as_bytes()).expect("well formed");
        assert_eq!(mappings.len(), 2);
        let heap = &mappings[0];
        assert_eq!(
            (heap.start, heap.end, heap.name.as_str()),
            (0x7f00, 0x8f00, "[heap]")
        );
        assert_eq!((heap.resident, heap.swapped), (4096, 8192));
        assert_eq!((heap.share, heap.huge), (2048, 4 << 20));
        assert_eq!((heap.locked(), mappings[1].locked()), (4096, 0));
        let letters: Vec<_> = heap.flags().map(Flag::letters).collect();
        assert_eq!(letters, ["rd", "wr", "mr", "lo", "dd"]);
        assert_eq!(heap.unknown_flags(), ["zz"]);
        assert!(heap.has(Flag::Locked) && heap.has(Flag::DontDump) && !heap.has(Flag::WipeOnFork));
        assert_eq!(mappings[1].name, "/a file (deleted)");
    }

    #[test]
    fn paths_may_be_any_bytes() {
        let mappings = read(&b"1000-2000 r--p 0 0:0 0    /a\xff\nRss: 4 kB\n"[..]);
        let mapping = &mappings.expect("well formed")[0];
        assert_eq!(
            (mapping.name.as_str(), mapping.resident),
            ("/a\u{fffd}", 4096)
        );
    }

    #[test]
    fn secret_memory_is_known_whether_it_is_flagged_or_not() {
        let record = |flags, name| {
            let text = format!("1000-2000 rw-s 0 0:e 358    {name}\nVmFlags: {flags}\n");
            read(text.as_bytes()).expect("well formed").remove(0)
        };
        let name = "/secretmem (deleted)";
        let (older, newer) = (record("sh lo dd", name), record("sh dd", name));
        assert!(older.is_secret_memory() && !older.is_exempt_from_locking());
        assert!(newer.is_secret_memory() && newer.is_exempt_from_locking());
        let file = record("sh", "/tmp/secretmem");
        assert!(!file.is_secret_memory() && !file.is_exempt_from_locking());
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(read("VmFlags: rd\n".as_bytes()).is_err());
        assert!(read("1000-2000 r--p 0 0:0 0\nRss: many\n".as_bytes()).is_err());
    }
}
