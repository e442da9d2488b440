//! The published error: one variant for each error number that matters.

use crate::limits::LockError;
use stayput_sys::errno::{EAGAIN, EINVAL, ENOMEM, EPERM};
use std::error::Error;
use std::fmt;
use std::io;

/// Why the process was not locked, by the system's error number.
/// [`lock_report`](super::lock_report) tells the cause behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MlockError {
    /// `EPERM`: the limit is 0 and the process lacks `CAP_IPC_LOCK`.
    PermissionDenied,
    /// `ENOMEM`: all that is mapped exceeds `RLIMIT_MEMLOCK`, or memory ran out.
    ResourceLimit,
    /// `EINVAL`: flags that the kernel does not take.
    InvalidArgument,
    /// `EAGAIN`: some pages could not be locked.
    WouldBlock,
    /// Another error number.
    Unknown(i32),
}

impl MlockError {
    /// The variant for an error number.
    #[must_use]
    pub const fn from_errno(errno: i32) -> Self {
        match errno {
            EPERM => Self::PermissionDenied,
            ENOMEM => Self::ResourceLimit,
            EINVAL => Self::InvalidArgument,
            EAGAIN => Self::WouldBlock,
            _ => Self::Unknown(errno),
        }
    }

    /// The error number; always there.
    #[must_use]
    pub const fn errno(&self) -> Option<i32> {
        Some(match self {
            Self::PermissionDenied => EPERM,
            Self::ResourceLimit => ENOMEM,
            Self::InvalidArgument => EINVAL,
            Self::WouldBlock => EAGAIN,
            Self::Unknown(errno) => *errno,
        })
    }

    /// Whether a capability is missing.
    #[must_use]
    pub const fn is_permission_error(&self) -> bool {
        matches!(self, Self::PermissionDenied)
    }

    /// Whether a limit was reached.
    #[must_use]
    pub const fn is_resource_limit(&self) -> bool {
        matches!(self, Self::ResourceLimit)
    }
}

impl fmt::Display for MlockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PermissionDenied => f.write_str(
                "permission denied: grant CAP_IPC_LOCK (`setcap cap_ipc_lock=+ep FILE`, docker: \
                 --cap-add=IPC_LOCK), or raise the limit on locked memory above 0",
            ),
            Self::ResourceLimit => f.write_str(
                "resource limit: RLIMIT_MEMLOCK is too low or memory ran out; raise it (`ulimit \
                 -l unlimited`, docker: --ulimit memlock=-1:-1)",
            ),
            Self::InvalidArgument => f.write_str(
                "invalid argument: this kernel does not take the flags; set current or future, \
                 onfault only beside them",
            ),
            Self::WouldBlock => f.write_str(
                "would block: some pages could not be locked; raise the limit on locked memory, \
                 or try again with less mapped",
            ),
            Self::Unknown(errno) => write!(
                f,
                "mlockall failed with errno={errno} ({})",
                io::Error::from_raw_os_error(*errno)
            ),
        }
    }
}

impl Error for MlockError {}

impl From<LockError> for MlockError {
    /// Without an error number no call was made: a limit was looked at before.
    fn from(error: LockError) -> Self {
        error.errno().map_or(Self::ResourceLimit, Self::from_errno)
    }
}

impl From<io::Error> for MlockError {
    fn from(error: io::Error) -> Self {
        error
            .raw_os_error()
            .map_or(Self::ResourceLimit, Self::from_errno)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_variants_are_one_to_one() {
        use MlockError::{InvalidArgument, PermissionDenied, ResourceLimit, Unknown, WouldBlock};
        for (errno, error) in [
            (libc::EPERM, PermissionDenied),
            (libc::ENOMEM, ResourceLimit),
            (libc::EINVAL, InvalidArgument),
            (libc::EAGAIN, WouldBlock),
            (libc::ENOSYS, Unknown(libc::ENOSYS)),
        ] {
            assert_eq!(MlockError::from_errno(errno), error);
            assert_eq!(error.errno(), Some(errno));
            assert_eq!(error.is_permission_error(), error == PermissionDenied);
            assert_eq!(error.is_resource_limit(), error == ResourceLimit);
        }
    }

    #[test]
    fn the_text_says_the_remedy() {
        let denied = MlockError::PermissionDenied.to_string();
        assert!(denied.contains("CAP_IPC_LOCK") && denied.contains("--cap-add=IPC_LOCK"));
        let limit = MlockError::ResourceLimit.to_string();
        assert!(limit.contains("RLIMIT_MEMLOCK") && limit.contains("--ulimit memlock=-1:-1"));
        assert!(
            MlockError::InvalidArgument
                .to_string()
                .contains("invalid argument")
        );
        assert!(MlockError::WouldBlock.to_string().contains("would block"));
        assert!(MlockError::Unknown(38).to_string().contains("errno=38"));
    }
}
