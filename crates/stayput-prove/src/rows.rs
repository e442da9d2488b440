//! The memory of each row, in the victim's process.

use crate::expectation::Storage;
use crate::marker::Seed;
use stayput::page::{AllocateLocked, FreeLocked, LockedPages, PosixLockedPageAllocator};
use stayput::region::{self, RawRegionLock};
use stayput::{Backing, Pool, Secret};
use stayput_sys::advice::{Advice, madvise};
use stayput_sys::map::{self, Access};
use stayput_sys::{PageRange, page_size};
use std::io;
use std::ptr::NonNull;

/// Bytes of one small secret.
const SMALL: usize = 32;

/// One row's memory, filled with its marker.
pub(crate) struct Row {
    pub(crate) storage: Storage,
    /// Where the marker lies: address and length in bytes.
    pub(crate) pieces: Vec<(usize, usize)>,
    held: Held,
}

/// What keeps the memory, and gives it up when dropped.
enum Held {
    Heap(Vec<u8>),
    /// A mapping that is left to the process's end.
    Mapping,
    Region(RawRegionLock, Vec<u8>),
    Pages(PosixLockedPageAllocator, NonNull<u8>, usize),
    LockedPages(LockedPages),
    Secrets(Vec<Secret<[u8; SMALL]>>),
}

impl Row {
    /// Makes and fills the memory of `storage`: two pages, so that all rows
    /// together fit under a limit of 64 KiB.
    pub(crate) fn make(storage: Storage, seed: Seed) -> io::Result<Self> {
        let len = 2 * page_size();
        let row = storage.index();
        match storage {
            Storage::Heap => Ok(Self::heap(storage, filled(seed, row, len))),
            Storage::RawMlock | Storage::TwoLocks => {
                let buffer = filled(seed, row, len);
                raw_locks(storage, &buffer)?;
                Ok(Self::heap(storage, buffer))
            }
            Storage::ProtNone | Storage::DontDump => mapping(storage, seed, len),
            Storage::RegionLock => {
                let buffer = filled(seed, row, len);
                // SAFETY: the buffer is kept beside the guard and outlives it.
                let guard = unsafe { region::lock_raw(buffer.as_ptr(), len) }?;
                let pieces = vec![aligned_piece(&buffer)];
                Ok(Self {
                    storage,
                    pieces,
                    held: Held::Region(guard, buffer),
                })
            }
            Storage::PageAllocator => page_allocator(storage, seed, len),
            Storage::LockedPages => {
                let mut pages = LockedPages::new(len)?;
                seed.fill(row, pages.as_mut_slice());
                let pieces = vec![(pages.as_slice().as_ptr().expose_provenance(), len)];
                Ok(Self {
                    storage,
                    pieces,
                    held: Held::LockedPages(pages),
                })
            }
            Storage::Secret => secrets(storage, seed, len, Pool::global()),
            Storage::SecretMem => {
                let pool = Pool::builder().backing(Backing::SecretMem).build();
                secrets(storage, seed, len, &pool)
            }
        }
    }

    fn heap(storage: Storage, buffer: Vec<u8>) -> Self {
        Self {
            storage,
            pieces: vec![aligned_piece(&buffer)],
            held: Held::Heap(buffer),
        }
    }

    /// Asks the kernel to push the memory out to swap now.
    pub(crate) fn page_out(&self) {
        for &(start, len) in &self.pieces {
            if let Some(range) = PageRange::covering(start, len) {
                // SAFETY: advice that keeps content. Locked memory refuses it,
                // which is what the experiment is about.
                unsafe { libc::madvise(range.as_ptr(), range.len(), libc::MADV_PAGEOUT) };
            }
        }
    }

    /// Gives the memory up the way its user would: raw memory is freed as it
    /// is, ours wipes itself.
    pub(crate) fn give_up(self) {
        match self.held {
            Held::Pages(mut allocator, start, len) => {
                allocator.free_locked(start.as_ptr().cast(), len);
            }
            Held::Heap(buffer) => drop(buffer),
            Held::Region(guard, buffer) => drop((guard, buffer)),
            Held::LockedPages(pages) => drop(pages),
            Held::Secrets(secrets) => drop(secrets),
            Held::Mapping => {}
        }
    }
}

/// Heap memory with a marker; one page more than asked for, so that `len`
/// bytes of it are whole pages that nothing else shares.
fn filled(seed: Seed, row: usize, len: usize) -> Vec<u8> {
    let mut buffer = vec![0; len + page_size()];
    let (start, len) = aligned_piece(&buffer);
    let offset = start - buffer.as_ptr().addr();
    seed.fill(row, &mut buffer[offset..offset + len]);
    buffer
}

/// The whole pages within a buffer of [`filled`].
fn aligned_piece(buffer: &[u8]) -> (usize, usize) {
    let start = buffer
        .as_ptr()
        .expose_provenance()
        .next_multiple_of(page_size());
    (start, buffer.len() - page_size())
}

fn raw_locks(storage: Storage, buffer: &[u8]) -> io::Result<()> {
    let (start, len) = aligned_piece(buffer);
    let start = std::ptr::with_exposed_provenance(start);
    // SAFETY: the pages lie in the buffer; locking changes no content.
    unsafe {
        stayput_sys::mlock(start, len)?;
        if storage == Storage::TwoLocks {
            // A second owner locks the same pages and is done with them.
            stayput_sys::mlock(start, len)?;
            stayput_sys::munlock(start, len)?;
        }
    }
    Ok(())
}

fn mapping(storage: Storage, seed: Seed, len: usize) -> io::Result<Row> {
    let range = map::reserve(len)?;
    // SAFETY: reserved just above and left to the process's end; the slice is
    // not used after the protection changes.
    unsafe {
        if storage == Storage::DontDump {
            madvise(range, Advice::DontDump)?;
        }
        map::commit(range)?;
        seed.fill(
            storage.index(),
            std::slice::from_raw_parts_mut(range.as_ptr().cast(), range.len()),
        );
        if storage == Storage::ProtNone {
            map::protect(range, Access::None)?;
        }
    }
    Ok(Row {
        storage,
        pieces: vec![(range.start(), range.len())],
        held: Held::Mapping,
    })
}

fn page_allocator(storage: Storage, seed: Seed, len: usize) -> io::Result<Row> {
    let mut allocator = PosixLockedPageAllocator::default();
    let mut locked = false;
    let start = allocator.allocate_locked(len, &mut locked);
    let start = NonNull::new(start.cast::<u8>()).ok_or(io::ErrorKind::OutOfMemory)?;
    if !locked {
        return Err(io::Error::other("the allocator could not lock its pages"));
    }
    // SAFETY: the allocator handed out `len` bytes, which nobody else uses.
    let memory = unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), len) };
    seed.fill(storage.index(), memory);
    let pieces = vec![(start.as_ptr().expose_provenance(), len)];
    Ok(Row {
        storage,
        pieces,
        held: Held::Pages(allocator, start, len),
    })
}

fn secrets(storage: Storage, seed: Seed, len: usize, pool: &Pool) -> io::Result<Row> {
    let secrets = (0..len / SMALL)
        .map(|_| {
            Secret::try_init_with_in(
                |place: &mut [u8; SMALL]| seed.fill(storage.index(), place),
                pool,
            )
        })
        .collect::<Result<Vec<Secret<[u8; SMALL]>>, _>>()?;
    let pieces = secrets
        .iter()
        .map(|secret| (secret.expose().as_ptr().expose_provenance(), SMALL))
        .collect();
    Ok(Row {
        storage,
        pieces,
        held: Held::Secrets(secrets),
    })
}
