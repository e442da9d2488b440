//! One number for a whole process.

use super::process::{Process, kibibytes};
use std::io;

/// Bytes that a process has locked (`VmLck`).
///
/// # Errors
/// `NotFound` where there is no such process or no `/proc`; `InvalidData` where
/// the file does not read like one.
pub fn locked_bytes(process: Process) -> io::Result<u64> {
    in_status(process, "VmLck:")
}

/// Bytes that a process has mapped, touched or not (`VmSize`, the kernel's
/// `total_vm`): what `mlockall` compares with the limit.
///
/// # Errors
/// As [`locked_bytes`].
pub fn total_bytes(process: Process) -> io::Result<u64> {
    in_status(process, "VmSize:")
}

/// In bytes: the file has kB, whatever the page size.
fn in_status(process: Process, name: &str) -> io::Result<u64> {
    let status = process.read("status")?;
    status
        .lines()
        .find_map(|line| kibibytes(line.strip_prefix(name)?))
        .ok_or_else(|| malformed(&format!("a {name} line in /proc/PID/status"), &status))
}

fn malformed(expected: &str, found: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("expected {expected}, found {found:?}"),
    )
}
