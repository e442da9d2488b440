//! The secret that is looked for.
//!
//! A marker is computed from a seed byte by byte, into the memory under test;
//! a scanner computes it again. Nobody holds it whole, so every place where it
//! is found is a leak.

use std::fs::File;
use std::io::{self, Read};

/// Length of a marker in bytes; memory is filled with it over and over.
pub(crate) const LEN: usize = 32;

/// What the markers of one run are computed from. Not a marker itself.
#[derive(Clone, Copy)]
pub(crate) struct Seed([u8; LEN]);

impl Seed {
    pub(crate) fn random() -> io::Result<Self> {
        let mut seed = [0; LEN];
        File::open("/dev/urandom")?.read_exact(&mut seed)?;
        Ok(Self(seed))
    }

    /// For a helper's input.
    pub(crate) fn to_hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut seed = [0; LEN];
        for (index, byte) in seed.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(seed))
    }

    /// Byte `index` of the marker of row `row`: mixed, so that it resembles
    /// neither the seed nor another row's.
    #[inline]
    pub(crate) fn byte(self, row: usize, index: usize) -> u8 {
        let at = |offset: usize| u64::from(self.0[(index + offset) % LEN]);
        let mut x = at(0) | at(7) << 8 | at(19) << 16 | (row as u64 + 1) << 32;
        x = (x ^ (index as u64) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ x >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (x >> 32 & 0xff) as u8
    }

    /// Fills memory with the marker of row `row`.
    pub(crate) fn fill(self, row: usize, memory: &mut [u8]) {
        for (index, byte) in memory.iter_mut().enumerate() {
            *byte = self.byte(row, index % LEN);
        }
    }

    /// Whether `bytes` starts with the marker of row `row`.
    #[inline]
    pub(crate) fn starts(self, row: usize, bytes: &[u8]) -> bool {
        bytes.len() >= LEN && (0..LEN).all(|index| bytes[index] == self.byte(row, index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_differ_and_survive_the_wire() {
        let seed = Seed([7; LEN]);
        let same = Seed::from_hex(&seed.to_hex()).expect("own hex");
        let mut memory = [0; 2 * LEN];
        seed.fill(3, &mut memory);
        assert!(same.starts(3, &memory) && same.starts(3, &memory[LEN..]));
        assert!(!same.starts(4, &memory) && !same.starts(3, &memory[1..]));
        assert!(Seed::from_hex("too short").is_none());
    }
}
