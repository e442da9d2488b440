//! An allocator that asks the system for pages.
//!
//! For bookkeeping that may not use the global allocator: where that one is a
//! pool, its growth would call itself.

use super::page_block::PageBlock;
use crate::limits::count_drop_error;
use allocator_api2::alloc::{AllocError, Allocator, Layout};
use stayput_sys::{PageRange, map};
use std::ptr::NonNull;

/// Whole pages, never from the heap. Small requests share the program's own memory.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemAlloc;

static SMALL: PageBlock = PageBlock::new();

/// Of every page size the least.
const MOST_ALIGNED: usize = 4096;

// SAFETY: each allocation is pages of its own, which stay where they are
// until they are deallocated; the allocator has no state, so copies are equal.
unsafe impl Allocator for SystemAlloc {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() == 0 {
            let dangling = NonNull::new(std::ptr::without_provenance_mut(layout.align()));
            return Ok(NonNull::slice_from_raw_parts(
                dangling.ok_or(AllocError)?,
                0,
            ));
        }
        if layout.align() > MOST_ALIGNED {
            return Err(AllocError);
        }
        SMALL
            .take(layout.size())
            .or_else(|| fresh_pages(layout.size()))
            .ok_or(AllocError)
    }

    unsafe fn deallocate(&self, ptr: NonNull<u8>, layout: Layout) {
        if layout.size() == 0 {
            return;
        }
        if SMALL.put_back(ptr, layout.size()) {
            return;
        }
        if let Some(range) = PageRange::covering(ptr.as_ptr().expose_provenance(), layout.size()) {
            // SAFETY: `allocate` reserved exactly these pages for this layout,
            // and the caller gives them up.
            if let Err(error) = unsafe { map::release(range) } {
                count_drop_error();
                crate::trace::event!(error, error = error, "bookkeeping memory was not released");
            }
        }
    }
}

/// A mapping of at least `len` bytes; `None` where the system has no room.
fn fresh_pages(len: usize) -> Option<NonNull<[u8]>> {
    let range = map::reserve(len).ok()?;
    // SAFETY: the reservation was made just above and is ours alone.
    if unsafe { map::commit(range) }.is_err() {
        // SAFETY: likewise, and nothing uses it. Its own failure leaves
        // address space behind, no more.
        let _ = unsafe { map::release(range) };
        return None;
    }
    let start = NonNull::new(range.as_ptr().cast())?;
    Some(NonNull::slice_from_raw_parts(start, range.len()))
}
