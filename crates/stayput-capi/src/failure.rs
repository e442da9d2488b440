//! Errors on their way out: status, error number and words.

use crate::status::stayput_status::{self, *};
use stayput::LockError;
use stayput::limits::Cause;
use std::io::{self, ErrorKind};

/// Why a call failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: stayput_status,
    pub(crate) errno: i32,
    pub(crate) text: String,
    /// Empty where the text says all.
    pub(crate) cause: String,
    /// Empty where there is nothing to advise.
    pub(crate) remedy: String,
}

impl Failure {
    pub(crate) fn new(status: stayput_status, text: impl Into<String>) -> Self {
        Self {
            status,
            errno: usual_errno(status),
            text: text.into(),
            cause: String::new(),
            remedy: String::new(),
        }
    }

    pub(crate) fn null(what: &str) -> Self {
        Self::new(
            STAYPUT_ERROR_NULL_POINTER,
            format!("{what} is NULL: expected a pointer"),
        )
    }

    /// The system's refusal of a raw call, which nobody explains.
    pub(crate) fn of(call: &str, error: io::Error) -> Self {
        let failure = Self::from(error);
        Self {
            text: format!("{call}: {}", failure.text),
            ..failure
        }
    }

    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::new(STAYPUT_ERROR_INVALID_ARGUMENT, text)
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        let status = status_of(error.cause());
        Self {
            status,
            errno: error.errno().unwrap_or(usual_errno(status)),
            text: error.to_string(),
            cause: error.cause().to_string(),
            remedy: error.remedy().to_string(),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let kind = error.kind();
        let errno = error.raw_os_error();
        // The library's own error may be inside, with cause and remedy.
        let error = match error.downcast::<LockError>() {
            Ok(error) => return error.into(),
            Err(error) => error,
        };
        let status = match kind {
            ErrorKind::Unsupported => STAYPUT_ERROR_UNSUPPORTED,
            ErrorKind::InvalidInput => STAYPUT_ERROR_INVALID_ARGUMENT,
            ErrorKind::PermissionDenied => STAYPUT_ERROR_PERMISSION,
            // The system's ENOMEM has many causes.
            ErrorKind::OutOfMemory if errno.is_none() => STAYPUT_ERROR_OUT_OF_MEMORY,
            _ => STAYPUT_ERROR_SYSTEM,
        };
        Self {
            errno: errno.unwrap_or(usual_errno(status)),
            ..Self::new(status, error.to_string())
        }
    }
}

fn status_of(cause: &Cause) -> stayput_status {
    match cause {
        Cause::LimitReached { .. }
        | Cause::CapabilityWithoutEffect { .. }
        | Cause::NoRoomToGrow { .. }
        | Cause::StackTooSmall { .. }
        | Cause::WorkingSetQuota { .. } => STAYPUT_ERROR_LIMIT,
        Cause::NoCapability | Cause::Seccomp => STAYPUT_ERROR_PERMISSION,
        Cause::PoolBudget { .. } => STAYPUT_ERROR_POOL_LIMIT,
        Cause::MemoryCgroup { .. } => STAYPUT_ERROR_MEMORY_CGROUP,
        Cause::OutOfMemory | Cause::TooManyMappings { .. } => STAYPUT_ERROR_OUT_OF_MEMORY,
        Cause::Hole { .. } | Cause::Inaccessible { .. } => STAYPUT_ERROR_NOT_MAPPED,
        Cause::NoBackingFile { .. } => STAYPUT_ERROR_NO_FILE,
        Cause::SecretMemory | Cause::Unsupported => STAYPUT_ERROR_UNSUPPORTED,
        Cause::InvalidFlags | Cause::InvalidRange => STAYPUT_ERROR_INVALID_ARGUMENT,
        _ => STAYPUT_ERROR_SYSTEM,
    }
}

/// The error number where the system gave none.
fn usual_errno(status: stayput_status) -> i32 {
    match status {
        STAYPUT_OK => 0,
        STAYPUT_ERROR_NULL_POINTER | STAYPUT_ERROR_INVALID_ARGUMENT => libc::EINVAL,
        STAYPUT_ERROR_UNSUPPORTED => libc::ENOSYS,
        STAYPUT_ERROR_PERMISSION | STAYPUT_ERROR_INHERITED => libc::EPERM,
        STAYPUT_ERROR_BUSY => libc::EBUSY,
        STAYPUT_ERROR_NO_FILE | STAYPUT_ERROR_SYSTEM | STAYPUT_ERROR_PANIC => libc::EIO,
        STAYPUT_ERROR_LIMIT
        | STAYPUT_ERROR_POOL_LIMIT
        | STAYPUT_ERROR_MEMORY_CGROUP
        | STAYPUT_ERROR_OUT_OF_MEMORY
        | STAYPUT_ERROR_NOT_MAPPED => libc::ENOMEM,
    }
}
