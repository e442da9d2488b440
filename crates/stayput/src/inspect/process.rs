//! Whose memory, and where the kernel tells about it.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

/// Whose memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Process {
    /// The calling process.
    Current,
    /// The process with this number.
    Id(u32),
}

impl Process {
    pub(super) fn open(self, file: &str) -> io::Result<File> {
        self.listed().and_then(|()| File::open(self.path(file)))
    }

    pub(super) fn read(self, file: &str) -> io::Result<String> {
        self.listed()
            .and_then(|()| fs::read_to_string(self.path(file)))
    }

    pub(super) fn entries(self, dir: &str) -> io::Result<fs::ReadDir> {
        self.listed().and_then(|()| fs::read_dir(self.path(dir)))
    }

    /// Under Wine `/proc/self` would be the server's, and nothing would say so. Numbers
    /// there are the host's.
    fn listed(self) -> io::Result<()> {
        if self == Self::Current && !stayput_sys::process::HAS_PROC {
            let message = format!(
                "{} does not list a process's mappings",
                std::env::consts::OS
            );
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        Ok(())
    }

    fn path(self, file: &str) -> PathBuf {
        match self {
            Self::Current => format!("/proc/self/{file}"),
            Self::Id(id) => format!("/proc/{id}/{file}"),
        }
        .into()
    }
}

/// `  12 kB` in bytes.
pub(super) fn kibibytes(value: &str) -> Option<u64> {
    value
        .trim()
        .strip_suffix(" kB")?
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}
