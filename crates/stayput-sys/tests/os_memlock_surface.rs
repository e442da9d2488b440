//! A program written for os-memlock 0.2, with only the crate's name changed: each
//! call of its documentation, with the names and types that it publishes.

#[allow(unused_extern_crates, reason = "this line is the change of name")]
extern crate stayput_sys as os_memlock;

use std::io;
use std::os::raw::c_void;

#[path = "observe/own_process.rs"]
mod own_process;
#[cfg(target_os = "linux")]
#[path = "observe/smaps.rs"]
mod smaps;
use own_process::{own_process, skip};

/// The surface, type by type: a signature that drifts does not compile.
mod signatures {
    use super::{c_void, io, os_memlock};
    use os_memlock::CoreDumpsDisabledGuard;

    pub(crate) const MLOCK: unsafe fn(*const c_void, usize) -> io::Result<()> = os_memlock::mlock;
    pub(crate) const MUNLOCK: unsafe fn(*const c_void, usize) -> io::Result<()> =
        os_memlock::munlock;
    pub(crate) const MADVISE_DONTDUMP: unsafe fn(*mut c_void, usize) -> io::Result<()> =
        os_memlock::madvise_dontdump;
    pub(crate) const DISABLE_CORE_DUMPS: fn() -> io::Result<()> =
        os_memlock::disable_core_dumps_for_process;
    pub(crate) const DISABLE_WITH_GUARD: fn() -> io::Result<CoreDumpsDisabledGuard> =
        os_memlock::disable_core_dumps_with_guard;
    pub(crate) const SET_ERROR_MODE: fn(u32) -> io::Result<u32> =
        os_memlock::set_windows_error_mode;
    pub(crate) const SUPPRESS_DIALOGS: fn() -> io::Result<u32> =
        os_memlock::suppress_windows_error_dialogs_for_process;
    pub(crate) const SEM: [u32; 3] = [
        os_memlock::SEM_FAILCRITICALERRORS,
        os_memlock::SEM_NOGPFAULTERRORBOX,
        os_memlock::SEM_NOOPENFILEERRORBOX,
    ];
}

/// `Ok(false)` for a call that this platform lacks, as the documentation has its
/// callers tell it from a failure.
fn supported(answer: io::Result<()>) -> io::Result<bool> {
    match answer {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(false),
        Err(error) => Err(error),
    }
}

/// Checks `flag` of the buffer's pages, where there are flags to see.
#[cfg(target_os = "linux")]
fn assert_flag(buffer: &[u8], flag: &str, expected: bool) {
    let range = os_memlock::PageRange::covering(buffer.as_ptr().addr(), buffer.len());
    let range = range.expect("a live buffer");
    if !smaps::is_ours() || (flag == "dd" && smaps::takes_any_advice()) {
        return skip(
            "VmFlags",
            "an emulator takes any advice, or shows its own mappings",
        );
    }
    if expected {
        assert!(smaps::all_have(range, flag), "flag {flag}");
    } else {
        assert!(smaps::none_has(range, flag), "flag {flag}");
    }
}

#[cfg(not(target_os = "linux"))]
fn assert_flag(_: &[u8], flag: &str, _: bool) {
    skip("VmFlags", format!("no {flag} to see here"));
}

fn locked_bytes() -> Option<usize> {
    #[cfg(target_os = "linux")]
    return Some(smaps::locked_bytes());
    #[cfg(not(target_os = "linux"))]
    None
}

/// The three one-line calls on a buffer of the ordinary heap, of no round length.
#[test]
fn the_documented_calls_lock_exclude_and_unlock() {
    own_process("the_documented_calls_lock_exclude_and_unlock", || {
        calls_on_a_buffer().expect("within the limit");
    });
}

fn calls_on_a_buffer() -> io::Result<()> {
    let mut buf = vec![0u8; 3 * 4096 + 77];
    let before = locked_bytes();

    // SAFETY: `buf` is owned and outlives the calls.
    let locked = supported(unsafe { os_memlock::mlock(buf.as_ptr() as *const _, buf.len()) })?;
    assert_eq!(
        locked,
        cfg!(any(unix, windows)) && !cfg!(stayput_backend = "unsupported")
    );
    if !locked {
        skip(
            "the_documented_calls_lock_exclude_and_unlock",
            "no mlock here",
        );
        return Ok(());
    }
    assert_flag(&buf, "lo", true);
    if let (Some(before), Some(now)) = (before, locked_bytes()) {
        let pages = os_memlock::PageRange::covering(buf.as_ptr().addr(), buf.len());
        assert_eq!(Some(now - before), pages.map(os_memlock::PageRange::len));
    }

    // SAFETY: as above.
    let excluded =
        supported(unsafe { os_memlock::madvise_dontdump(buf.as_mut_ptr() as *mut _, buf.len()) })?;
    assert_eq!(
        excluded,
        cfg!(any(
            target_os = "linux",
            target_os = "android",
            target_os = "freebsd"
        ))
    );
    if excluded {
        assert_flag(&buf, "dd", true);
    }

    buf.fill(0);
    // SAFETY: as above.
    unsafe { os_memlock::munlock(buf.as_ptr() as *const _, buf.len())? };
    assert_flag(&buf, "lo", false);
    assert_eq!(locked_bytes(), before);
    Ok(())
}

