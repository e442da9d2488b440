//! Looking for every row's marker in a stream of bytes.

use crate::expectation::Storage;
use crate::marker::{LEN, Seed};
use std::io::{self, Read};

/// How often each row's marker was found, and in how much.
pub(crate) struct Found {
    hits: [u64; Storage::ALL.len()],
    /// Bytes looked at.
    pub(crate) scanned: u64,
}

impl Found {
    pub(crate) fn nothing() -> Self {
        Self {
            hits: [0; Storage::ALL.len()],
            scanned: 0,
        }
    }

    pub(crate) fn hits(&self, storage: Storage) -> u64 {
        self.hits[storage.index()]
    }

    /// Looks at one piece on its own: a marker that straddles two pieces is
    /// missed, which matters little since memory holds it many times over.
    pub(crate) fn look_at(&mut self, seed: Seed, piece: &[u8]) {
        self.scanned += piece.len() as u64;
        let firsts = Firsts::new(seed);
        for at in 0..piece.len().saturating_sub(LEN - 1) {
            for &row in firsts.rows(piece[at]) {
                if seed.starts(row, &piece[at..]) {
                    self.hits[row] += 1;
                }
            }
        }
    }
}

/// Reads `stream` to its end through `buffer` and counts markers.
pub(crate) fn scan(seed: Seed, mut stream: impl Read, buffer: &mut [u8]) -> io::Result<Found> {
    let mut found = Found::nothing();
    loop {
        match stream.read(buffer)? {
            0 => return Ok(found),
            len => found.look_at(seed, &buffer[..len]),
        }
    }
}

/// The rows whose marker starts with each byte.
struct Firsts(Vec<Vec<usize>>);

impl Firsts {
    fn new(seed: Seed) -> Self {
        let mut rows = vec![Vec::new(); 256];
        for storage in Storage::ALL {
            rows[usize::from(seed.byte(storage.index(), 0))].push(storage.index());
        }
        Self(rows)
    }

    #[inline]
    fn rows(&self, byte: u8) -> &[usize] {
        &self.0[usize::from(byte)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_counted_at_any_alignment() {
        let seed = Seed::random().expect("urandom");
        let mut memory = vec![0; 1000];
        seed.fill(Storage::Secret.index(), &mut memory[101..101 + 3 * LEN]);
        let found = scan(seed, &memory[..], &mut [0; 4096]).expect("in memory");
        assert_eq!(found.hits(Storage::Secret), 3);
        assert_eq!(found.hits(Storage::Heap), 0);
        assert_eq!(found.scanned, 1000);
    }
}
