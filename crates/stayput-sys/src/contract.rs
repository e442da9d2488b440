//! The words of the contract between the calls and their backends.
//!
//! Both sides use them, so they stand below both; each is re-exported by the
//! module whose calls take it.

mod raw;

pub use raw::{Fork, MapArgs, RemapArgs, Source};

/// What to tell the system about a range of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// Leave the pages out of core dumps: `MADV_DONTDUMP` (Linux 3.4),
    /// `MADV_NOCORE` (FreeBSD, DragonFly), `WerRegisterExcludedMemoryBlock`
    /// (Windows 10 1703; until the memory is released).
    /// OpenBSD conceals at `mmap` instead
    /// ([`RESERVED_IS_CONCEALED`](crate::map::RESERVED_IS_CONCEALED)).
    DontDump,
    /// Undo [`Advice::DontDump`].
    DoDump,
    /// A fork child finds zeros: `MADV_WIPEONFORK` (Linux 4.14, private
    /// anonymous memory only), `minherit(INHERIT_ZERO)` (FreeBSD 12, OpenBSD 5.6,
    /// NetBSD), `memcntl(MC_INHERIT_ZERO)` (illumos).
    WipeOnFork,
    /// Undo [`Advice::WipeOnFork`].
    KeepOnFork,
    /// A fork child does not get the mapping: `MADV_DONTFORK` (Linux 2.6.16),
    /// `minherit(INHERIT_NONE)` (the BSDs, macOS).
    DontFork,
    /// Undo [`Advice::DontFork`].
    DoFork,
    /// Never merge the pages with equal pages of others: `MADV_UNMERGEABLE`
    /// (Linux 2.6.32, needs `CONFIG_KSM`).
    Unmergeable,
    /// Prefer huge pages: `MADV_HUGEPAGE` (Linux 2.6.38).
    HugePage,
    /// No huge pages: `MADV_NOHUGEPAGE` (Linux 2.6.38).
    NoHugePage,
    /// Provide the pages now, as writing to each would: `MADV_POPULATE_WRITE`
    /// (Linux 5.14).
    Populate,
}

/// What a page may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Any access is a fault (`PROT_NONE`, `PAGE_NOACCESS`).
    None,
    /// Reading only (`PROT_READ`, `PAGE_READONLY`).
    Read,
    /// Reading and writing (`PROT_READ | PROT_WRITE`, `PAGE_READWRITE`).
    ReadWrite,
}

/// No limit, on every platform (the systems' own constants differ).
pub const UNLIMITED: u64 = u64::MAX;

/// A limit that this crate reads or sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// Bytes of memory that the process may lock.
    Memlock,
    /// Size of a core dump in bytes.
    Core,
    /// How far the first thread's stack may grow, in bytes.
    Stack,
    /// Size of a file that the process writes, in bytes; past it a write is `SIGXFSZ`.
    FileSize,
}

/// A soft and a hard limit in bytes; [`UNLIMITED`] for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    /// What the kernel enforces.
    pub soft: u64,
    /// How far the process may raise the soft limit by itself.
    pub hard: u64,
}

/// Whether other processes of the same user may trace and dump this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dumpable {
    /// Core dumps are written, same-user tracing is allowed (`SUID_DUMP_USER`).
    Yes,
    /// Neither (`SUID_DUMP_DISABLE`); files under `/proc/PID` belong to root.
    No,
}

/// Whether the process serves I/O that memory reclaim waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IoFlusher {
    /// Its own allocations never wait for its own I/O.
    On,
    /// The ordinary state.
    Off,
}

/// How the calling thread competes for a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheduling {
    /// In turn with the others (`SCHED_OTHER`).
    Other,
    /// Before all ordinary threads, until it waits (`SCHED_FIFO`).
    Fifo {
        /// From 1, the lowest, to 99.
        priority: u8,
    },
}

/// Whose page faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FaultsOf {
    /// The calling thread's.
    Thread,
    /// Those of all threads, ended ones included.
    Process,
}

/// Page faults since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Faults {
    /// Served without reading from a device.
    pub minor: u64,
    /// Served by reading from a device: a file, or swap.
    pub major: u64,
}

/// Why a program starts in secure-execution mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Secure {
    /// Its file sets the user.
    SetUid,
    /// Its file sets the group.
    SetGid,
    /// Its file has capabilities.
    FileCapabilities,
}

/// A signal that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Signal {
    /// Its number.
    pub number: i32,
    /// Who sent it.
    pub sender: Sender,
}

/// Who sent a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// The kernel, as a terminal's keys do: to the whole foreground group.
    Kernel,
    /// A process, to this process.
    Process,
}
