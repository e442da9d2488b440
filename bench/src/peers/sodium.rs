//! libsodium: three or more pages for each secret, guards and a canary.

use super::heap::Heap;
use crate::peer::Refusal;
use std::ffi::{c_int, c_void};

pub(crate) struct Sodium;

impl Heap for Sodium {
    const NAME: &'static str = "libsodium";
    const ZEROED: bool = false; // 0xdb

    fn prepare(_bytes: usize) -> Result<(), Refusal> {
        init()
    }

    fn allocate(len: usize) -> *mut u8 {
        // SAFETY: `prepare` has initialised the library.
        unsafe { sodium_malloc(len) }.cast()
    }

    unsafe fn wipe_and_free(start: *mut u8, _len: usize) {
        // SAFETY: the caller gives up what `allocate` returned; it wipes by itself.
        unsafe { sodium_free(start.cast()) };
    }
}

/// To be called before everything else.
pub(crate) fn init() -> Result<(), Refusal> {
    // SAFETY: may be called at any time, from any thread.
    match unsafe { sodium_init() } {
        0 | 1 => Ok(()),
        _ => Err(Refusal::new("sodium_init failed")),
    }
}

unsafe extern "C" {
    fn sodium_init() -> c_int;
    pub(crate) fn sodium_malloc(size: usize) -> *mut c_void;
    fn sodium_free(start: *mut c_void);
    pub(crate) fn sodium_mprotect_noaccess(start: *mut c_void) -> c_int;
    pub(crate) fn sodium_mprotect_readonly(start: *mut c_void) -> c_int;
    pub(crate) fn sodium_memzero(start: *mut c_void, len: usize);
}
