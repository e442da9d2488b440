//! An allocator that asks the system for pages.
//!
//! For bookkeeping that may not use the global allocator: where that one is a
//! pool, its growth would call itself.

use super::page_block::{PageBlock, fresh_pages};
use allocator_api2::alloc::{AllocError, Allocator, Layout};
use stayput_sys::{PageRange, map};
use std::ptr::NonNull;

/// Whole pages, never from the heap. Small requests share one mapping.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemAlloc;

static SMALL: PageBlock = PageBlock::new();

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
        if layout.align() > stayput_sys::page_size() {
            return Err(AllocError);
        }
        let range = match SMALL.take(layout.size()) {
            Some(range) => range,
            None => fresh_pages(layout.size()).ok_or(AllocError)?,
        };
        let start = NonNull::new(range.as_ptr().cast()).ok_or(AllocError)?;
        Ok(NonNull::slice_from_raw_parts(start, range.len()))
    }

    unsafe fn deallocate(&self, ptr: NonNull<u8>, layout: Layout) {
        if layout.size() == 0 {
            return;
        }
        if let Some(range) = PageRange::covering(ptr.as_ptr().expose_provenance(), layout.size()) {
            if SMALL.put_back(range) {
                return;
            }
            // SAFETY: `allocate` reserved exactly these pages for this layout,
            // and the caller gives them up.
            if let Err(error) = unsafe { map::release(range) } {
                crate::trace::event!(error, error = error, "bookkeeping memory was not released");
            }
        }
    }
}
