//! The error numbers of locking calls, for callers that keep numbers.
//!
//! Everything else here reports [`std::io::Error`]; the names are those of
//! `<errno.h>`.

use crate::backends::imp;

/// Not permitted: the limit is 0 and there is no capability.
pub const EPERM: i32 = imp::EPERM;
/// Past the limit, a hole, or memory ran out.
pub const ENOMEM: i32 = imp::ENOMEM;
/// Flags that the kernel does not take.
pub const EINVAL: i32 = imp::EINVAL;
/// Past the limit, where memory is mapped locked; on macOS any lock past it.
pub const EAGAIN: i32 = imp::EAGAIN;
