//! Botan's allocator of secure vectors: a locked pool of at most 512 KiB, and then
//! the ordinary heap.

use super::heap::Heap;
use std::ffi::c_void;

pub(crate) struct Botan;

impl Heap for Botan {
    const NAME: &'static str = "Botan";
    const ZEROED: bool = true;

    fn allocate(len: usize) -> *mut u8 {
        // SAFETY: it has no preconditions.
        unsafe { botan_shim_allocate(len) }.cast()
    }

    unsafe fn wipe_and_free(start: *mut u8, len: usize) {
        // SAFETY: the caller gives up what `allocate(len)` returned; it wipes by itself.
        unsafe { botan_shim_release(start.cast(), len) };
    }
}

unsafe extern "C" {
    fn botan_shim_allocate(len: usize) -> *mut c_void;
    fn botan_shim_release(start: *mut c_void, len: usize);
    pub(crate) fn botan_shim_wipe(start: *mut c_void, len: usize);
}
