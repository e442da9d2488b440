//! Locks on memory that the program already has, and that stack.

use crate::boundary::{Out, quiet, status};
use crate::failure::Failure;
use crate::handle::{give_out, handle, take_back};
use crate::status::stayput_status;
use stayput::region::{RawRegionLock, lock_raw};
use std::ffi::c_void;

/// A lock on memory of the program's own. Locks stack: the system keeps no count, so
/// that one munlock(2) undoes every lock of a page; here each page is counted, and
/// unlocked when the last stayput_region_lock on it is freed.
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_region_lock {
    /// Held for its end.
    #[expect(dead_code, reason = "dropped with the handle")]
    lock: RawRegionLock,
}

handle!(stayput_region_lock);

/// Locks the pages that hold size bytes at ptr, until stayput_region_lock_free. It
/// only locks: no advice against dumps, and a fork child's copy is not locked. A
/// size of 0 locks nothing, and is fine.
///
/// # Safety
/// The range stays mapped until the lock is freed; out has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_region_lock_new(
    ptr: *const c_void,
    size: usize,
    out: *mut *mut stayput_region_lock,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        if ptr.is_null() && size > 0 {
            return Err(Failure::null("ptr"));
        }
        // SAFETY: the caller's promise.
        let lock = unsafe { lock_raw(ptr.cast(), size)? };
        // SAFETY: the caller's promise.
        unsafe { give_out(stayput_region_lock { lock }, out) };
        Ok(())
    })
}

/// Ends the lock; the memory stays. NULL is nothing. Wipe secrets first. A pointer
/// that is no live stayput_region_lock ends the process.
///
/// # Safety
/// The range is still mapped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_region_lock_free(lock: *mut stayput_region_lock) {
    quiet(|| drop(take_back(lock)));
}
