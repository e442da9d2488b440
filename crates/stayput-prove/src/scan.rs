//! Looking for markers in files and in other processes' memory.

use crate::marker::{MARKER_BYTES, Marker};
use anyhow::{Context, Result};
use serde::Serialize;
use stayput::Policy;
use stayput::page::LockedPages;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// Bytes read at a time: a multiple of every page size.
const CHUNK: usize = 256 * 1024;
const BLOCK: usize = 4096;
/// Before a chunk lies the tail of the one before; a block, so that the chunk is
/// aligned as reading past the page cache asks for.
const FRONT: usize = BLOCK;
static ZEROS: [u8; BLOCK] = [0; BLOCK];

/// What a scan found of one marker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Found {
    /// How often the marker is there.
    pub(crate) hits: u64,
    /// On how many blocks of 4 KiB.
    pub(crate) pages: u64,
}

/// A scanner for several markers at once.
pub(crate) struct Scanner {
    wanted: Vec<Wanted>,
    /// For each value of a byte, the markers (as bits) that begin with it.
    beginnings: [u32; 256],
    /// What is read holds markers: locked where possible, wiped in any case.
    buffer: LockedPages,
}

struct Wanted {
    marker: Marker,
    found: Found,
    last_block: Option<u64>,
}

impl Scanner {
    /// # Errors
    /// No memory for the buffer.
    ///
    /// # Panics
    /// For more than 32 markers.
    pub(crate) fn new(markers: &[Marker]) -> Result<Self> {
        assert!(markers.len() <= 32, "one bit for each marker");
        let mut beginnings = [0; 256];
        for (number, marker) in markers.iter().enumerate() {
            beginnings[usize::from(marker.byte(0))] |= 1 << number;
        }
        let buffer = LockedPages::with_policy(FRONT + CHUNK, Policy::Prefer);
        let wanted = |&marker| Wanted {
            marker,
            found: Found::default(),
            last_block: None,
        };
        Ok(Self {
            wanted: markers.iter().map(wanted).collect(),
            beginnings,
            buffer: buffer.context("a buffer to scan with")?,
        })
    }

    /// Looks through a whole file from its start; the number of bytes seen.
    pub(crate) fn file(&mut self, file: &mut File) -> io::Result<u64> {
        file.seek(SeekFrom::Start(0))?;
        let mut seen = 0;
        let mut carried = 0;
        loop {
            let chunk = &mut self.buffer.as_mut_slice()[FRONT..][..CHUNK];
            let read = file.read(chunk)?;
            if read == 0 {
                return Ok(seen);
            }
            carried = self.look(seen, carried, read);
            seen += read as u64;
        }
    }

