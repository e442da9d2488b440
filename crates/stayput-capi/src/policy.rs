//! Policies and backings, as numbers: C can hand in any.

use crate::boundary::{status, text};
use crate::failure::Failure;
use crate::status::stayput_status;
use stayput::{Backing, Policy};
use std::ffi::{CString, c_char};
use std::path::PathBuf;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicPtr, Ordering};

/// What to do where memory can't be locked: one of STAYPUT_POLICY_….
#[allow(non_camel_case_types, reason = "the name in C")]
pub type stayput_policy = u32;

/// Locked, or an error that names the cause. The default.
pub const STAYPUT_POLICY_REQUIRE: stayput_policy = 0;
/// Locked where possible; otherwise handed out unlocked, and reported so.
pub const STAYPUT_POLICY_PREFER: stayput_policy = 1;
/// Not locked at all, but wiped, guarded and left out of dumps all the same.
pub const STAYPUT_POLICY_OFF: stayput_policy = 2;
/// Locked where possible; otherwise backed by a file without a name, of this user
/// alone, in the directory of stayput_set_file_directory. What is written there reaches
/// that disk, and is overwritten when it is freed, not when the process is killed:
/// for a directory on an encrypted disk, beside swap that is not. Reported
/// (file_backed: yes, locked: no). In a fork child reading it is a fault.
pub const STAYPUT_POLICY_FILE_BACKED: stayput_policy = 3;

/// Names the directory for STAYPUT_POLICY_FILE_BACKED, for the whole process: of pools
/// made and memory allocated from now on. UTF-8 that ends in NUL; whether it is of any
/// use is seen when a lock is refused (STAYPUT_ERROR_NO_FILE). There is no default.
///
/// # Safety
/// directory is such a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_set_file_directory(directory: *const c_char) -> stayput_status {
    status(|| {
        // SAFETY: the caller's promise.
        let dir = unsafe { text(directory, "directory")? };
        if dir.is_empty() {
            return Err(Failure::invalid("directory is empty: expected a path"));
        }
        let dir = PathBuf::from(dir);
        let policy = Policy::FileBacked { dir };
        let warning = CString::new(policy.warning().unwrap_or_default()).unwrap_or_default();
        let files = Box::into_raw(Box::new(Files {
            policy,
            warning,
            earlier: AtomicPtr::new(null_mut()),
        }));
        let earlier = FILES.swap(files, Ordering::AcqRel);
        // SAFETY: never freed.
        unsafe { &*files }.earlier.store(earlier, Ordering::Relaxed);
        Ok(())
    })
}

/// What whoever chose STAYPUT_POLICY_FILE_BACKED should know, for a log or a person: a
/// line that names the directory. NULL if none is set.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_file_warning() -> *const c_char {
    files().map_or(null(), |files| files.warning.as_ptr())
}

/// What kind of memory a pool hands out: one of STAYPUT_BACKING_….
#[allow(non_camel_case_types, reason = "the name in C")]
pub type stayput_backing = u32;

/// Private pages, locked; zeros in a fork child. The default.
pub const STAYPUT_BACKING_LOCKED: stayput_backing = 0;
/// Pages that the kernel itself does not map (memfd_secret(2), Linux 5.14): root's
/// debuggers and /proc/PID/mem can't read them. Absent from fork children: reading
/// an inherited secret is a fault there. While any lives the system can't
/// hibernate.
pub const STAYPUT_BACKING_SECRET_MEM: stayput_backing = 1;

pub(crate) fn policy_of(number: stayput_policy) -> Result<Policy, Failure> {
    match number {
        STAYPUT_POLICY_REQUIRE => Ok(Policy::Require),
        STAYPUT_POLICY_PREFER => Ok(Policy::Prefer),
        STAYPUT_POLICY_OFF => Ok(Policy::Off),
        STAYPUT_POLICY_FILE_BACKED => {
            let files = files().ok_or_else(|| {
                Failure::invalid(
                    "STAYPUT_POLICY_FILE_BACKED: name a directory by \
                     stayput_set_file_directory first",
                )
            })?;
            Ok(files.policy.clone())
        }
        other => Err(Failure::invalid(format!(
            "policy {other}: expected STAYPUT_POLICY_REQUIRE, _PREFER, _OFF or _FILE_BACKED"
        ))),
    }
}

pub(crate) fn backing_of(number: stayput_backing) -> Result<Backing, Failure> {
    match number {
        STAYPUT_BACKING_LOCKED => Ok(Backing::Locked),
        STAYPUT_BACKING_SECRET_MEM => Ok(Backing::SecretMem),
        other => Err(Failure::invalid(format!(
            "backing {other}: expected STAYPUT_BACKING_LOCKED or _SECRET_MEM"
        ))),
    }
}

/// The file tier's policy. Never freed: who reads an earlier one may go on to.
struct Files {
    policy: Policy,
    warning: CString,
    /// Kept in sight of tools that look for leaks.
    earlier: AtomicPtr<Self>,
}

static FILES: AtomicPtr<Files> = AtomicPtr::new(null_mut());

fn files() -> Option<&'static Files> {
    // SAFETY: null, or from a box that is never freed.
    unsafe { FILES.load(Ordering::Acquire).as_ref() }
}
