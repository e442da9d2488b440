//! What each experiment should find: the claims of this project, as a table.

use serde::Serialize;

/// A kind of memory that holds the secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Storage {
    /// The ordinary heap.
    Heap,
    /// The heap, under `mlock`.
    RawMlock,
    /// Locked twice for two owners, unlocked by one of them.
    TwoLocks,
    /// Inaccessible (`PROT_NONE`), not locked.
    ProtNone,
    /// Left out of dumps, not locked.
    DontDump,
    /// `stayput::region::lock`.
    RegionLock,
    /// `stayput::page::PosixLockedPageAllocator`.
    PageAllocator,
    /// `stayput::page::LockedPages`.
    LockedPages,
    /// `stayput::Secret` on `Backing::Locked`.
    Secret,
    /// `stayput::Secret` on `Backing::SecretMem`.
    SecretMem,
}

/// A way for a secret to get out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The swap device.
    Swap,
    /// A core file that the kernel writes.
    Core,
    /// `/proc/PID/mem`.
    ProcMem,
    /// `process_vm_readv`.
    VmReadv,
    /// `ptrace`.
    Ptrace,
    /// A core file that gdb's gcore writes.
    Gcore,
    /// The same with `-a`: all mappings, whatever their flags.
    GcoreAll,
    /// A fork child's memory.
    Fork,
    /// The process's own memory after the secret was dropped.
    Residue,
}

/// What an experiment must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "why")]
pub enum Expectation {
    /// A control: found, or the experiment proves nothing.
    MustLeak,
    /// A claim: not found.
    MustNotLeak,
    /// Found, and documented so, for this reason.
    Limit(&'static str),
    /// Not part of the experiment.
    NotAsked,
}

impl Storage {
    /// All rows, in the order of the matrix.
    pub const ALL: [Self; 10] = [
        Self::Heap,
        Self::RawMlock,
        Self::TwoLocks,
        Self::ProtNone,
        Self::DontDump,
        Self::RegionLock,
        Self::PageAllocator,
        Self::LockedPages,
        Self::Secret,
        Self::SecretMem,
    ];

    /// Its place in [`Storage::ALL`].
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }

    /// As a person reads it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Heap => "plain heap",
            Self::RawMlock => "raw mlock",
            Self::TwoLocks => "two raw locks, one unlock",
            Self::ProtNone => "PROT_NONE only",
            Self::DontDump => "DONTDUMP only",
            Self::RegionLock => "region::lock",
            Self::PageAllocator => "PosixLockedPageAllocator",
            Self::LockedPages => "LockedPages",
            Self::Secret => "Secret on Locked",
            Self::SecretMem => "Secret on SecretMem",
        }
    }

    /// Whether it is this project's, rather than a control.
    #[must_use]
    pub fn is_stayput(self) -> bool {
        self.index() >= Self::RegionLock.index()
    }
}

impl Channel {
    /// All columns, in the order of the matrix.
    pub const ALL: [Self; 9] = [
        Self::Swap,
        Self::Core,
        Self::ProcMem,
        Self::VmReadv,
        Self::Ptrace,
        Self::Gcore,
        Self::GcoreAll,
        Self::Fork,
        Self::Residue,
    ];

    /// As a person reads it, and as `--only` takes it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Swap => "swap",
            Self::Core => "core",
            Self::ProcMem => "proc-mem",
            Self::VmReadv => "vm-readv",
            Self::Ptrace => "ptrace",
            Self::Gcore => "gcore",
            Self::GcoreAll => "gcore-all",
            Self::Fork => "fork",
            Self::Residue => "residue",
        }
    }
}

/// The table.
#[must_use]
pub fn expectation(storage: Storage, channel: Channel) -> Expectation {
    use Channel as C;
    use Expectation::{Limit, MustLeak, MustNotLeak, NotAsked};
    use Storage as S;
    const ROOT: &str = "a debugger of root or of the same user reads it: SecretMem withstands";
    match (storage, channel) {
        (S::Heap, _) => MustLeak,

        (S::RawMlock, C::Swap) => MustNotLeak,
        (S::RawMlock, _) => MustLeak,
        (S::TwoLocks | S::ProtNone | S::DontDump, C::Swap) => MustLeak,
        (S::DontDump, C::Core) => MustNotLeak,
        (S::TwoLocks | S::ProtNone | S::DontDump, _) => NotAsked,

        (S::RegionLock, C::Swap) => MustNotLeak,
        (S::RegionLock, C::Fork) => Limit("the child has a copy, as of any memory"),
        (S::RegionLock, C::Residue) => Limit("the buffer is its owner's to wipe"),
        (S::RegionLock, _) => Limit("a region lock only locks"),

        (S::PageAllocator | S::LockedPages | S::Secret, channel) => match channel {
            C::Swap | C::Core | C::Gcore | C::Fork | C::Residue => MustNotLeak,
            C::ProcMem | C::VmReadv | C::Ptrace => Limit(ROOT),
            C::GcoreAll => Limit("gcore -a ignores DONTDUMP: SecretMem withstands"),
        },
        (S::SecretMem, _) => MustNotLeak,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_has_a_control() {
        for channel in Channel::ALL {
            assert_eq!(expectation(Storage::Heap, channel), Expectation::MustLeak);
        }
    }

    #[test]
    fn rows_know_their_place() {
        for (index, storage) in Storage::ALL.into_iter().enumerate() {
            assert_eq!(storage.index(), index);
        }
    }
}
