//! What a reader sees in the places where a storage keeps its markers.

use crate::marker::{MARKER_BYTES, Marker};
use crate::os;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::io;
use zeroize::Zeroize;

/// Memory that holds markers end to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// Address in the victim.
    pub(crate) start: u64,
    /// Length in bytes.
    pub(crate) len: u64,
}

impl Place {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            start: bytes.as_ptr().expose_provenance() as u64,
            len: bytes.len() as u64,
        }
    }

    /// Places that follow each other made one.
    pub(crate) fn joined(places: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut joined: Vec<Self> = Vec::new();
        for place in places {
            match joined.last_mut() {
                Some(last) if last.start + last.len == place.start => last.len += place.len,
                _ => joined.push(place),
            }
        }
        joined
    }
}

/// What was seen, in bytes but for the markers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    /// Markers read.
    pub(crate) markers: u64,
    /// Bytes read that were zero, in blocks as long as a marker.
    pub(crate) zeros: u64,
    /// Bytes read that were something else.
    pub(crate) other: u64,
    /// Bytes that could not be read.
    pub(crate) refused: u64,
    /// The errors of those.
    pub(crate) errors: BTreeSet<String>,
}

/// Reads `places` by `read` and tells what is there. The copies are wiped.
pub(crate) fn look(
    places: &[Place],
    marker: Marker,
    mut read: impl FnMut(u64, &mut [u8]) -> io::Result<usize>,
) -> Look {
    let mut seen = Look::default();
    let mut block = [0; MARKER_BYTES];
    for place in places {
        for offset in (0..place.len).step_by(MARKER_BYTES) {
            match read(place.start + offset, &mut block) {
                Ok(MARKER_BYTES) if marker.leads(&block) => seen.markers += 1,
                Ok(MARKER_BYTES) if block.iter().all(|&byte| byte == 0) => {
                    seen.zeros += MARKER_BYTES as u64;
                }
                Ok(MARKER_BYTES) => seen.other += MARKER_BYTES as u64,
                Ok(_) => seen.refuse("read in part"),
                Err(error) => seen.refuse(&os::errno(&error)),
            }
        }
    }
    block.zeroize();
    seen
}

impl Look {
    fn refuse(&mut self, error: &str) {
        self.refused += MARKER_BYTES as u64;
        if !self.errors.contains(error) {
            self.errors.insert(error.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marker::Seed;

    #[test]
    fn neighbours_are_joined() {
        let place = |start, len| Place { start, len };
        let places = [place(0, 32), place(32, 32), place(128, 32)];
        assert_eq!(Place::joined(places), [place(0, 64), place(128, 32)]);
    }

    #[test]
    fn each_block_counts_as_what_it_is() {
        let seed = "0".repeat(32).parse::<Seed>().expect("hex");
        let marker = Marker::new(seed, "x");
        let places = [Place { start: 0, len: 128 }];
        let seen = look(&places, marker, |address, block| {
            match address {
                0 => marker.fill(block),
                32 => block.fill(0),
                64 => block.fill(7),
                _ => return Err(io::Error::from_raw_os_error(14)),
            }
            Ok(block.len())
        });
        let expected = Look {
            markers: 1,
            zeros: 32,
            other: 32,
            refused: 32,
            errors: ["EFAULT".to_owned()].into(),
        };
        assert_eq!(seen, expected);
    }
}
