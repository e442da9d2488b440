//! The vocabulary of the model.

use std::fmt;

/// `mlock2`: lock pages when they are first touched.
pub const MLOCK_ONFAULT: u32 = 1;
/// `mlockall`: present mappings. (Values of most architectures; three differ.)
pub const MCL_CURRENT: u32 = 1;
/// `mlockall`: mappings made from now on.
pub const MCL_FUTURE: u32 = 2;
/// `mlockall`: lock pages when they are first touched.
pub const MCL_ONFAULT: u32 = 4;
/// `mremap`: the mapping may be moved.
pub const MREMAP_MAYMOVE: u32 = 1;
/// `mremap`: to exactly the new address.
pub const MREMAP_FIXED: u32 = 2;
/// `mremap`: the old range stays mapped, without its pages.
pub const MREMAP_DONTUNMAP: u32 = 4;

/// The errors that the modelled calls return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Errno {
    /// Operation not permitted.
    Eperm,
    /// Try again; over the limit for calls that map.
    Eagain,
    /// Out of memory; also limit, hole and unreadable page for calls that lock.
    Enomem,
    /// Bad address.
    Efault,
    /// File exists: something is mapped there.
    Eexist,
    /// Invalid argument.
    Einval,
}

impl Errno {
    /// Every error that the model can predict.
    pub const ALL: [Self; 6] = [
        Self::Eperm,
        Self::Eagain,
        Self::Enomem,
        Self::Efault,
        Self::Eexist,
        Self::Einval,
    ];

    /// The number in Linux's `asm-generic/errno-base.h`.
    #[must_use]
    pub const fn number(self) -> i32 {
        match self {
            Self::Eperm => 1,
            Self::Eagain => 11,
            Self::Enomem => 12,
            Self::Efault => 14,
            Self::Eexist => 17,
            Self::Einval => 22,
        }
    }

    /// The symbol, such as `EPERM`.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Eperm => "EPERM",
            Self::Eagain => "EAGAIN",
            Self::Enomem => "ENOMEM",
            Self::Efault => "EFAULT",
            Self::Eexist => "EEXIST",
            Self::Einval => "EINVAL",
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

/// `PROT_READ` and `PROT_WRITE`. Executable memory behaves as readable memory
/// here, but for execute-only pages under protection keys, which are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Protection {
    /// `PROT_READ`.
    pub read: bool,
    /// `PROT_WRITE`.
    pub write: bool,
}

impl Protection {
    /// `PROT_NONE`.
    pub const NONE: Self = Self {
        read: false,
        write: false,
    };
    /// `PROT_READ`.
    pub const READ: Self = Self {
        read: true,
        write: false,
    };
    /// `PROT_WRITE` alone.
    pub const WRITE: Self = Self {
        read: false,
        write: true,
    };
    /// `PROT_READ | PROT_WRITE`.
    pub const READ_WRITE: Self = Self {
        read: true,
        write: true,
    };

    /// Anything but `PROT_NONE`.
    #[must_use]
    pub const fn accessible(self) -> bool {
        self.read || self.write
    }
}

/// A file that mappings share: its pages stay in the page cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId(pub usize);

/// What a mapping is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Private anonymous memory.
    Anonymous,
    /// `MAP_DROPPABLE` (Linux 6.11): may vanish under pressure, never locked.
    Droppable,
    /// A file in memory; pages at or past its end fault.
    File {
        /// Which file.
        file: FileId,
        /// The file's page at which the mapping begins.
        offset: u64,
        /// `MAP_SHARED`.
        shared: bool,
    },
    /// `memfd_secret`, always shared.
    Secret {
        /// Which file.
        file: FileId,
        /// The file's page at which the mapping begins.
        offset: u64,
    },
    /// `MAP_HUGETLB | MAP_HUGE_2MB | MAP_NORESERVE` while the pool is empty, so
    /// that every fault fails.
    HugeTlb,
    /// A mapping of the kernel's own (`VM_IO`, `VM_PFNMAP`, `VM_DONTEXPAND`,
    /// `VM_MIXEDMAP`), such as the vdso.
    Special,
    /// Mapped before the model began to look: lockable, its pages unknown.
    Existing,
}

impl Kind {
    /// The same mapping `pages` further on.
    pub(super) fn shifted(self, pages: u64) -> Self {
        match self {
            Self::File {
                file,
                offset,
                shared,
            } => Self::File {
                file,
                offset: offset + pages,
                shared,
            },
            Self::Secret { file, offset } => Self::Secret {
                file,
                offset: offset + pages,
            },
            other => other,
        }
    }

    /// `VM_SHARED`.
    pub(super) const fn is_shared(self) -> bool {
        matches!(self, Self::File { shared: true, .. } | Self::Secret { .. })
    }
}

/// The lock flags of a mapping, as `VmFlags` in smaps shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Lock {
    /// Neither `lo` nor `lf`.
    #[default]
    Unlocked,
    /// `lo` (`VM_LOCKED`).
    Locked,
    /// `lo lf` (`VM_LOCKED | VM_LOCKONFAULT`).
    OnFault,
}

impl Lock {
    /// Whether `lo` is set.
    #[must_use]
    pub const fn is_locked(self) -> bool {
        !matches!(self, Self::Unlocked)
    }
}

/// `RLIMIT_MEMLOCK` in bytes; `u64::MAX` is `RLIM_INFINITY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limit {
    /// What the kernel enforces.
    pub soft: u64,
    /// How far the process may raise the soft limit.
    pub hard: u64,
}

/// The advice of `madvise` to which locking matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Advice {
    /// `MADV_DONTNEED`: drop the pages; refused where locked.
    DontNeed,
    /// `MADV_DONTNEED_LOCKED` (Linux 5.18): drop them even where locked.
    DontNeedLocked,
    /// `MADV_FREE`: may be dropped; refused where locked or not anonymous.
    Free,
    /// `MADV_COLD`: first to go; refused where locked.
    Cold,
    /// `MADV_PAGEOUT`: swap out now; refused where locked.
    PageOut,
    /// `MADV_POPULATE_READ` (Linux 5.14): fault in for reading.
    PopulateRead,
    /// `MADV_POPULATE_WRITE` (Linux 5.14): fault in for writing.
    PopulateWrite,
}

impl Advice {
    /// Every modelled advice.
    pub const ALL: [Self; 7] = [
        Self::DontNeed,
        Self::DontNeedLocked,
        Self::Free,
        Self::Cold,
        Self::PageOut,
        Self::PopulateRead,
        Self::PopulateWrite,
    ];
}
