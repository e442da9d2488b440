//! Locking the process, with everything that can be told about it.

use crate::boundary::{Out, quiet, status, value};
use crate::handle::{borrow, give_out, handle, take_back};
use crate::process::{settings, stayput_process_config, stayput_process_status};
use crate::status::stayput_status;
use stayput::process::{LockReport, lock_report};
use std::ffi::{CString, c_char};
use std::ptr::null;

/// What locking the process did, and what to expect.
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_lock_report {
    report: LockReport,
    text: CString,
    warnings: Vec<CString>,
}

handle!(stayput_lock_report);

/// As stayput_process_lock, and stores a report to be freed by
/// stayput_lock_report_free. The lock stays when the report goes.
///
/// # Safety
/// config is NULL or valid; out has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_lock_report_new(
    config: *const stayput_process_config,
    out: *mut *mut stayput_lock_report,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise.
        let report = lock_report(unsafe { settings(config) })?;
        let words = |shown: String| CString::new(shown.replace('\0', "?")).unwrap_or_default();
        let report = stayput_lock_report {
            text: words(report.to_string()),
            warnings: report
                .warnings()
                .iter()
                .map(|each| words(each.to_string()))
                .collect(),
            report,
        };
        // SAFETY: the caller's promise.
        unsafe { give_out(report, out) };
        Ok(())
    })
}

/// What was done.
///
/// # Safety
/// The report is not freed meanwhile; out has room for the status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_lock_report_status(
    report: *const stayput_lock_report,
    out: *mut stayput_process_status,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        // SAFETY: the caller's promise, both.
        unsafe { out.set(borrow(report)?.report.status().into()) };
        Ok(())
    })
}

/// All of it in words: the status, the refusal that was let pass if any, a line for
/// each warning. Valid until the report is freed; NULL for NULL.
///
/// # Safety
/// The report is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_lock_report_text(
    report: *const stayput_lock_report,
) -> *const c_char {
    // SAFETY: the caller's promise.
    value(null(), || Ok(unsafe { borrow(report)? }.text.as_ptr()))
}

/// Number of warnings: what to know although the process is locked. 0 for NULL.
///
/// # Safety
/// The report is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_lock_report_warnings(report: *const stayput_lock_report) -> usize {
    // SAFETY: the caller's promise.
    value(0, || Ok(unsafe { borrow(report)? }.warnings.len()))
}

/// The warning with this number, from 0; NULL beyond the last. Valid until the report
/// is freed.
///
/// # Safety
/// The report is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_lock_report_warning(
    report: *const stayput_lock_report,
    number: usize,
) -> *const c_char {
    value(null(), || {
        // SAFETY: the caller's promise.
        let warnings = &unsafe { borrow(report)? }.warnings;
        Ok(warnings.get(number).map_or(null(), |text| text.as_ptr()))
    })
}

/// Frees the report, not the lock; NULL is nothing. A pointer that is no live
/// stayput_lock_report ends the process.
///
/// # Safety
/// Nobody uses the report or its texts any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_lock_report_free(report: *mut stayput_lock_report) {
    quiet(|| drop(take_back(report)));
}
