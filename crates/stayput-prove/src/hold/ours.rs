//! What stayput offers.

use super::raw::HeapBuffer;
use super::{Held, count};
use crate::look::Place;
use crate::marker::{MARKER_BYTES, Marker};
use anyhow::{Result, bail, ensure};
use stayput::page::{AllocateLocked, FreeLocked, LockedPages, PosixLockedPageAllocator};
use stayput::region::RegionLock;
use stayput::{Backing, LockError, Pool, Secret, SecretBytes};
use std::ptr::NonNull;

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

    fn markers(&self, marker: Marker) -> Result<u64> {
        let bytes = self.lock.as_deref();
        Ok(bytes.map_or(0, |bytes| count(bytes, marker)))
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        drop(self.lock.take());
    }
}

/// Pages from the published interface, which wipes them when they are freed.
pub(super) struct Allocated {
    allocator: PosixLockedPageAllocator,
    start: NonNull<u8>,
    len: usize,
}

impl Allocated {
    pub(super) fn locked(len: usize, marker: Marker) -> Result<Self> {
        let mut allocator = PosixLockedPageAllocator::default();
        let mut locked = false;
        let start = NonNull::new(allocator.allocate_locked(len, &raw mut locked).cast::<u8>());
        let Some(start) = start else {
            bail!("the allocator gave no pages");
        };
        let allocated = Self {
            allocator,
            start,
            len,
        };
        ensure!(locked, "the allocator could not lock its pages");
        // SAFETY: the allocator has handed out `len` bytes, zero, to us alone.
        marker.fill(unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), len) });
        Ok(allocated)
    }

    fn as_slice(&self) -> &[u8] {
        // SAFETY: the allocator has handed out `len` bytes, filled since, to us alone.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl Held for Allocated {
    fn places(&self) -> Vec<Place> {
        vec![Place::of(self.as_slice())]
    }

    fn markers(&self, marker: Marker) -> Result<u64> {
        Ok(count(self.as_slice(), marker))
    }
}

impl Drop for Allocated {
    fn drop(&mut self) {
        self.allocator
            .free_locked(self.start.as_ptr().cast(), self.len);
    }
}

/// Safe values, and how to get at the bytes of each.
struct Values<T> {
    values: Vec<T>,
    bytes: fn(&T) -> &[u8],
    pool: Option<&'static Pool>,
}

impl<T> Held for Values<T> {
    fn places(&self) -> Vec<Place> {
        let bytes = self.values.iter().map(self.bytes);
        Place::joined(bytes.map(Place::of))
    }

    fn markers(&self, marker: Marker) -> Result<u64> {
        let values = self.values.iter().map(self.bytes);
        Ok(values.map(|bytes| count(bytes, marker)).sum())
    }

    fn pool(&self) -> Option<&'static Pool> {
        self.pool
    }
}

pub(super) fn locked_pages(len: usize, marker: Marker) -> Result<impl Held, LockError> {
    let mut pages = LockedPages::new(len)?;
    marker.fill(pages.as_mut_slice());
    Ok(Values {
        values: vec![pages],
        bytes: LockedPages::as_slice,
        pool: None,
    })
}

/// As many keys as fit into `len` bytes.
pub(super) fn secrets(
    len: usize,
    marker: Marker,
    backing: Backing,
) -> Result<impl Held, LockError> {
    let pool = lasting_pool(backing);
    let key = |_| Secret::try_init_with_in(|key: &mut [u8; MARKER_BYTES]| marker.fill(key), pool);
    Ok(Values {
        values: (0..len / MARKER_BYTES).map(key).collect::<Result<_, _>>()?,
        bytes: |secret: &Secret<[u8; MARKER_BYTES]>| secret.expose(),
        pool: Some(pool),
    })
}

/// One secret of `len` bytes.
pub(super) fn secret_bytes(
    len: usize,
    marker: Marker,
    backing: Backing,
) -> Result<impl Held, LockError> {
    let pool = lasting_pool(backing);
    let secret = SecretBytes::try_init_with_in(len, |bytes| marker.fill(bytes), pool)?;
    Ok(Values {
        values: vec![secret],
        bytes: SecretBytes::expose,
        pool: Some(pool),
    })
}

/// A pool that outlives its secrets: what lies there after their drop is wiped
/// memory, not a hole.
fn lasting_pool(backing: Backing) -> &'static Pool {
    Box::leak(Box::new(Pool::builder().backing(backing).build()))
}
