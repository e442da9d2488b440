//! Which library this is.

use std::ffi::{CStr, c_char};

/// The library's version, "0.1.0": static text.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    const TEXT: &CStr = match CStr::from_bytes_with_nul(VERSION.as_bytes()) {
        Ok(text) => text,
        Err(_) => c"",
    };
    TEXT.as_ptr()
}
