//! The reasons behind error numbers.

use super::backing_file::FileProblem;
use std::fmt;
use std::path::PathBuf;

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
    /// The working set quota (Windows) is used up, and could not be grown: the right
    /// for that is missing, a job's limit is in the way, or memory is short. In bytes.
    WorkingSetQuota {
        /// The minimum working set, which locks must fit into.
        minimum: u64,
        /// Asked for beyond what is locked.
        needed: u64,
    },
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
    /// The lock was refused, and no file took its place (`Policy::FileBacked`).
    NoBackingFile {
        /// The policy's directory.
        dir: PathBuf,
        /// What is wrong with it.
        problem: FileProblem,
        /// Why the lock was refused.
        refused: Box<Cause>,
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
            Self::WorkingSetQuota { minimum, needed } => write!(
                f,
                "the working set quota is used up and could not be grown: minimum {minimum} \
                 bytes, needed {needed} bytes more"
            ),
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
            Self::NoBackingFile {
                dir,
                problem,
                refused,
            } => write!(
                f,
                "{refused}; and for the directory {}, {problem}",
                dir.display()
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
