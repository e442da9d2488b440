//! Running `stayput` as its users do.

#![allow(dead_code, reason = "each test file uses what it needs")]

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// One swap experiment at a time on the whole machine. Locks a directory that is
/// there anyway, so that no lock file stays.
pub(crate) fn alone() -> File {
    let lock = File::open(std::env::temp_dir()).expect("a directory for temporary files");
    // SAFETY: the descriptor is live; the lock goes with it.
    let locked = unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_EX) };
    assert_eq!(locked, 0, "{}", std::io::Error::last_os_error());
    lock
}

/// Whether the test may do what only root may; says so if not.
pub(crate) fn is_root(test: &str) -> bool {
    // SAFETY: has no preconditions.
    let root = unsafe { libc::geteuid() } == 0;
    if !root {
        eprintln!("SKIPPED {test}: needs root");
    }
    root
}

pub(crate) fn stayput() -> Command {
    Command::new(cargo_bin("stayput"))
}

/// The C library as cargo built it for these tests.
pub(crate) fn library() -> PathBuf {
    let path = cargo_bin("stayput")
        .with_file_name("deps")
        .join("libstayput_capi.so");
    assert!(
        path.exists(),
        "{}: built as a dependency of the tests",
        path.display()
    );
    path
}

/// `stayput prove`, which finds that library.
pub(crate) fn prove() -> Command {
    let mut command = stayput();
    command.env("STAYPUT_PRELOAD", library()).arg("prove");
    command
}

/// Makes `copy` a copy of `stayput` that every user may run. By `cp`: a file that
/// this process writes is busy while any fork of it lives.
pub(crate) fn copy_for_everybody(copy: &Path) {
    let copied = Command::new("cp")
        .arg(cargo_bin("stayput"))
        .arg(copy)
        .status();
    assert!(copied.expect("cp runs").success());
    open_to_everybody(copy);
}

/// Lets every user read a file or directory of ours, and run or enter it.
pub(crate) fn open_to_everybody(path: &Path) {
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, mode).expect("our own");
}

/// Runs to the end; what it wrote where, and its exit code.
pub(crate) fn output(command: &mut Command) -> (String, String, Option<i32>) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the command runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (text(stdout), text(stderr), status.code())
}

/// Runs `prove` with JSON as its output.
pub(crate) fn report(command: &mut Command) -> (Value, Option<i32>) {
    let (stdout, stderr, code) = output(command.args(["--format", "json"]));
    let report = serde_json::from_str(&stdout);
    (
        report.unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}")),
        code,
    )
}

/// The cells of a report for which a field has this value.
pub(crate) fn cells<'a>(
    report: &'a Value,
    field: &'a str,
    value: &'a str,
) -> impl Iterator<Item = &'a Value> {
    let cells = report["cells"].as_array().expect("cells");
    cells.iter().filter(move |cell| cell[field] == value)
}
