//! Looking through a core file, whoever wrote it.

use crate::marker::Marker;
use crate::observation::{Evidence, Observation};
use crate::scan::Scanner;
use anyhow::{Context, Result};
use object::{Object, ObjectSegment, ReadCache};
use std::fs::{self, File};
use std::path::Path;

/// What a victim said of itself before it was dumped.
pub(super) struct Subject {
    pub(super) marker: Marker,
    pub(super) held: u64,
    pub(super) flags: String,
}

/// Scans the file, and removes it.
pub(super) fn examine(file: &Path, subject: &Subject) -> Result<Observation> {
    let whole = is_whole(file).with_context(|| format!("reading {}", file.display()))?;
    if !whole {
        fs::remove_file(file).context("removing the core file")?;
        // What is missing could have held a marker.
        let why = "the core file was cut short (by RLIMIT_CORE, or a full disk)";
        return Ok(Observation::skipped(why));
    }
    let mut scanner = Scanner::new(&[subject.marker])?;
    let scanned = File::open(file).and_then(|mut core| scanner.file(&mut core));
    let scanned = scanned.with_context(|| format!("reading {}", file.display()))?;
    fs::remove_file(file).context("removing the core file")?;
    let found = scanner.found()[0];
    Ok(Observation::Ran {
        leaked: found.hits > 0,
        evidence: Evidence::default()
            .with("held", subject.held)
            .with("found", found.hits)
            .with("found_on_pages", found.pages)
            .with("scanned_bytes", scanned)
            .with("vm_flags", subject.flags.as_str()),
    })
}

/// Whether all is there that the file's own list of segments names.
fn is_whole(file: &Path) -> std::io::Result<bool> {
    let core = File::open(file)?;
    let len = core.metadata()?.len();
    let cache = ReadCache::new(core);
    Ok(object::File::parse(&cache).is_ok_and(|core| {
        core.segments().all(|segment| {
            let (start, size) = segment.file_range();
            start.checked_add(size).is_some_and(|end| end <= len)
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marker::Seed;

    /// A core file of `len` bytes whose one segment ends at 8 KiB.
    fn core(len: usize) -> Vec<u8> {
        let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        file.extend([4_u16, 62].into_iter().flat_map(u16::to_le_bytes)); // ET_CORE, EM_X86_64
        file.extend(1_u32.to_le_bytes());
        for offset in [0_u64, 64, 0] {
            file.extend(offset.to_le_bytes()); // entry, segments, sections
        }
        file.extend(0_u32.to_le_bytes());
        for size in [64_u16, 56, 1, 64, 0, 0] {
            file.extend(size.to_le_bytes()); // of headers, and how many
        }
        file.extend([1_u32, 6].into_iter().flat_map(u32::to_le_bytes)); // PT_LOAD, readable and writable
        for word in [4096_u64, 0x10000, 0, 4096, 4096, 4096] {
            file.extend(word.to_le_bytes());
        }
        file.resize(len, 0);
        file
    }

    #[test]
    fn a_core_file_that_was_cut_short_proves_nothing() {
        let seed = "0".repeat(32).parse::<Seed>().expect("hex");
        let subject = Subject {
            marker: Marker::new(seed, "x"),
            held: 1,
            flags: String::new(),
        };
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("core");
        for (len, ran) in [(8192, true), (8191, false), (100, false), (0, false)] {
            fs::write(&file, core(len)).expect("written");
            let seen = examine(&file, &subject).expect("readable");
            assert_eq!(matches!(seen, Observation::Ran { .. }), ran, "{len}");
            assert!(!file.exists());
        }
    }
}
