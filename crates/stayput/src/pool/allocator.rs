//! The pool as an allocator for collections (`allocator-api2`).

use super::Pool;
use super::classes::{Class, Request, pages_for};
use allocator_api2::alloc::{AllocError, Allocator, Layout};
use stayput_sys::{page_size, wipe::wipe};
use std::ptr::NonNull;

// SAFETY: blocks stay where they are until they are deallocated, whatever
// happens to the handle, for as long as any handle lives; clones share the pool
// and count as handles.
unsafe impl Allocator for Pool {
    fn allocate(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        if layout.size() == 0 {
            return Ok(NonNull::slice_from_raw_parts(dangling(layout)?, 0));
        }
        let allocated = self
            .handle()
            .allocate(Request::new(layout.size(), layout.align()));
        allocated
            .map(|start| NonNull::slice_from_raw_parts(start, capacity(layout)))
            .map_err(|_| AllocError)
    }

    /// Pool memory is zero when it is handed out.
    fn allocate_zeroed(&self, layout: Layout) -> Result<NonNull<[u8]>, AllocError> {
        self.allocate(layout)
    }

    unsafe fn deallocate(&self, ptr: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: the caller gives the allocation up, and had its capacity.
            unsafe {
                self.handle()
                    .free(ptr, Request::new(capacity(layout), layout.align()));
            }
        }
    }

    unsafe fn grow(
        &self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if same_place(old, new) {
            return Ok(NonNull::slice_from_raw_parts(ptr, capacity(new)));
        }
        let grown = self.allocate(new)?;
        // SAFETY: both are live and distinct, and `old` is the smaller; the
        // caller hands the old one over.
        unsafe {
            grown.cast().copy_from_nonoverlapping(ptr, old.size());
            self.deallocate(ptr, old);
        }
        Ok(grown)
    }

    unsafe fn shrink(
        &self,
        ptr: NonNull<u8>,
        old: Layout,
        new: Layout,
    ) -> Result<NonNull<[u8]>, AllocError> {
        if same_place(old, new) {
            // SAFETY: the bytes lie within the allocation and are given up.
            unsafe { wipe(ptr.as_ptr().add(new.size()), capacity(old) - new.size()) };
            return Ok(NonNull::slice_from_raw_parts(ptr, new.size()));
        }
        let shrunk = self.allocate(new)?;
        // SAFETY: both are live and distinct, and `new` is the smaller; the
        // caller hands the old one over.
        unsafe {
            shrunk.cast().copy_from_nonoverlapping(ptr, new.size());
            self.deallocate(ptr, old);
        }
        Ok(shrunk)
    }
}

/// Bytes that an allocation of this layout really has.
fn capacity(layout: Layout) -> usize {
    match Class::holding(layout.size(), layout.align()) {
        Some(class) => class.size(),
        None => pages_for(layout.size()) * page_size(),
    }
}

/// Whether an allocation for `old` serves `new` as it stands.
fn same_place(old: Layout, new: Layout) -> bool {
    let class = |layout: Layout| Class::holding(layout.size(), layout.align());
    let sized = old.size() != 0 && new.size() != 0;
    sized
        && new.align() <= old.align()
        && match (class(old), class(new)) {
            (None, None) => pages_for(old.size()) == pages_for(new.size()),
            (old, new) => old == new,
        }
}

fn dangling(layout: Layout) -> Result<NonNull<u8>, AllocError> {
    NonNull::new(std::ptr::without_provenance_mut(layout.align())).ok_or(AllocError)
}
