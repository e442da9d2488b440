//! What programs do without stayput.

use super::{Held, count};
use crate::complain::complain;
use crate::look::Place;
use crate::marker::Marker;
use anyhow::{Context, Result};
use stayput_sys::advice::{Advice, madvise};
use stayput_sys::map::{self, Access};
use stayput_sys::{PageRange, mlock, munlock, page_size};
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ptr::NonNull;

/// Whole pages from the ordinary allocator, freed without wiping.
pub(super) struct HeapBuffer {
    start: NonNull<u8>,
    layout: Layout,
}

impl HeapBuffer {
    /// `len` must not be 0, and fit into memory.
    pub(super) fn zeroed(len: usize) -> Self {
        let layout = Layout::from_size_align(len, page_size()).expect("a few pages");
        // SAFETY: the layout's size is not 0 (the caller's promise).
        let start = NonNull::new(unsafe { alloc_zeroed(layout) });
        // A live neighbour behind: otherwise freeing could give the memory back
        // to the system, and a residue would leave with it.
        std::mem::forget(vec![1u8; 64]);
        Self {
            start: start.unwrap_or_else(|| handle_alloc_error(layout)),
            layout,
        }
    }

    pub(super) fn filled(len: usize, marker: Marker) -> Self {
        let mut buffer = Self::zeroed(len);
        marker.fill(buffer.bytes());
        buffer
    }

    pub(super) fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: allocated with this length, initialised with zeros, owned by `self`.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.layout.size()) }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        // SAFETY: allocated with this length, initialised with zeros, owned by `self`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.layout.size()) }
    }

    pub(super) fn place(&self) -> Place {
        Place::of(self.as_slice())
    }
}

impl Held for HeapBuffer {
    fn places(&self) -> Vec<Place> {
        vec![self.place()]
    }

    fn markers(&self, marker: Marker) -> Result<u64> {
        Ok(count(self.as_slice(), marker))
    }
}

impl Drop for HeapBuffer {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, freed once.
        unsafe { dealloc(self.start.as_ptr(), self.layout) };
    }
}

/// A heap buffer with raw locks, unlocked and freed without wiping.
pub(super) struct Mlocked {
    buffer: HeapBuffer,
}

impl Mlocked {
    pub(super) fn once(len: usize, marker: Marker) -> Result<Self> {
        let mut buffer = HeapBuffer::zeroed(len);
        // SAFETY: the buffer's pages belong to it alone and live as long.
        unsafe { mlock(buffer.bytes().as_ptr().cast(), len) }.context("mlock")?;
        marker.fill(buffer.bytes());
        Ok(Self { buffer })
    }

    /// Locks both halves of every page, as two parts of a program would, then
    /// unlocks the second one: the first is not locked any more.
    pub(super) fn twice(len: usize, marker: Marker) -> Result<Self> {
        let mut buffer = HeapBuffer::zeroed(len);
        marker.fill(buffer.bytes());
        for page in buffer.bytes().chunks(page_size()) {
            let (mine, theirs) = page.split_at(page.len() / 2);
            // SAFETY: both halves lie in a page of the buffer, which outlives the calls.
            unsafe {
                mlock(mine.as_ptr().cast(), mine.len()).context("mlock")?;
                mlock(theirs.as_ptr().cast(), theirs.len()).context("mlock")?;
                munlock(theirs.as_ptr().cast(), theirs.len()).context("munlock")?;
            }
        }
        Ok(Self { buffer })
    }
}

impl Held for Mlocked {
    fn places(&self) -> Vec<Place> {
        self.buffer.places()
    }

    fn markers(&self, marker: Marker) -> Result<u64> {
        self.buffer.markers(marker)
    }
}

impl Drop for Mlocked {
    fn drop(&mut self) {
        let bytes = self.buffer.bytes();
        // SAFETY: the pages belong to the buffer alone; nobody else locks them.
        if let Err(error) = unsafe { munlock(bytes.as_ptr().cast(), bytes.len()) } {
            complain(format_args!("stayput-prove: munlock: {error}"));
        }
    }
}

/// Pages of their own, with one protection only; unmapped without wiping.
pub(super) struct Pages {
    range: PageRange,
    readable: bool,
}

impl Pages {
    pub(super) fn inaccessible(len: usize, marker: Marker) -> Result<Self> {
        let mut pages = Self::filled(len, marker)?;
        // SAFETY: the range is the reservation that `pages` owns; no reference is live.
        unsafe { map::protect(pages.range, Access::None) }.context("mprotect")?;
        pages.readable = false;
        Ok(pages)
    }

    pub(super) fn undumped(len: usize, marker: Marker) -> Result<Self> {
        let pages = Self::filled(len, marker)?;
        // SAFETY: the range is the reservation that `pages` owns.
        unsafe { madvise(pages.range, Advice::DontDump) }.context("madvise(MADV_DONTDUMP)")?;
        Ok(pages)
    }

    fn filled(len: usize, marker: Marker) -> Result<Self> {
        let range = map::reserve(len).context("mmap")?;
        let pages = Self {
            range,
            readable: true,
        };
        // SAFETY: the reservation is fresh and owned by `pages`.
        unsafe { map::commit(range) }.context("mprotect")?;
        // SAFETY: committed above: readable, writable, zero; nobody else knows of it.
        marker.fill(unsafe {
            std::slice::from_raw_parts_mut(range.as_ptr().cast::<u8>(), range.len())
        });
        Ok(pages)
    }
}

impl Held for Pages {
    fn places(&self) -> Vec<Place> {
        vec![Place {
            start: self.range.start() as u64,
            len: self.range.len() as u64,
        }]
    }

    fn markers(&self, marker: Marker) -> Result<u64> {
        if !self.readable {
            return Ok(0);
        }
        // SAFETY: committed, readable, filled when made, owned by `self`.
        let bytes = unsafe {
            std::slice::from_raw_parts(self.range.as_ptr().cast::<u8>(), self.range.len())
        };
        Ok(count(bytes, marker))
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the reservation belongs to `self` alone, which ends here.
        if let Err(error) = unsafe { map::release(self.range) } {
            complain(format_args!("stayput-prove: munmap: {error}"));
        }
    }
}
