//! Why no file took the place of memory that can't be locked.

use std::fmt;
use std::io;

/// What is wrong with the directory of [`Policy::FileBacked`](super::Policy).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileProblem {
    /// It does not exist.
    Missing,
    /// It is no directory.
    NotADirectory,
    /// This user may not create files there.
    NotWritable,
    /// Its file system is mounted read-only.
    ReadOnly,
    /// Its file system is full, or the user's quota there is used up.
    NoSpace,
    /// The process may not write a file of that size (`RLIMIT_FSIZE`).
    TooLarge,
    /// It lies in memory (Linux's tmpfs), whose pages go to swap as any others do.
    InMemory,
    /// This platform maps no files in place of memory.
    Unsupported,
    /// Something else; the error number tells.
    Other,
}

impl FileProblem {
    pub(crate) fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::NotADirectory => Self::NotADirectory,
            io::ErrorKind::PermissionDenied => Self::NotWritable,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace,
            io::ErrorKind::FileTooLarge => Self::TooLarge,
            io::ErrorKind::InvalidInput if error.raw_os_error().is_none() => Self::InMemory,
            io::ErrorKind::Unsupported => Self::Unsupported,
            _ => Self::Other,
        }
    }

    /// What to do, after "for that directory, ".
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Missing | Self::NotADirectory => "create it or name another",
            Self::NotWritable | Self::ReadOnly => "make it writable for this user or name another",
            Self::NoSpace => "free space or name another",
            Self::TooLarge => "raise RLIMIT_FSIZE (`ulimit -f`) or ask for less",
            Self::InMemory => "name one on a disk",
            Self::Unsupported | Self::Other => "name one on an ordinary file system",
        }
    }

    pub(super) fn kind(self) -> io::ErrorKind {
        match self {
            Self::Missing => io::ErrorKind::NotFound,
            Self::NotADirectory => io::ErrorKind::NotADirectory,
            Self::NotWritable => io::ErrorKind::PermissionDenied,
            Self::ReadOnly => io::ErrorKind::ReadOnlyFilesystem,
            Self::NoSpace => io::ErrorKind::StorageFull,
            Self::TooLarge => io::ErrorKind::FileTooLarge,
            Self::InMemory => io::ErrorKind::InvalidInput,
            Self::Unsupported => io::ErrorKind::Unsupported,
            Self::Other => io::ErrorKind::Other,
        }
    }
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "it does not exist",
            Self::NotADirectory => "it is no directory",
            Self::NotWritable => "this user may not create files there",
            Self::ReadOnly => "its file system is read-only",
            Self::NoSpace => "its file system is full, or the quota there used up",
            Self::TooLarge => "the process may not write a file of that size (RLIMIT_FSIZE)",
            Self::InMemory => "it lies in memory (tmpfs), whose pages go to swap as any others do",
            Self::Unsupported => "this platform maps no files in place of memory",
            Self::Other => "the system refused",
        })
    }
}
