//! OpenSSL's secure heap: one locked arena of buddies, behind one lock.

use super::heap::Heap;
use crate::peer::Refusal;
use std::ffi::{c_char, c_int, c_void};

pub(crate) struct SecureHeap;

impl Heap for SecureHeap {
    const NAME: &'static str = "OpenSSL secure heap";
    const ZEROED: bool = true; // by zalloc

    /// It never grows, and takes powers of two of some size.
    fn prepare(bytes: usize) -> Result<(), Refusal> {
        let room = bytes.next_power_of_two().max(4096);
        // SAFETY: called once, before the first allocation.
        match unsafe { CRYPTO_secure_malloc_init(room, 16) } {
            1 => Ok(()),
            2 => Err(Refusal::new("CRYPTO_secure_malloc_init: not protected")),
            _ => Err(Refusal::new("CRYPTO_secure_malloc_init failed")),
        }
    }

    fn allocate(len: usize) -> *mut u8 {
        // SAFETY: a null file name is one that is not known.
        unsafe { CRYPTO_secure_zalloc(len, std::ptr::null(), 0) }.cast()
    }

    unsafe fn wipe_and_free(start: *mut u8, len: usize) {
        // SAFETY: the caller gives up what `allocate` returned.
        unsafe { CRYPTO_secure_clear_free(start.cast(), len, std::ptr::null(), 0) };
    }
}

unsafe extern "C" {
    fn CRYPTO_secure_malloc_init(size: usize, minsize: usize) -> c_int;
    fn CRYPTO_secure_zalloc(size: usize, file: *const c_char, line: c_int) -> *mut c_void;
    fn CRYPTO_secure_clear_free(start: *mut c_void, len: usize, file: *const c_char, line: c_int);
    pub(crate) fn OPENSSL_cleanse(start: *mut c_void, len: usize);
}
