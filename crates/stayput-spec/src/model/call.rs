//! A call as a value, for whoever generates, stores or shrinks sequences.

use super::map::MapRequest;
use super::outcome::Prediction;
use super::remap::RemapRequest;
use super::space::AddressSpace;
use super::words::{Advice, Limit, Protection};

/// One operation with its arguments as the kernel gets them: addresses and
/// lengths are in bytes and need not be aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `mmap`.
    Mmap(MapRequest),
    /// `munmap(addr, len)`.
    Munmap(u64, u64),
    /// `mprotect(addr, len, protection)`.
    Mprotect(u64, u64, Protection),
    /// `mremap`.
    Mremap(RemapRequest),
    /// `madvise(addr, len, advice)`.
    Madvise(u64, u64, Advice),
    /// `mlock(addr, len)`.
    Mlock(u64, u64),
    /// `mlock2(addr, len, flags)`.
    Mlock2(u64, u64, u32),
    /// `munlock(addr, len)`.
    Munlock(u64, u64),
    /// `mlockall(flags)`.
    Mlockall(u32),
    /// `munlockall()`.
    Munlockall,
    /// `fork()`; the sequence goes on in the child.
    Fork,
    /// `execve`; the sequence goes on in the new program.
    Exec,
    /// `setrlimit(RLIMIT_MEMLOCK, limit)`.
    Setrlimit(Limit),
    /// Gives `CAP_IPC_LOCK` up for good.
    DropCapability,
}

impl Call {
    /// The operations' names, in the order of [`index`](Self::index).
    pub const NAMES: [&'static str; 14] = [
        "mmap",
        "munmap",
        "mprotect",
        "mremap",
        "madvise",
        "mlock",
        "mlock2",
        "munlock",
        "mlockall",
        "munlockall",
        "fork",
        "exec",
        "setrlimit",
        "drop capability",
    ];

    /// The operation's position in [`NAMES`](Self::NAMES).
    #[must_use]
    pub const fn index(&self) -> usize {
        match self {
            Self::Mmap(_) => 0,
            Self::Munmap(..) => 1,
            Self::Mprotect(..) => 2,
            Self::Mremap(_) => 3,
            Self::Madvise(..) => 4,
            Self::Mlock(..) => 5,
            Self::Mlock2(..) => 6,
            Self::Munlock(..) => 7,
            Self::Mlockall(_) => 8,
            Self::Munlockall => 9,
            Self::Fork => 10,
            Self::Exec => 11,
            Self::Setrlimit(_) => 12,
            Self::DropCapability => 13,
        }
    }

    /// The operation's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        Self::NAMES[self.index()]
    }
}

impl AddressSpace {
    /// Predicts a call and takes its effects on.
    pub fn apply(&mut self, call: &Call) -> Prediction {
        Prediction::Determined(match *call {
            Call::Mmap(ref request) => self.mmap(request),
            Call::Munmap(addr, len) => self.munmap(addr, len),
            Call::Mprotect(addr, len, protection) => self.mprotect(addr, len, protection),
            Call::Mremap(ref request) => return self.mremap(request),
            Call::Madvise(addr, len, advice) => self.madvise(addr, len, advice),
            Call::Mlock(addr, len) => self.mlock(addr, len),
            Call::Mlock2(addr, len, flags) => self.mlock2(addr, len, flags),
            Call::Munlock(addr, len) => self.munlock(addr, len),
            Call::Mlockall(flags) => self.mlockall(flags),
            Call::Munlockall => self.munlockall(),
            Call::Fork => self.fork(),
            Call::Exec => self.exec(),
            Call::Setrlimit(limit) => self.setrlimit(limit),
            Call::DropCapability => self.drop_capability(),
        })
    }
}
