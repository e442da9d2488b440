//! The boundary to C: pointers are checked on the way in, errors get their number
//! and words and panics stop on the way out.

use crate::failure::Failure;
use crate::last_error;
use crate::status::stayput_status::{self, STAYPUT_ERROR_PANIC, STAYPUT_OK};
use errno::{Errno, set_errno};
use std::any::Any;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a call that reports by status. `errno` is set after everything else.
pub(crate) fn status(call: impl FnOnce() -> Result<(), Failure>) -> stayput_status {
    match checked(call) {
        Ok(()) => STAYPUT_OK,
        Err(status) => status,
    }
}

/// Runs a call that reports by its value: `failed` if it has none.
pub(crate) fn value<T>(failed: T, call: impl FnOnce() -> Result<T, Failure>) -> T {
    checked(call).unwrap_or(failed)
}

/// Runs a call that can't fail, and leaves errno as it was.
pub(crate) fn quiet(call: impl FnOnce()) {
    let before = errno::errno();
    if checked(|| {
        call();
        Ok(())
    })
    .is_ok()
    {
        set_errno(before);
    }
}

fn checked<T>(call: impl FnOnce() -> Result<T, Failure>) -> Result<T, stayput_status> {
    // What a panic leaves behind is this library's to keep whole; locks of its own
    // are taken whatever happened under them.
    let result = catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        let text = format!("a defect in libstayput: {}", words(&*panic));
        Err(Failure::new(STAYPUT_ERROR_PANIC, text))
    });
    result.map_err(|failure| {
        let (status, errno) = (failure.status, failure.errno);
        last_error::keep(failure);
        set_errno(Errno(errno));
        status
    })
}

fn words(panic: &(dyn Any + Send)) -> &str {
    let owned = || panic.downcast_ref::<String>().map(String::as_str);
    let literal = panic.downcast_ref::<&str>().copied();
    literal.or_else(owned).unwrap_or("a panic without words")
}

/// Where a result goes.
pub(crate) struct Out<T>(*mut T);

impl<T> Out<T> {
    /// Checked before anything is done, so that nothing has to be undone.
    pub(crate) fn new(place: *mut T, name: &str) -> Result<Self, Failure> {
        if place.is_null() {
            return Err(Failure::null(name));
        }
        Ok(Self(place))
    }

    /// # Safety
    /// The caller of the C function gave room for a `T`.
    pub(crate) unsafe fn set(self, value: T) {
        // SAFETY: not null; the rest is the caller's promise.
        unsafe { self.0.write(value) };
    }
}

/// What a pointer that may not be null leads to.
///
/// # Safety
/// If it is not null it points to a valid `T` that nobody changes meanwhile.
pub(crate) unsafe fn pointed<'a, T>(pointer: *const T, name: &str) -> Result<&'a T, Failure> {
    // SAFETY: the caller's promise.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failure::null(name))
}

/// Bytes at a pointer, which may be null where there are none.
///
/// # Safety
/// If it is not null it points to `len` bytes that nobody changes meanwhile.
pub(crate) unsafe fn bytes<'a>(
    pointer: *const u8,
    len: usize,
    name: &str,
) -> Result<&'a [u8], Failure> {
    match (pointer.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Failure::null(name)),
        (_, len) if isize::try_from(len).is_err() => Err(Failure::invalid(format!(
            "{name}: {len} bytes are more than an address space holds"
        ))),
        // SAFETY: the caller's promise.
        _ => Ok(unsafe { std::slice::from_raw_parts(pointer, len) }),
    }
}

/// Text from C.
///
/// # Safety
/// The pointer is null or leads to a string that ends in NUL.
pub(crate) unsafe fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str, Failure> {
    if text.is_null() {
        return Err(Failure::null(name));
    }
    // SAFETY: the caller's promise; not null.
    let words = unsafe { CStr::from_ptr(text) }.to_str();
    words.map_err(|_| Failure::invalid(format!("{name} is not UTF-8")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::last_error::{stayput_last_error, stayput_last_error_text};

    #[test]
    fn a_panic_becomes_a_status() {
        assert_eq!(status(|| panic!("on purpose")), STAYPUT_ERROR_PANIC);
        assert_eq!(errno::errno(), Errno(libc::EIO));
        assert_eq!(stayput_last_error(), STAYPUT_ERROR_PANIC);
        // SAFETY: valid until the next failure in this thread.
        let text = unsafe { CStr::from_ptr(stayput_last_error_text()) };
        assert!(text.to_str().expect("UTF-8").contains("on purpose"));
    }

    #[test]
    fn what_succeeds_leaves_errno_alone() {
        set_errno(Errno(7));
        quiet(|| set_errno(Errno(8)));
        assert_eq!(errno::errno(), Errno(7));
    }
}
