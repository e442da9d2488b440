//! What went wrong last in a thread, in words.

use crate::failure::Failure;
use crate::status::stayput_status::{self, STAYPUT_OK};
use std::cell::RefCell;
use std::ffi::{CString, c_char, c_int};

struct LastError {
    status: stayput_status,
    errno: c_int,
    text: CString,
    cause: CString,
    remedy: CString,
}

thread_local! {
    static LAST: RefCell<Option<LastError>> = const { RefCell::new(None) };
}

/// Keeps the failure for this thread. In a thread that is ending there is no place
/// left for it; status and errno still tell.
pub(crate) fn keep(failure: Failure) {
    let last = LastError {
        status: failure.status,
        errno: failure.errno,
        text: terminated(failure.text),
        cause: terminated(failure.cause),
        remedy: terminated(failure.remedy),
    };
    let _ = LAST.try_with(|place| place.replace(Some(last)));
}

/// The status of the last call that failed in this thread; STAYPUT_OK if none has.
/// A call that succeeds leaves it as it is.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_last_error() -> stayput_status {
    of_last(STAYPUT_OK, |last| last.status)
}

/// The errno of the last call that failed in this thread; 0 if none has.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_last_error_errno() -> c_int {
    of_last(0, |last| last.errno)
}

/// What went wrong last in this thread, why, and what to do about it in the
/// environment that the process runs in: one line of UTF-8 to print. It names
/// sizes, never addresses or content. Empty if nothing has failed; never NULL.
///
/// Valid until the next call fails in this thread, or the thread ends.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_last_error_text() -> *const c_char {
    words(|last| &last.text)
}

/// The cause alone: "the limit on locked memory (RLIMIT_MEMLOCK) is reached: held
/// … bytes, limit … bytes, needed … bytes more". Empty where the text says all.
/// Valid as long as stayput_last_error_text.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_last_error_cause() -> *const c_char {
    words(|last| &last.cause)
}

/// The remedy alone, for the environment that the process runs in (shell, systemd,
/// container). Empty where there is none. Valid as long as stayput_last_error_text.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_last_error_remedy() -> *const c_char {
    words(|last| &last.remedy)
}

/// Forgets the last error of this thread.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_clear_error() {
    let _ = LAST.try_with(RefCell::take);
}

fn words(part: impl FnOnce(&LastError) -> &CString) -> *const c_char {
    of_last(c"".as_ptr(), |last| part(last).as_ptr())
}

fn of_last<T>(absent: T, part: impl FnOnce(&LastError) -> T) -> T {
    let seen = LAST.try_with(|place| place.borrow().as_ref().map(part));
    seen.ok().flatten().unwrap_or(absent)
}

fn terminated(text: String) -> CString {
    CString::new(text.replace('\0', "?")).unwrap_or_default()
}
