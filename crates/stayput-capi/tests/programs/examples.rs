//! The examples run, and their keys are locked.

use crate::compiler::{cc, here, linked, succeed, workshop};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const KEY: &[u8; 32] = b"a key of exactly thirty-two byte";

/// A file for an example to read.
fn file(directory: &Path, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, content).expect("own directory");
    path
}

/// Compiles an example.
fn example(path: &str, more: &[&str]) -> PathBuf {
    let source = here("examples").join(path);
    let program = workshop().join(path.replace(['/', '.'], "-"));
    let standard = ["-std=c11", "-D_GNU_SOURCE"];
    succeed(linked(cc().args(standard), &source, &program).args(more));
    program
}

#[test]
fn a_key_is_loaded_from_pem() {
    let directory = tempfile::tempdir().expect("a directory");
    // "a key of exactly thirty-two byte", and a second line.
    let pem = "-----BEGIN PRIVATE KEY-----\n\
               YSBrZXkgb2YgZXhhY3RseSB0\naGlydHktdHdvIGJ5dGU=\n\
               -----END PRIVATE KEY-----\n";
    let pem = file(directory.path(), "key.pem", pem);
    let said = succeed(Command::new(example("pem/load_key.c", &[])).arg(pem));
    let sum = KEY.iter().fold(0u32, |sum, &byte| {
        sum.wrapping_mul(31).wrapping_add(u32::from(byte))
    });
    assert_eq!(said, format!("DER: 32 bytes, checksum {sum}, locked\n"));
}

#[test]
fn standard_c_is_enough() {
    let said = succeed(&mut Command::new(example("portable.c", &[])));
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[..2], ["equal: yes", "locked: yes"]);
    assert!(lines[2].starts_with("too much: ") && lines.len() == 3);
}

#[test]
fn python_by_ctypes() {
    let version = Command::new("python3").arg("--version").output();
    if !version.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED python_by_ctypes: there is no python3");
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let key = file(directory.path(), "key", KEY);
    let mut python = Command::new("python3");
    python
        .arg("-B")
        .arg(here("examples/python/secret.py"))
        .arg(key);
    let said = succeed(python.env("STAYPUT_LIBRARY", workshop().join("libstayput.so.0")));
    let sum: u32 = KEY.iter().map(|&byte| u32::from(byte)).sum();
    assert_eq!(said, format!("32 bytes, checksum {sum}\nlocked\nwiped\n"));
}

#[test]
fn a_program_is_moved_over_from_libsodium() {
    let found = Command::new("pkg-config")
        .args(["--exists", "libsodium"])
        .status();
    if !found.is_ok_and(|status| status.success()) {
        eprintln!(
            "SKIPPED a_program_is_moved_over_from_libsodium: there is no libsodium (Debian: \
             apt-get install libsodium-dev pkg-config)"
        );
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let key = file(directory.path(), "key", KEY);
    let run = |source: &str| succeed(Command::new(example(source, &["-lsodium"])).arg(&key));
    for source in ["libsodium/before.c", "libsodium/after.c"] {
        assert_eq!(run(source), "opened: hello\nkey: locked\n", "{source}");
    }
}
