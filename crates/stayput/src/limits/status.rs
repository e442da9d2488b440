//! What `/proc` says of a thread or process about its rights.

use std::fs::{self, File};
use std::io;
use std::os::raw::c_ulong;

/// The lines of a `status` file.
pub(super) struct Status(String);

impl Status {
    /// Of the calling thread: capabilities and filters are each thread's own.
    /// Empty where there is no `/proc`.
    pub(super) fn of_thread() -> Self {
        Self(read_own("thread-self/status").unwrap_or_default())
    }

    /// Of the first thread of a process.
    pub(super) fn of(pid: u32) -> io::Result<Self> {
        fs::read_to_string(format!("/proc/{pid}/status")).map(Self)
    }

    /// The value of a `Name:\tvalue` line.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.0
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
            .map(str::trim)
    }

    /// A `Name:\t12 kB` line in bytes.
    pub(super) fn bytes(&self, name: &str) -> Option<u64> {
        let kibibytes = self.field(name)?.strip_suffix(" kB")?;
        kibibytes.trim().parse::<u64>().ok()?.checked_mul(1024)
    }

    /// Whether a set of capabilities holds `CAP_IPC_LOCK`.
    pub(super) fn has_ipc_lock(&self, set: &str) -> Option<bool> {
        const CAP_IPC_LOCK: u32 = 14; // linux/capability.h
        let set = u64::from_str_radix(self.field(set)?, 16).ok()?;
        Some(set >> CAP_IPC_LOCK & 1 == 1)
    }
}

/// The text of a file under `/proc` that tells about this process.
pub(super) fn read_own(file: &str) -> io::Result<String> {
    io::read_to_string(open_own(file)?)
}

/// A file under `/proc` that tells about this process.
pub(super) fn open_own(file: &str) -> io::Result<File> {
    if !stayput_sys::process::HAS_PROC {
        return Err(io::ErrorKind::Unsupported.into());
    }
    File::open(format!("/proc/{file}"))
}

/// The kernel asks for the capability in the initial user namespace only.
/// `None` where one may not look.
pub(super) fn in_initial_user_namespace(process: &str) -> Option<bool> {
    const PROC_USER_INIT_INO: c_ulong = 0xEFFF_FFFD; // include/linux/proc_ns.h
    if !stayput_sys::process::HAS_PROC {
        return None;
    }
    match fs::read_link(format!("/proc/{process}/ns/user")) {
        Ok(link) => Some(link.to_string_lossy() == format!("user:[{PROC_USER_INIT_INO}]")),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => None,
        // No user namespaces in this kernel, or no /proc: nothing restricts.
        Err(_) => Some(true),
    }
}

#[cfg(test)]
impl From<&str> for Status {
    fn from(lines: &str) -> Self {
        Self(lines.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read() {
        let status: Status =
            "Name:\tx\nVmLck:\t      64 kB\nCapEff:\t0000000000004000\nSeccomp:\t2\n".into();
        assert_eq!(status.bytes("VmLck"), Some(65536));
        assert_eq!(status.field("Seccomp"), Some("2"));
        assert_eq!(status.has_ipc_lock("CapEff"), Some(true));
        assert_eq!(status.has_ipc_lock("CapBnd"), None);
        assert_eq!(status.field("Sec"), None);
    }
}
