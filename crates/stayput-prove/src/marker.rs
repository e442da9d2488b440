//! Markers: what experiments hide and look for.
//!
//! A marker is computed byte by byte into the buffer under test, and computed
//! again, byte by byte, by whoever looks for it: were it held whole anywhere
//! else, a scan would find that copy and blame the storage.

use anyhow::{Context, Result};
use std::fmt;
use std::hint::black_box;
use std::str::FromStr;

/// Bytes of a marker: far too many to be found by chance.
pub(crate) const MARKER_BYTES: usize = 32;

/// Randomness of one run, from which all its markers follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seed(u64, u64);

impl Seed {
    pub(crate) fn random() -> Result<Self> {
        let draw = || getrandom::u64().context("the system gave no random numbers");
        Ok(Self(draw()?, draw()?))
    }

    /// A name for things of this run that tells nothing of its markers.
    pub(crate) fn name(self) -> String {
        format!("{:016x}", mix(self.0 ^ mix(self.1)))
    }
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:016x}", self.0, self.1)
    }
}

impl FromStr for Seed {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let halves = text
            .split_at_checked(16)
            .context("expected 32 hex digits")?;
        let half = |digits| u64::from_str_radix(digits, 16).context("expected hex digits");
        Ok(Self(half(halves.0)?, half(halves.1)?))
    }
}

/// The rule that yields a marker's bytes; not the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    key: u64,
}

impl Marker {
    /// The marker that `seed` gives to `label`; every label has its own.
    pub(crate) fn new(seed: Seed, label: &str) -> Self {
        let start = mix(seed.0).wrapping_add(seed.1);
        let key = label
            .bytes()
            .fold(start, |key, byte| mix(key ^ u64::from(byte)));
        Self { key }
    }

    /// Byte `at`, counted round. The first is never zero, so that no marker
    /// begins in a block of zeros.
    pub(crate) fn byte(self, at: usize) -> u8 {
        let at = at % MARKER_BYTES;
        let byte =
            mix(self.key ^ (at as u64 + 1).wrapping_mul(0xd6e8_feb8_6659_fd93)).to_be_bytes()[0];
        if at == 0 { byte | 1 } else { byte }
    }

    /// Fills `place` with markers end to end.
    pub(crate) fn fill(self, place: &mut [u8]) {
        for (at, byte) in place.iter_mut().enumerate() {
            // One byte at a time: a vector register could hold a marker whole,
            // and registers are part of a core dump.
            *byte = black_box(self.byte(at));
        }
    }

    /// Whether `bytes` begin with the marker.
    pub(crate) fn leads(self, bytes: &[u8]) -> bool {
        bytes.len() >= MARKER_BYTES
            && bytes[..MARKER_BYTES]
                .iter()
                .enumerate()
                .all(|(at, &byte)| byte == black_box(self.byte(at)))
    }
}

/// `SplitMix64`'s finaliser: every input bit changes about half the output bits.
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_label_has_its_own_marker_and_seeds_survive_text() {
        let seed = Seed(1, 2);
        assert_eq!(seed.to_string().parse::<Seed>().expect("round trip"), seed);
        assert!("12".parse::<Seed>().is_err());
        assert!("x".repeat(32).parse::<Seed>().is_err());
        let (a, b) = (Marker::new(seed, "a"), Marker::new(seed, "b"));
        let same = (0..MARKER_BYTES).filter(|&at| a.byte(at) == b.byte(at));
        assert!(same.count() < 4);
        assert_ne!(a, Marker::new(Seed(1, 3), "a"));
    }

    #[test]
    fn filled_places_lead_with_the_marker_at_every_period() {
        let marker = Marker::new(Seed(3, 4), "x");
        let mut place = [0; 3 * MARKER_BYTES];
        marker.fill(&mut place);
        assert!(place.chunks(MARKER_BYTES).all(|chunk| marker.leads(chunk)));
        assert!(!marker.leads(&place[1..]));
        assert!(!marker.leads(&place[..MARKER_BYTES - 1]));
        assert_ne!(place[0], 0);
    }
}
