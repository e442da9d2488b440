//! The yardstick: the C library's heap with a wipe. Nothing is locked.

use super::heap::Heap;

pub(crate) struct Malloc;

impl Heap for Malloc {
    const NAME: &'static str = "malloc + explicit_bzero + free";
    const ZEROED: bool = false;

    #[inline]
    fn allocate(len: usize) -> *mut u8 {
        // SAFETY: malloc has no preconditions.
        unsafe { libc::malloc(len) }.cast()
    }

    #[inline]
    unsafe fn wipe_and_free(start: *mut u8, len: usize) {
        // SAFETY: the caller gives up what `allocate` returned.
        unsafe {
            libc::explicit_bzero(start.cast(), len);
            libc::free(start.cast());
        }
    }
}
