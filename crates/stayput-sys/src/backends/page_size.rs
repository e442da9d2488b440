//! The system's answer to "how large is a page": zero or negative for none.
//!
//! Apart from the other backends, which work on whole pages and so depend on
//! this one.
//!
//! `--cfg stayput_page_size` is for tests: the environment's `STAYPUT_PAGE_SIZE`
//! is the answer then, a power of two and a multiple of the truth. Everything works
//! on such pages, as it would on a system that has them, but for what other code
//! maps: the system's own pages are where that begins and ends.

/// As the rest of the crate is to see it.
#[cfg(not(stayput_page_size))]
pub(crate) use system as page_size;

#[cfg(stayput_page_size)]
pub(crate) fn page_size() -> i64 {
    // Not `std::env`, which allocates: an allocator may be asking.
    // SAFETY: the name is a C string; tests set no variables in their own process.
    let text = unsafe { libc::getenv(c"STAYPUT_PAGE_SIZE".as_ptr()) };
    if text.is_null() {
        return system();
    }
    // SAFETY: the environment's strings are C strings.
    let text = unsafe { std::ffi::CStr::from_ptr(text) };
    let size = text.to_str().ok().and_then(|it| it.parse::<i64>().ok());
    let possible = |size: &i64| size.count_ones() == 1 && size % system() == 0;
    size.filter(possible)
        .expect("STAYPUT_PAGE_SIZE: expected a power of two and a multiple of the system's page")
}

#[cfg(all(unix, not(stayput_backend = "unsupported")))]
#[allow(
    clippy::useless_conversion,
    reason = "long has 32 bits on some targets"
)]
pub(crate) fn system() -> i64 {
    // SAFETY: sysconf has no preconditions.
    i64::from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) })
}

#[cfg(all(windows, not(stayput_backend = "unsupported")))]
pub(crate) fn system() -> i64 {
    use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
    let mut system = SYSTEM_INFO::default();
    // SAFETY: `system` is live for the call to fill.
    unsafe { GetSystemInfo(&mut system) };
    system.dwPageSize.into()
}

#[cfg(any(not(any(unix, windows)), stayput_backend = "unsupported"))]
pub(crate) fn system() -> i64 {
    0
}
