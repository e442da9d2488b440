//! A whole process that stays in memory.

use crate::boundary::{Out, status, value};
use crate::failure::Failure;
use crate::status::stayput_status;
use stayput::process::{self, MlockConfig, MlockStatus, Plan};
use std::ffi::c_int;

/// What stayput_process_lock locks; start from stayput_process_config_default. Each
/// is false if 0, else true.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_process_config {
    /// Present mappings (MCL_CURRENT); true by default.
    pub current: u8,
    /// Mappings made from now on (MCL_FUTURE); true by default.
    pub future: u8,
    /// A refusal is an error; true by default.
    pub required: u8,
    /// Lock pages as they are touched instead of bringing all in now (MCL_ONFAULT,
    /// Linux 4.4); false by default.
    pub onfault: u8,
}

/// What became of a lock.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub enum stayput_process_outcome {
    /// The process is locked.
    STAYPUT_PROCESS_LOCKED = 0,
    /// The system refused, and the lock was not required.
    STAYPUT_PROCESS_FAILED = 1,
    /// The platform has no mlockall.
    STAYPUT_PROCESS_UNSUPPORTED = 2,
}

/// What became of a lock.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_process_status {
    /// What became of it.
    pub outcome: stayput_process_outcome,
    /// The system's error number if it failed, else 0.
    pub error: c_int,
    /// Bytes locked right after the call (VmLck); 0 unless locked.
    pub bytes_locked: usize,
}

/// What the kernel says about every mapping of this process.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_process_verification {
    /// Whether nothing of this process can be in swap, or go there.
    pub holds: bool,
    /// Bytes in mappings that are locked.
    pub locked: u64,
    /// Bytes in mappings that are not, and can be swapped.
    pub swappable: u64,
}

/// Present and future memory, at once, required.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_process_config_default() -> stayput_process_config {
    stayput_process_config {
        current: 1,
        future: 1,
        required: 1,
        onfault: 0,
    }
}

/// Locks the whole process (mlockall(2)) as config says (NULL: the defaults), and
/// stores what became of it (out may be NULL). For daemons that must not page; for
/// secrets alone it is the wrong tool.
///
/// Lock after the last fork: locks are neither inherited by fork nor kept by exec.
/// With future mappings locked every later mmap, thread and heap growth counts
/// against the limit and fails past it: stayput_process_check says beforehand whether
/// it would. stayput_lock_report_new also tells warnings.
///
/// # Safety
/// config is NULL or valid; out is NULL or has room for the status.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_process_lock(
    config: *const stayput_process_config,
    out: *mut stayput_process_status,
) -> stayput_status {
    status(|| {
        // SAFETY: the caller's promise.
        let report = process::lock_report(unsafe { settings(config) })?;
        if !out.is_null() {
            // SAFETY: not null; the rest is the caller's promise.
            unsafe { out.write(report.status().into()) };
        }
        Ok(())
    })
}

/// Refuses where stayput_process_lock with this config (NULL: the defaults) would
/// fail, or would leave too little room to grow. Locks nothing.
///
/// # Safety
/// config is NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_process_check(
    config: *const stayput_process_config,
) -> stayput_status {
    // SAFETY: the caller's promise.
    status(|| Ok(Plan::for_lock_all(unsafe { settings(config) })?.check()?))
}

/// Unlocks all memory of the process, whoever locked it (munlockall(2)): secrets and
/// pools too, which stayput_pool_relock mends.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_process_unlock() -> stayput_status {
    status(|| {
        process::unlock_all().map_err(|error| {
            let errno = error.errno().unwrap_or(libc::EIO);
            Failure {
                errno,
                ..Failure::new(
                    stayput_status::STAYPUT_ERROR_SYSTEM,
                    format!("munlockall: {error}"),
                )
            }
        })
    })
}

/// Whether the process has any locked memory, by whatever call.
/// stayput_process_verify tells whether all of it is.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_process_is_locked() -> bool {
    value(false, || Ok(process::is_locked()))
}

/// Bytes that the process has locked (VmLck); 0 where the system does not tell.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_process_locked_bytes() -> usize {
    value(0, || Ok(process::locked_bytes()))
}

/// Looks at every mapping of this process (VmFlags in /proc/self/smaps).
///
/// # Safety
/// out has room for the verification.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_process_verify(
    out: *mut stayput_process_verification,
) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        let seen = process::verify()?;
        let swappable = seen.unlocked.iter();
        let swappable = swappable.filter(|unlocked| unlocked.reason.is_swappable());
        let verification = stayput_process_verification {
            holds: seen.holds(),
            locked: seen.locked,
            swappable: swappable.map(|unlocked| unlocked.mapping.len()).sum(),
        };
        // SAFETY: the caller's promise.
        unsafe { out.set(verification) };
        Ok(())
    })
}

impl From<MlockStatus> for stayput_process_status {
    fn from(status: MlockStatus) -> Self {
        use stayput_process_outcome::*;
        Self {
            outcome: match status {
                MlockStatus::Locked { .. } => STAYPUT_PROCESS_LOCKED,
                MlockStatus::Failed { .. } => STAYPUT_PROCESS_FAILED,
                MlockStatus::Unsupported => STAYPUT_PROCESS_UNSUPPORTED,
            },
            error: status.failure_errno().unwrap_or(0),
            bytes_locked: status.bytes_locked(),
        }
    }
}

/// The defaults for null.
///
/// # Safety
/// The pointer is null or valid.
pub(crate) unsafe fn settings(config: *const stayput_process_config) -> MlockConfig {
    // SAFETY: the caller's promise.
    let config = unsafe { config.as_ref() }.copied();
    let config = config.unwrap_or_else(|| stayput_process_config_default());
    MlockConfig::builder()
        .current(config.current != 0)
        .future(config.future != 0)
        .required(config.required != 0)
        .onfault(config.onfault != 0)
        .build()
}
