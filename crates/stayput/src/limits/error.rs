//! Why memory was not locked.

use super::remedy::remedy;
use super::{Budget, Environment};
use stayput_sys::PageRange;
use std::error::Error;
use std::fmt;
use std::io;

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Locking pages (`mlock`, `VirtualLock`).
    Lock,
    /// Reserving or committing address space (`mmap`, `mprotect`, `VirtualAlloc`).
    Map,
    /// Mapping secret memory (`memfd_secret`).
    MapSecret,
    /// Locking the whole process (`mlockall`).
    LockProcess,
    /// Bringing stack or heap in before it is used.
    Prefault,
}

/// The reason behind the error number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// `RLIMIT_MEMLOCK` is too small; all in bytes.
    LimitReached {
        /// Locked already.
        held: u64,
        /// The soft limit.
        limit: u64,
        /// Asked for beyond what is held.
        needed: u64,
    },
    /// The limit is 0 and the process has no `CAP_IPC_LOCK`.
    NoCapability,
    /// The process has `CAP_IPC_LOCK`, but in a user namespace, where the kernel
    /// does not ask for it; so the limit applies.
    CapabilityWithoutEffect {
        /// Locked already, in bytes.
        held: u64,
        /// The soft limit in bytes.
        limit: u64,
        /// Asked for beyond what is held, in bytes.
        needed: u64,
    },
    /// Part of the range is not mapped.
    Hole {
        /// Bytes from the start of the range.
        offset: usize,
    },
    /// Part of the range can't be accessed (`PROT_NONE`).
    Inaccessible {
        /// Bytes from the start of the range.
        offset: usize,
    },
    /// Splitting a mapping would exceed `vm.max_map_count`.
    TooManyMappings {
        /// Mappings now.
        count: usize,
        /// The sysctl's value.
        limit: usize,
    },
    /// The working set quota (Windows) is used up.
    WorkingSetQuota,
    /// A seccomp filter refused the call.
    Seccomp,
    /// The memory control group has less room than the lock needs.
    MemoryCgroup {
        /// Bytes left in the group.
        headroom: u64,
        /// Bytes asked for.
        needed: u64,
    },
    /// The pool's own bound (`max_locked`) is reached; all in bytes.
    PoolBudget {
        /// Held by the pool.
        held: usize,
        /// The bound.
        limit: usize,
        /// Asked for beyond what is held.
        needed: usize,
    },
    /// The lock itself fits, but with future mappings locked too there would be
    /// too little room for the process to grow; all in bytes.
    NoRoomToGrow {
        /// Locked once the process is.
        locked: u64,
        /// The limit then.
        limit: u64,
        /// What the process is expected to map later.
        needed: u64,
    },
    /// The thread's stack can't become so deep; both in bytes.
    StackTooSmall {
        /// Left below the present depth.
        left: u64,
        /// Asked for.
        needed: u64,
    },
    /// The kernel does not take this combination of flags.
    InvalidFlags,
    /// The kernel has no `memfd_secret`, or it is switched off.
    SecretMemory,
    /// The platform has no such call.
    Unsupported,
    /// Neither limit nor layout explains it: memory or address space ran out.
    OutOfMemory,
    /// The range is empty of sense: it leaves the address space.
    InvalidRange,
    /// Something else; the error number tells.
    Other,
}

/// Memory could not be locked: what was attempted, on what, and why.
///
/// `Display` ends with the remedy for the environment this process runs in. It
/// names sizes, never addresses or content.
#[derive(Clone, Debug)]
pub struct LockError(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    operation: Operation,
    range: Option<PageRange>,
    errno: Option<i32>,
    cause: Cause,
    budget: Budget,
}

impl LockError {
    pub(crate) fn new(
        operation: Operation,
        range: Option<PageRange>,
        errno: Option<i32>,
        cause: Cause,
    ) -> Self {
        Self(Box::new(Inner {
            operation,
            range,
            errno,
            cause,
            budget: Budget::current(),
        }))
    }

    /// What was attempted.
    #[must_use]
    pub fn operation(&self) -> Operation {
        self.0.operation
    }

    /// The pages concerned, if the attempt got as far as having any.
    #[must_use]
    pub fn range(&self) -> Option<PageRange> {
        self.0.range
    }

