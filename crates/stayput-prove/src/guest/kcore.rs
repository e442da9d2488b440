//! All memory that the kernel maps, as root reads it through `/proc/kcore`.

use super::cell::{Cell, word};
use super::holding;
use crate::look::look;
use crate::marker::Seed;
use crate::observation::Evidence;
use crate::pagemap::{self, Page};
use crate::scan::{Found, Scanner};
use crate::storage::Storage;
use crate::victim::Victim;
use anyhow::{Context, Result, ensure};
use object::Endianness;
use object::elf::{FileHeader64, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

const EXPERIMENT: &str = "kcore";
const PATH: &str = "/proc/kcore";
/// More than the headers take.
const HEADERS: usize = 64 << 10;

pub(super) fn run(seed: Seed) -> Result<()> {
    let victims = Storage::ALL
        .into_iter()
        .map(|storage| holding(storage, seed));
    let mut victims = victims.collect::<Result<Vec<_>>>()?;
    let mut memory = Memory::open()?;
    // First where the markers lie: reading all copies what can be read.
    let looks = victims
        .iter()
        .map(|victim| memory.look(victim))
        .collect::<Result<Vec<_>>>()?;
    let (found, scanned) = memory.scan(&victims)?;
    for ((victim, figures), found) in victims.iter_mut().zip(looks).zip(found) {
        victim.ensure_held()?;
        let figures = figures
            .with("found", found.hits)
            .with("found_on_pages", found.pages)
            .with("scanned_bytes", scanned);
        Cell::of(EXPERIMENT, victim.storage, is_mapped(victim.storage))?
            .with(figures)
            .result(word(found.hits))?;
    }
    Ok(())
}

/// Whether the kernel maps the pages, and they hold the markers as they are.
fn is_mapped(storage: Storage) -> bool {
    storage.is_plain() && !matches!(storage, Storage::SecretMem | Storage::SecretBytesMem)
}

/// Physical memory through the kernel's own mapping of it.
struct Memory {
    file: File,
    segments: Vec<Segment>,
}

/// A piece of it, and where it stands in the file.
#[derive(Clone, Copy)]
struct Segment {
    physical: u64,
    len: u64,
    offset: u64,
}

impl Memory {
    fn open() -> Result<Self> {
        let mut file = File::open(PATH).with_context(|| format!("opening {PATH}"))?;
        let mut bytes = vec![0; HEADERS];
        let read = file
            .read(&mut bytes)
            .with_context(|| format!("reading {PATH}"))?;
        let bytes = &bytes[..read];
        let header = FileHeader64::<Endianness>::parse(bytes).context("its ELF header")?;
        let endian = header.endian().context("its ELF header")?;
        let headers = header.program_headers(endian, bytes);
        let segments = headers.context("its program headers")?.iter();
        // What is not plain memory has no physical address (fs/proc/kcore.c: -1).
        let segments = segments
            .filter(|segment| segment.p_type(endian) == PT_LOAD)
            .filter(|segment| segment.p_paddr(endian) != u64::MAX)
            .map(|segment| Segment {
                physical: segment.p_paddr(endian),
                len: segment.p_filesz(endian),
                offset: segment.p_offset(endian),
            })
            .collect::<Vec<_>>();
        ensure!(!segments.is_empty(), "{PATH} lists no memory");
        Ok(Self { file, segments })
    }

    /// What stands where a victim's markers lie.
    fn look(&mut self, victim: &Victim) -> Result<Evidence> {
        let pages = pagemap::pages(victim)?;
        let seen = look(&victim.places, victim.marker, |address, block| {
            self.read(&pages, address, block)
        });
        let held: u64 = victim.places.iter().map(|place| place.len).sum();
        ensure!(
            seen.refused < held || !is_mapped(victim.storage),
            "{}: nothing could be read: {:?}",
            victim.storage.title(),
            seen.errors
        );
        Ok(Evidence::default()
            .with("held", victim.markers())
            .with("vm_flags", victim.flags()?)
            .with("markers_in_place", seen.markers)
            .with("zeros_in_place", seen.zeros)
            .with("refused_in_place", seen.refused)
            .with("errors", seen.errors.into_iter().collect::<Vec<_>>()))
    }

    /// Looks for all markers in all of memory.
    fn scan(&mut self, victims: &[Victim]) -> Result<(Vec<Found>, u64)> {
        let markers: Vec<_> = victims.iter().map(|victim| victim.marker).collect();
        let mut scanner = Scanner::new(&markers)?;
        let mut scanned = 0;
        for Segment { offset, len, .. } in &self.segments {
            let seen = scanner.memory(&mut self.file, *offset, offset + len);
            scanned += seen.with_context(|| format!("reading {PATH}"))?;
        }
        Ok((scanner.found(), scanned))
    }

    /// Reads what a victim has at `address`, by the frame it lies in.
    fn read(&mut self, pages: &[Page], address: u64, block: &mut [u8]) -> io::Result<usize> {
        let mut pages = pages.iter();
        let page = pages.find(|page| page.holds(address));
        let physical = page
            .and_then(|page| Some(page.physical? + (address - page.address)))
            .ok_or_else(|| io::Error::other("not in memory"))?;
        let mut segments = self.segments.iter();
        let inside = |segment: &&Segment| {
            (segment.physical..segment.physical + segment.len).contains(&physical)
        };
        let segment = segments
            .find(inside)
            .ok_or_else(|| io::Error::other("not listed"))?;
        let offset = segment.offset + (physical - segment.physical);
        self.file.seek(SeekFrom::Start(offset))?;
        self.file.read(block)
    }
}