#[test]
fn zero_lengths_do_nothing_and_are_ok() {
    let mut byte = 0u8;
    let at: *mut c_void = (&raw mut byte).cast();
    // SAFETY: `byte` is owned; length 0 touches nothing.
    unsafe {
        signatures::MLOCK(at, 0).expect("nothing to do");
        signatures::MUNLOCK(at, 0).expect("nothing to do");
        signatures::MADVISE_DONTDUMP(at, 0).expect("nothing to do");
    }
}

#[test]
fn core_dumps_are_disabled_and_restored() {
    own_process("core_dumps_are_disabled_and_restored", || {
        let here = cfg!(unix) && !cfg!(stayput_backend = "unsupported");
        let answer = signatures::DISABLE_WITH_GUARD();
        assert_eq!(answer.is_ok(), here, "{answer:?}");
        match answer {
            Ok(guard) => {
                assert_eq!(core_limit(), Some(0));
                assert!(format!("{guard:?}").contains("CoreDumpsDisabledGuard"));
                drop(guard);
                signatures::DISABLE_CORE_DUMPS().expect("worked above");
                assert_eq!(core_limit(), Some(0));
            }
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::Unsupported);
                let again = signatures::DISABLE_CORE_DUMPS().expect_err("as above");
                assert_eq!(again.kind(), io::ErrorKind::Unsupported);
            }
        }
    });
}

/// The soft limit in bytes, asked without the crate under test.
#[cfg(unix)]
fn core_limit() -> Option<u64> {
    let mut limit = libc::rlimit {
        rlim_cur: 1,
        rlim_max: 1,
    };
    // SAFETY: `limit` is live for the call to fill.
    let answer = unsafe { libc::getrlimit(libc::RLIMIT_CORE, &mut limit) };
    #[allow(clippy::unnecessary_cast, reason = "rlim_t differs by platform")]
    (answer == 0).then_some(limit.rlim_cur as u64)
}

#[cfg(not(unix))]
fn core_limit() -> Option<u64> {
    None
}

#[test]
fn the_windows_error_mode_is_set_and_its_predecessor_returned() {
    own_process(
        "the_windows_error_mode_is_set_and_its_predecessor_returned",
        || {
            assert_eq!(signatures::SEM, [0x0001, 0x0002, 0x8000]);
            let all = signatures::SEM.iter().fold(0, |all, flag| all | flag);
            let here = cfg!(windows) && !cfg!(stayput_backend = "unsupported");
            let answer = signatures::SUPPRESS_DIALOGS();
            assert_eq!(answer.is_ok(), here, "{answer:?}");
            match answer {
                Ok(previous) => {
                    assert_eq!(signatures::SET_ERROR_MODE(previous).expect("works"), all);
                    assert_eq!(
                        signatures::SET_ERROR_MODE(previous).expect("works"),
                        previous
                    );
                }
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
                    let again = signatures::SET_ERROR_MODE(all).expect_err("as above");
                    assert_eq!(again.kind(), io::ErrorKind::Unsupported);
                }
            }
        },
    );
}

/// The wrapper that the documentation recommends: owns its buffer, locks when made,
/// wipes before unlocking, and goes on where locking is unsupported.
struct LockedVec {
    buffer: Vec<u8>,
    locked: bool,
}

impl LockedVec {
    fn new(len: usize) -> io::Result<Self> {
        let buffer = vec![0u8; len];
        // SAFETY: the buffer is owned, and never grows or moves its content.
        let locked =
            supported(unsafe { os_memlock::mlock(buffer.as_ptr() as *const c_void, len) })?;
        Ok(Self { buffer, locked })
    }
}

impl Drop for LockedVec {
    fn drop(&mut self) {
        self.buffer.fill(0);
        if self.locked {
            let at = self.buffer.as_ptr() as *const c_void;
            // SAFETY: the buffer is still owned; this lock is our own.
            let unlocked = unsafe { os_memlock::munlock(at, self.buffer.len()) };
            unlocked.expect("it was locked");
        }
    }
}

#[test]
fn the_recommended_wrapper_locks_for_its_lifetime() {
    own_process("the_recommended_wrapper_locks_for_its_lifetime", || {
        let before = locked_bytes();
        let mut secret = LockedVec::new(4096).expect("within the limit");
        secret.buffer[..6].copy_from_slice(b"secret");
        if secret.locked {
            assert_flag(&secret.buffer, "lo", true);
            assert!(locked_bytes() > before || locked_bytes().is_none());
        }
        drop(secret);
        assert_eq!(locked_bytes(), before);
    });
}
