//! One number for a whole process.

use super::process::{Process, kibibytes};
use std::io;

/// Bytes that a process has locked (`VmLck`).
///
/// # Errors
/// `NotFound` where there is no such process or no `/proc`; `InvalidData` where
/// the file does not read like one.
pub fn locked_bytes(process: Process) -> io::Result<u64> {
    let status = process.read("status")?;
    status
        .lines()
        .find_map(|line| kibibytes(line.strip_prefix("VmLck:")?))
        .ok_or_else(|| malformed("a VmLck line in /proc/PID/status", &status))
}

/// Bytes that a process has mapped, touched or not (`VmSize`, the kernel's
/// `total_vm`): what `mlockall` compares with the limit.
///
/// # Errors
/// As [`locked_bytes`].
pub fn total_bytes(process: Process) -> io::Result<u64> {
    let statm = process.read("statm")?;
    statm
        .split(' ')
        .next()
        .and_then(|pages| pages.parse::<u64>().ok())
        .and_then(|pages| pages.checked_mul(stayput_sys::page_size() as u64))
        .ok_or_else(|| malformed("a number of pages in /proc/PID/statm", &statm))
}

fn malformed(expected: &str, found: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("expected {expected}, found {found:?}"),
    )
}
