//! The memsec crate: libsodium's allocator in Rust.

use super::heap::Heap;
use std::ptr::{self, NonNull};

pub(crate) struct Memsec;

impl Heap for Memsec {
    const NAME: &'static str = "memsec";
    const ZEROED: bool = false; // 0xdb

    fn allocate(len: usize) -> *mut u8 {
        // SAFETY: the result is freed by `memsec::free` alone.
        unsafe { memsec::malloc_sized(len) }.map_or(ptr::null_mut(), |start| start.as_ptr().cast())
    }

    unsafe fn wipe_and_free(start: *mut u8, _len: usize) {
        if let Some(start) = NonNull::new(start) {
            // SAFETY: the caller gives up what `allocate` returned; it wipes by itself.
            unsafe { memsec::free(start) };
        }
    }
}
