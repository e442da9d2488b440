//! libgcrypt's secure memory: a locked pool with a list of its blocks, behind one lock.

use super::heap::Heap;
use crate::peer::Refusal;
use std::ffi::{c_char, c_int, c_uint, c_void};

pub(crate) struct Gcrypt;

impl Heap for Gcrypt {
    const NAME: &'static str = "libgcrypt";
    const ZEROED: bool = true; // by calloc

    fn prepare(bytes: usize) -> Result<(), Refusal> {
        let room = c_int::try_from(bytes).map_err(Refusal::new)?;
        let none = std::ptr::null_mut::<c_void>();
        // SAFETY: the order that the manual asks for, before any other use.
        let failed = unsafe {
            gcry_check_version(std::ptr::null()).is_null()
                || gcry_control(GCRYCTL_INIT_SECMEM, room, none) != 0
                || gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0 as c_int) != 0
        };
        if failed {
            return Err(Refusal::new("gcry_control(GCRYCTL_INIT_SECMEM) failed"));
        }
        Ok(())
    }

    fn allocate(len: usize) -> *mut u8 {
        // SAFETY: `prepare` has initialised the library.
        unsafe { gcry_calloc_secure(1, len) }.cast()
    }

    unsafe fn wipe_and_free(start: *mut u8, _len: usize) {
        // SAFETY: the caller gives up what `allocate` returned; it wipes by itself.
        unsafe { gcry_free(start.cast()) };
    }
}

// gcrypt.h: enum gcry_ctl_cmds
const GCRYCTL_INIT_SECMEM: c_int = 24;
const GCRYCTL_INITIALIZATION_FINISHED: c_int = 38;

unsafe extern "C" {
    fn gcry_check_version(wanted: *const c_char) -> *const c_char;
    fn gcry_control(command: c_int, ...) -> c_uint;
    fn gcry_calloc_secure(n: usize, m: usize) -> *mut c_void;
    fn gcry_free(start: *mut c_void);
}
