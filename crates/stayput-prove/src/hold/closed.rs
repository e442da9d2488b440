//! What stayput offers that is closed at rest.

use super::{Held, count};
use crate::look::Place;
use crate::marker::Marker;
use anyhow::Result;
use stayput::{Guarded, LockError, Sealed};

/// Bytes in each value: a page on most systems, and no more on any.
const LEN: usize = 4096;
type Value = [u8; LEN];

/// Values that are inaccessible.
pub(super) struct Guards {
    values: Vec<Guarded<Value>>,
    places: Vec<Place>,
}

impl Guards {
    pub(super) fn filled(len: usize, marker: Marker) -> Result<Self, LockError> {
        let mut places = Vec::new();
        let guarded = |_| {
            Guarded::try_init_with(|value: &mut Value| {
                marker.fill(value);
                places.push(Place::of(value));
            })
        };
        let values = (0..len / LEN).map(guarded).collect::<Result<_, _>>()?;
        Ok(Self { values, places })
    }
}

impl Held for Guards {
    fn places(&self) -> Vec<Place> {
        Place::joined(self.places.iter().copied())
    }

    fn markers(&self, marker: Marker) -> Result<u64> {
        let mut found = 0;
        for value in &self.values {
            found += count(&*value.expose()?, marker);
        }
        Ok(found)
    }
}

/// Values that are encrypted.
pub(super) struct Seals(Vec<Sealed<Value>>);

impl Seals {
    pub(super) fn filled(len: usize, marker: Marker) -> Result<Self> {
        let sealed = |_| Sealed::try_init_with(|value: &mut Value| marker.fill(value));
        Ok(Self((0..len / LEN).map(sealed).collect::<Result<_, _>>()?))
    }
}

impl Held for Seals {
    fn places(&self) -> Vec<Place> {
        let encrypted = self.0.iter().map(|value| Place::of(value.ciphertext()));
        Place::joined(encrypted)
    }

    fn markers(&self, marker: Marker) -> Result<u64> {
        let mut found = 0;
        for value in &self.0 {
            found += value.open(|value| count(value, marker))?;
        }
        Ok(found)
    }
}