    /// The system's error number, if a call was made and refused.
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        self.0.errno
    }

    /// Why.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.0.cause
    }

    /// Limit, locked bytes and capability when it happened.
    #[must_use]
    pub fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// What to do about it, in the environment this process runs in.
    #[must_use]
    pub fn remedy(&self) -> String {
        self.remedy_in(Environment::current())
    }

    /// What to do about it in `environment`.
    #[must_use]
    pub fn remedy_in(&self, environment: Environment) -> String {
        remedy(&self.0.cause, environment)
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner {
            operation,
            range,
            errno,
            cause,
            ..
        } = &*self.0;
        match operation {
            Operation::Lock => f.write_str("could not lock memory")?,
            Operation::Map => f.write_str("could not map memory")?,
            Operation::MapSecret => f.write_str("could not map secret memory (memfd_secret)")?,
            Operation::LockProcess => f.write_str("could not lock the process (mlockall)")?,
            Operation::Prefault => f.write_str("could not bring memory in beforehand")?,
        }
        if let Some(range) = range {
            write!(f, " ({} bytes)", range.len())?;
        }
        write!(f, ": {cause}")?;
        if let Some(errno) = errno {
            write!(f, " [{}]", io::Error::from_raw_os_error(*errno))?;
        }
        write!(f, ". Remedy: {}", self.remedy())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LimitReached {
                held,
                limit,
                needed,
            } => write!(
                f,
                "the limit on locked memory (RLIMIT_MEMLOCK) is reached: held {held} bytes, limit \
                 {limit} bytes, needed {needed} bytes more"
            ),
            Self::NoCapability => f.write_str(
                "the limit on locked memory (RLIMIT_MEMLOCK) is 0 and the process lacks \
                 CAP_IPC_LOCK",
            ),
            Self::CapabilityWithoutEffect {
                held,
                limit,
                needed,
            } => write!(
                f,
                "CAP_IPC_LOCK has no effect in a user namespace, so the limit on locked memory \
                 (RLIMIT_MEMLOCK) applies: held {held} bytes, limit {limit} bytes, needed {needed} \
                 bytes more"
            ),
            Self::Hole { offset } => write!(f, "nothing is mapped {offset} bytes into the range"),
            Self::Inaccessible { offset } => {
                write!(
                    f,
                    "the page {offset} bytes into the range is inaccessible (PROT_NONE)"
                )
            }
            Self::TooManyMappings { count, limit } => write!(
                f,
                "too many mappings: the process has {count}, vm.max_map_count allows {limit}"
            ),
            Self::WorkingSetQuota => f.write_str("the working set quota is used up"),
            Self::Seccomp => f.write_str("a seccomp filter refused the call"),
            Self::MemoryCgroup { headroom, needed } => write!(
                f,
                "the memory control group has {headroom} bytes left, needed {needed} bytes"
            ),
            Self::PoolBudget {
                held,
                limit,
                needed,
            } => write!(
                f,
                "the pool's own bound (max_locked) is reached: held {held} bytes, limit {limit} \
                 bytes, needed {needed} bytes more"
            ),
            Self::NoRoomToGrow {
                locked,
                limit,
                needed,
            } => write!(
                f,
                "it would be locked, but could not grow: mmap, new threads and heap growth fail \
                 past the limit on locked memory (RLIMIT_MEMLOCK): locked {locked} bytes, limit \
                 {limit} bytes, needed {needed} bytes more"
            ),
            Self::StackTooSmall { left, needed } => write!(
                f,
                "the thread's stack is too small: left {left} bytes, needed {needed} bytes"
            ),
            Self::InvalidFlags => f.write_str(
                "the kernel does not take these flags: onfault says how to lock, not what",
            ),
            Self::SecretMemory => f.write_str("this kernel offers no memfd_secret"),
            Self::Unsupported => f.write_str("this platform can't"),
            Self::OutOfMemory => f.write_str("memory or address space ran out"),
            Self::InvalidRange => f.write_str("the range leaves the address space"),
            Self::Other => f.write_str("the system refused"),
        }
    }
}

impl Error for LockError {}

impl From<LockError> for io::Error {
    fn from(error: LockError) -> Self {
        let kind = match error.cause() {
            Cause::NoCapability | Cause::Seccomp => io::ErrorKind::PermissionDenied,
            Cause::Unsupported | Cause::SecretMemory => io::ErrorKind::Unsupported,
            Cause::InvalidRange | Cause::InvalidFlags => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::OutOfMemory,
        };
        Self::new(kind, error)
    }
}
