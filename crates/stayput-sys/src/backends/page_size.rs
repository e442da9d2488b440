//! The system's answer to "how large is a page": zero or negative for none.
//!
//! Apart from the other backends, which work on whole pages and so depend on
//! this one.

#[cfg(all(unix, not(stayput_backend = "unsupported")))]
#[allow(
    clippy::useless_conversion,
    reason = "long has 32 bits on some targets"
)]
pub(crate) fn page_size() -> i64 {
    // SAFETY: sysconf has no preconditions.
    i64::from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) })
}

#[cfg(all(windows, not(stayput_backend = "unsupported")))]
pub(crate) fn page_size() -> i64 {
    use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
    let mut system = SYSTEM_INFO::default();
    // SAFETY: `system` is live for the call to fill.
    unsafe { GetSystemInfo(&mut system) };
    system.dwPageSize.into()
}

#[cfg(any(not(any(unix, windows)), stayput_backend = "unsupported"))]
pub(crate) fn page_size() -> i64 {
    0
}