    /// Looks through `start .. end` of a `/proc/PID/mem`; the number of bytes
    /// that could be read. What can't be read is passed over.
    pub(crate) fn memory(&mut self, memory: &mut File, start: u64, end: u64) -> io::Result<u64> {
        let mut at = start;
        let mut carried = 0;
        let mut seen = 0;
        while at < end {
            let len = usize::try_from(end - at).map_or(CHUNK, |rest| rest.min(CHUNK));
            let chunk = &mut self.buffer.as_mut_slice()[FRONT..][..len];
            memory.seek(SeekFrom::Start(at))?;
            match memory.read(chunk) {
                Ok(0) => return Ok(seen),
                Ok(read) => {
                    carried = self.look(at, carried, read);
                    seen += read as u64;
                    at += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A page that the kernel does not hand out.
                Err(_) => {
                    carried = 0;
                    at += BLOCK as u64;
                }
            }
        }
        Ok(seen)
    }

    /// What was found so far, in the order of the markers given.
    pub(crate) fn found(&self) -> Vec<Found> {
        self.wanted.iter().map(|wanted| wanted.found).collect()
    }

    /// Looks through a chunk of `len` bytes that stood at `offset`, with
    /// `carried` bytes of the one before; the number of bytes to carry on.
    fn look(&mut self, offset: u64, carried: usize, len: usize) -> usize {
        let bytes = &self.buffer.as_slice()[FRONT - carried..FRONT + len];
        let mut at = 0;
        while at + MARKER_BYTES <= bytes.len() {
            // No marker begins with a zero, so blocks of zeros hold no beginning.
            if bytes[at..].starts_with(&ZEROS) {
                at += BLOCK;
                continue;
            }
            let end = (at + BLOCK).min(bytes.len() - MARKER_BYTES + 1);
            while at < end {
                let candidates = self.beginnings[usize::from(bytes[at])];
                let position = (offset + at as u64) - carried as u64;
                at += match hit(&mut self.wanted, candidates, &bytes[at..], position) {
                    true => MARKER_BYTES,
                    false => 1,
                };
            }
        }
        let carry = (bytes.len() - at.min(bytes.len())).min(MARKER_BYTES - 1);
        let tail = FRONT + len - carry..FRONT + len;
        self.buffer.as_mut_slice().copy_within(tail, FRONT - carry);
        carry
    }
}

/// Counts the candidate that `bytes` begin with, if any does.
fn hit(wanted: &mut [Wanted], candidates: u32, bytes: &[u8], position: u64) -> bool {
    if candidates == 0 {
        return false;
    }
    let candidate = |number: &usize| candidates & (1 << number) != 0;
    for number in (0..wanted.len()).filter(candidate) {
        let wanted = &mut wanted[number];
        if wanted.marker.leads(bytes) {
            let block = position / BLOCK as u64;
            wanted.found.hits += 1;
            wanted.found.pages += u64::from(wanted.last_block.replace(block) != Some(block));
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marker::Seed;
    use std::io::Write;

    fn markers() -> [Marker; 3] {
        let seed = "0123456789abcdef0123456789abcdef"
            .parse::<Seed>()
            .expect("hex");
        ["a", "b", "c"].map(|label| Marker::new(seed, label))
    }

    fn scanned(content: &[u8]) -> (u64, Vec<Found>) {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(content).expect("written");
        let mut scanner = Scanner::new(&markers()).expect("a buffer");
        let seen = scanner.file(&mut file).expect("readable");
        (seen, scanner.found())
    }

    #[test]
    fn markers_are_found_wherever_they_lie() {
        let [a, b, _] = markers();
        // At the start, unaligned, across a block's and a chunk's border, at the end.
        let len = 2 * CHUNK + 777;
        let places = [
            0,
            101,
            2 * BLOCK - 5,
            CHUNK - 1,
            CHUNK + BLOCK + 3,
            len - MARKER_BYTES,
        ];
        let mut content = vec![0; len];
        for place in places {
            a.fill(&mut content[place..place + MARKER_BYTES]);
        }
        b.fill(&mut content[3 * BLOCK..4 * BLOCK]);
        let (seen, found) = scanned(&content);
        assert_eq!(seen, len as u64);
        assert_eq!(found[0], Found { hits: 6, pages: 5 });
        assert_eq!(
            found[1],
            Found {
                hits: (BLOCK / MARKER_BYTES) as u64,
                pages: 1
            }
        );
        assert_eq!(found[2], Found::default());
    }

    #[test]
    fn nearly_a_marker_is_none() {
        let [a, ..] = markers();
        let mut content = vec![0; BLOCK];
        a.fill(&mut content);
        for chunk in content.chunks_mut(MARKER_BYTES) {
            chunk[MARKER_BYTES - 1] ^= 1;
        }
        assert_eq!(scanned(&content).1[0], Found::default());
    }

    #[test]
    fn every_position_near_a_border_counts_once() {
        let [a, ..] = markers();
        for place in CHUNK - 2 * MARKER_BYTES..CHUNK + 2 {
            let mut content = vec![0xff; CHUNK + BLOCK];
            a.fill(&mut content[place..place + MARKER_BYTES]);
            assert_eq!(scanned(&content).1[0].hits, 1, "at {place}");
        }
    }
}
