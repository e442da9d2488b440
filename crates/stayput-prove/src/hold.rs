//! Keeping markers in each storage, as its users keep secrets.

mod closed;
mod ours;
mod raw;

use crate::look::Place;
use crate::marker::{MARKER_BYTES, Marker};
use crate::storage::Storage;
use anyhow::Result;
use stayput::{Backing, Pool};
use stayput_sys::page_size;

/// Pages of markers in each storage: few enough for a limit of 64 KiB.
const PAGES: usize = 8;

/// Markers in a storage; dropping it releases them the way its users do.
pub(crate) trait Held {
    /// Where the markers are.
    fn places(&self) -> Vec<Place>;

    /// How many markers its owner finds. It reads them where they lie: a copy,
    /// even one that only the kernel sees, is found by who looks at all memory.
    ///
    /// # Errors
    /// It gives no access.
    fn markers(&self, marker: Marker) -> Result<u64>;

    /// The pool that outlives what is held.
    fn pool(&self) -> Option<&'static Pool> {
        None
    }
}

/// Fills `storage` with markers.
///
/// # Errors
/// What the storage itself says: it can't be had here.
pub(crate) fn hold(storage: Storage, marker: Marker) -> Result<Box<dyn Held>> {
    let len = PAGES * page_size();
    Ok(match storage {
        Storage::Heap => Box::new(raw::HeapBuffer::filled(len, marker)),
        Storage::Mlock => Box::new(raw::Mlocked::once(len, marker)?),
        Storage::MlockTwice => Box::new(raw::Mlocked::twice(len, marker)?),
        Storage::ProtNone => Box::new(raw::Pages::inaccessible(len, marker)?),
        Storage::DontDump => Box::new(raw::Pages::undumped(len, marker)?),
        Storage::Region => Box::new(ours::Region::locked(len, marker)?),
        Storage::PageAllocator => Box::new(ours::Allocated::locked(len, marker)?),
        Storage::LockedPages => Box::new(ours::locked_pages(len, marker)?),
        Storage::Secret => Box::new(ours::secrets(len, marker, Backing::Locked)?),
        Storage::SecretBytes => Box::new(ours::secret_bytes(len, marker, Backing::Locked)?),
        Storage::SecretMem => Box::new(ours::secrets(len, marker, Backing::SecretMem)?),
        Storage::SecretBytesMem => Box::new(ours::secret_bytes(len, marker, Backing::SecretMem)?),
        Storage::Guarded => Box::new(closed::Guards::filled(len, marker)?),
        Storage::Sealed => Box::new(closed::Seals::filled(len, marker)?),
    })
}

/// How many markers lie in `bytes`, end to end.
fn count(bytes: &[u8], marker: Marker) -> u64 {
    let found = bytes
        .chunks(MARKER_BYTES)
        .filter(|chunk| marker.leads(chunk));
    found.count() as u64
}
