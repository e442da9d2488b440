//! What `stayput run` does to programs, seen from outside them and from inside.

#[path = "../support/probe.rs"]
mod probe;
#[path = "../support/run.rs"]
mod run;

mod locking;
mod passing;
mod refusals;

use assert_cmd::cargo::cargo_bin;
pub(crate) use run::library;
use run::{copy_for_everybody, open_to_everybody, output};
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `stayput run WORDS...`
pub(crate) fn stayput_run(words: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin("stayput"));
    command
        .env("STAYPUT_PRELOAD", library())
        .arg("run")
        .args(words);
    command
}

/// As [`stayput_run`], without any privilege and with this limit, soft and hard.
pub(crate) fn unprivileged(limit: &str, program: &Path, words: &[&str]) -> Command {
    let mut command = Command::new("prlimit");
    command
        .arg(format!("--memlock={limit}"))
        .arg("setpriv")
        .args([
            "--reuid=65534",
            "--clear-groups",
            "--inh-caps=-all",
            "--bounding-set=-all",
        ]);
    command.arg(program).arg("run").args(words).current_dir("/");
    command
}

/// `stayput` and its library where every user may run them.
pub(crate) struct Installed {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) program: PathBuf,
}

pub(crate) fn installed() -> Installed {
    let dir = tempfile::tempdir().expect("a directory");
    open_to_everybody(dir.path());
    let program = dir.path().join("stayput");
    copy_for_everybody(&program);
    let library = library();
    fs::copy(&library, dir.path().join("libstayput.so")).expect("a library");
    Installed { dir, program }
}

/// Expects `run` to refuse, in words, before the program has done anything.
pub(crate) fn assert_refused(command: &mut Command, code: i32, parts: &[&str]) {
    let (stdout, stderr, found) = output(command);
    assert_eq!((found, stdout.as_str()), (Some(code), ""), "{stderr}");
    for part in parts {
        assert!(stderr.contains(part), "no {part:?} in {stderr}");
    }
}

/// `setcap cap_ipc_lock=+ep FILE`; false where the file system has no place for it.
pub(crate) fn give_ipc_lock(test: &str, file: &Path) -> bool {
    // struct vfs_cap_data, linux/capability.h: revision 2, effective; permitted and
    // inheritable, low and high.
    let words: [u32; 5] = [0x0200_0001, 1 << 14, 0, 0, 0];
    let value: Vec<u8> = words.into_iter().flat_map(u32::to_le_bytes).collect();
    let path = CString::new(file.as_os_str().as_bytes()).expect("no NUL");
    let (name, data) = (c"security.capability", value.as_ptr().cast());
    // SAFETY: both strings end in NUL and the value has as many bytes.
    let set = unsafe { libc::setxattr(path.as_ptr(), name.as_ptr(), data, value.len(), 0) };
    if set != 0 {
        eprintln!("SKIPPED {test}: {}", std::io::Error::last_os_error());
    }
    set == 0
}

/// Whether the test may lock what it likes, and drop that privilege; says so if not.
pub(crate) fn may_lock(test: &str) -> bool {
    const CAP_IPC_LOCK: u32 = 14; // linux/capability.h
    let status = fs::read_to_string("/proc/self/status").expect("one's own");
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let effective = u64::from_str_radix(effective.expect("a line").trim(), 16).expect("a set");
    let holds = effective >> CAP_IPC_LOCK & 1 == 1;
    if !holds {
        eprintln!("SKIPPED {test}: needs CAP_IPC_LOCK");
    }
    holds && run::is_root(test)
}

/// The one child of a process.
pub(crate) fn child(id: u32) -> u32 {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
    children
        .expect("a process")
        .trim()
        .parse()
        .expect("one child")
}
