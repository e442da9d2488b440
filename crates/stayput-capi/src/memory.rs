//! Wiping and comparing plain memory.

use crate::boundary::{bytes, quiet, value};
use crate::failure::Failure;
use stayput_sys::wipe::wipe;
use std::ffi::c_void;
use subtle::ConstantTimeEq;

/// Fills memory with zeros, which no compiler leaves out. NULL is nothing.
///
/// # Safety
/// size bytes at ptr may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_wipe(ptr: *mut c_void, size: usize) {
    quiet(|| {
        if !ptr.is_null() {
            // SAFETY: the caller's promise.
            unsafe { wipe(ptr.cast(), size) };
        }
    });
}

/// Compares size bytes in a time that does not depend on where they differ. False
/// also where a pointer is NULL and size is not 0 (errno: EINVAL).
///
/// # Safety
/// size bytes may be read at both pointers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_equal(
    left: *const c_void,
    right: *const c_void,
    size: usize,
) -> bool {
    value(false, || {
        // SAFETY: the caller's promise, both.
        let (left, right) = unsafe {
            (
                bytes(left.cast(), size, "left")?,
                bytes(right.cast(), size, "right")?,
            )
        };
        Ok::<bool, Failure>(left.ct_eq(right).into())
    })
}
