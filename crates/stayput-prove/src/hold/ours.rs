//! What stayput offers.

use super::Held;
use super::raw::HeapBuffer;
use crate::look::Place;
use crate::marker::{MARKER_BYTES, Marker};
use anyhow::Result;
use stayput::region::RegionLock;
use stayput::{Backing, LockError, Pool, Secret, SecretBytes};

/// A heap buffer under a counted lock; the buffer is freed without wiping, since
/// a region lock leaves its content to its owner.
pub(super) struct Region {
    /// Dropped before the buffer it borrows.
    lock: Option<RegionLock<'static>>,
    buffer: HeapBuffer,
}

impl Region {
    pub(super) fn locked(len: usize, marker: Marker) -> Result<Self> {
        let mut buffer = HeapBuffer::filled(len, marker);
        let bytes: *mut [u8] = buffer.bytes();
        // SAFETY: the buffer stays where it is until `self` drops it, after the
        // lock; until then the lock's borrow is the only one.
        let lock = stayput::region::lock(unsafe { &mut *bytes })?;
        Ok(Self {
            lock: Some(lock),
            buffer,
        })
    }
}

impl Held for Region {
    fn places(&self) -> Vec<Place> {
        vec![self.buffer.place()]
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        drop(self.lock.take());
    }
}

/// Secrets in a pool that outlives them: what lies there after their drop is
/// wiped memory, not a hole.
struct Pooled<T> {
    secrets: Vec<T>,
    bytes: fn(&T) -> &[u8],
}

impl<T> Held for Pooled<T> {
    fn places(&self) -> Vec<Place> {
        Place::joined(
            self.secrets
                .iter()
                .map(|secret| Place::of((self.bytes)(secret))),
        )
    }
}

/// As many keys as fit into `len` bytes.
pub(super) fn secrets(
    len: usize,
    marker: Marker,
    backing: Backing,
) -> Result<impl Held, LockError> {
    let pool = lasting_pool(backing);
    let key = |_| Secret::try_init_with_in(|key: &mut [u8; MARKER_BYTES]| marker.fill(key), pool);
    Ok(Pooled {
        secrets: (0..len / MARKER_BYTES).map(key).collect::<Result<_, _>>()?,
        bytes: |secret: &Secret<[u8; MARKER_BYTES]>| secret.expose(),
    })
}

/// One secret of `len` bytes.
pub(super) fn secret_bytes(
    len: usize,
    marker: Marker,
    backing: Backing,
) -> Result<impl Held, LockError> {
    let secret =
        SecretBytes::try_init_with_in(len, |bytes| marker.fill(bytes), lasting_pool(backing))?;
    Ok(Pooled {
        secrets: vec![secret],
        bytes: SecretBytes::expose,
    })
}

fn lasting_pool(backing: Backing) -> &'static Pool {
    Box::leak(Box::new(Pool::builder().backing(backing).build()))
}
