//! What protects a value, and what does not.

use std::fmt;

/// Whether one protection holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// It holds.
    Yes,
    /// It does not, for the reason given.
    No(&'static str),
    /// It has no meaning for this kind of memory, or on this system.
    NotApplicable,
}

impl Status {
    /// Whether the protection holds.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes => f.write_str("yes"),
            Self::No(reason) => write!(f, "no ({reason})"),
            Self::NotApplicable => f.write_str("not applicable"),
        }
    }
}

/// The protections of one value, as far as the system granted them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Protection {
    /// Kept in memory: never written to swap.
    pub locked: Status,
    /// Left out of core dumps that the kernel writes.
    pub dump_excluded: Status,
    /// A fork child finds zeros, or nothing at all.
    pub fork: Status,
    /// Inaccessible pages before and behind.
    pub guarded: Status,
    /// Not mapped by the kernel itself: readers with root's rights get nothing.
    pub kernel_unmapped: Status,
    /// Backed by a file on disk ([`Policy::FileBacked`](super::Policy)): what is written
    /// there reaches the disk.
    pub file_backed: Status,
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "locked: {}, dump excluded: {}, fork: {}, guarded: {}, kernel unmapped: {}, \
             file backed: {}",
            self.locked,
            self.dump_excluded,
            self.fork,
            self.guarded,
            self.kernel_unmapped,
            self.file_backed
        )
    }
}
