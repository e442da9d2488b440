//! Opaque handles: given out, looked up, taken back.
//!
//! Whoever uses a handle after it was freed, or one that never was, ends the
//! process: its memory may be somebody else's by now.

use crate::boundary::Out;
use crate::failure::Failure;
use crate::live::Live;
use crate::misuse::end_process;

/// A type that C knows by pointer only.
pub(crate) trait Handle: Sized + 'static {
    /// Its name in C.
    const NAME: &'static str;

    /// Those that live.
    fn live() -> &'static Live<Self>;
}

/// Gives a handle out.
///
/// # Safety
/// As for [`Out::set`].
pub(crate) unsafe fn give_out<T: Handle>(value: T, out: Out<*mut T>) {
    let handle = T::live().insert_self(Box::new(value));
    // SAFETY: the caller's promise is the same.
    unsafe { out.set(handle) };
}

/// The value behind a handle; null is an error.
///
/// # Safety
/// Nobody frees or changes it meanwhile.
pub(crate) unsafe fn borrow<'a, T: Handle>(handle: *const T) -> Result<&'a T, Failure> {
    if handle.is_null() {
        return Err(Failure::null(T::NAME));
    }
    match T::live().find(handle.addr()) {
        // SAFETY: live; the rest is the caller's promise.
        Some(value) => Ok(unsafe { value.as_ref() }),
        None => dead::<T>(),
    }
}

/// The value behind a handle, to change; null is an error.
///
/// # Safety
/// Nobody else uses it meanwhile.
pub(crate) unsafe fn borrow_mut<'a, T: Handle>(handle: *mut T) -> Result<&'a mut T, Failure> {
    if handle.is_null() {
        return Err(Failure::null(T::NAME));
    }
    match T::live().find(handle.addr()) {
        // SAFETY: live; the rest is the caller's promise.
        Some(mut value) => Ok(unsafe { value.as_mut() }),
        None => dead::<T>(),
    }
}

/// Takes a handle back; null is none.
pub(crate) fn take_back<T: Handle>(handle: *mut T) -> Option<Box<T>> {
    if handle.is_null() {
        return None;
    }
    match T::live().remove(handle.addr()) {
        Some(value) => Some(value),
        None => dead::<T>(),
    }
}

#[cold]
fn dead<T: Handle>() -> ! {
    end_process(&format!(
        "this pointer is no live {}: freed before (double free, use after free), or never one \
         (foreign pointer)",
        T::NAME
    ))
}

/// Makes a type a handle under its own name.
macro_rules! handle {
    ($type:ident) => {
        impl crate::handle::Handle for $type {
            const NAME: &'static str = stringify!($type);

            fn live() -> &'static crate::live::Live<Self> {
                static LIVE: crate::live::Live<$type> = crate::live::Live::new();
                &LIVE
            }
        }
    };
}

pub(crate) use handle;
