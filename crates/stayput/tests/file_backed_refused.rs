//! The file tier where its directory is of no use: an error that names the directory,
//! what is wrong with it, why the lock was refused, and what to do.
//!
//! Not on Windows: the file tier is for Unixes, and a lock can't be refused there.
#![cfg(unix)]

#[path = "support/disk.rs"]
mod disk;
#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;
#[path = "support/residue.rs"]
mod residue;
#[path = "support/seccomp.rs"]
mod seccomp;

use disk::Disk;
use own_process::{Setup, is_root, own_process};
use seccomp::refuse;
use stayput::limits::{Cause, FileProblem};
use stayput::page::LockedPages;
use stayput::{LockError, Policy, Pool};
use std::fs;
use std::path::Path;

fn backed(dir: &Path) -> Policy {
    Policy::FileBacked { dir: dir.into() }
}

fn refuse_locks() {
    refuse(libc::SYS_mlock, libc::EPERM);
}

/// Pages and pools fail alike.
fn assert_refused(len: usize, dir: &Path, expected: FileProblem, says: &str) {
    let pool = Pool::builder().policy(backed(dir)).build();
    for error in [
        LockedPages::with_policy(len, backed(dir)).expect_err("of no use"),
        pool.block(len).expect_err("of no use"),
    ] {
        assert_named(&error, dir, expected, says);
    }
    assert_eq!((pool.stats().total, pool.stats().errors_in_drop), (0, 0));
    drop(pool);
}

fn assert_named(error: &LockError, dir: &Path, expected: FileProblem, says: &str) {
    let Cause::NoBackingFile {
        dir: named,
        problem,
        refused,
    } = error.cause()
    else {
        panic!("{error}");
    };
    assert_eq!((named.as_path(), *problem), (dir, expected), "{error}");
    assert_eq!(**refused, Cause::Seccomp);
    let text = error.to_string();
    for part in [
        dir.to_str().expect("UTF-8"),
        says,
        "seccomp",
        "Remedy: for ",
    ] {
        assert!(text.contains(part), "{part:?} not in {text:?}");
    }
}

#[test]
fn a_directory_that_is_missing_a_file_or_in_memory() {
    const NAME: &str = "a_directory_that_is_missing_a_file_or_in_memory";
    if !seccomp::works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        refuse_locks();
        let here = std::env::current_dir().expect("a directory");
        let (missing, file) = (here.join("missing"), here.join("file"));
        fs::write(&file, "").expect("one's own scratch");
        assert_refused(100, &missing, FileProblem::Missing, "does not exist");
        assert_refused(100, &file, FileProblem::NotADirectory, "no directory");
        if Path::new("/dev/shm").is_dir() {
            let memory = Path::new("/dev/shm");
            assert_refused(100, memory, FileProblem::InMemory, "tmpfs");
        }
    });
}

#[test]
fn a_directory_that_is_not_writable() {
    const NAME: &str = "a_directory_that_is_not_writable";
    if !is_root(NAME) {
        return;
    }
    if !seccomp::works(NAME) {
        return;
    }
    own_process(NAME, Setup::new().nobody(), || {
        refuse_locks();
        let dir = Path::new("/etc");
        assert_refused(100, dir, FileProblem::NotWritable, "may not create files");
    });
}

#[test]
fn a_disk_that_is_full_or_read_only() {
    const NAME: &str = "a_disk_that_is_full_or_read_only";
    if !seccomp::works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        let Some(disk) = Disk::mount(NAME, 8) else {
            return;
        };
        refuse_locks();
        let (len, before) = (64 << 20, disk.free());
        assert_refused(len, &disk.dir, FileProblem::NoSpace, "full");
        assert_eq!(disk.free(), before, "what fitted is given back");
        // Growth that is refused leaves what was there usable.
        let pool = Pool::builder().policy(backed(&disk.dir)).build();
        let mut blocks = Vec::new();
        let error = loop {
            match pool.block(100_000) {
                Ok(mut block) => {
                    block.as_mut_slice().fill(7);
                    blocks.push(block);
                }
                Err(error) => break error,
            }
        };
        assert_named(&error, &disk.dir, FileProblem::NoSpace, "full");
        assert!(!blocks.is_empty());
        let sevens = |block: &stayput::pool::Block| block.as_slice().iter().all(|&it| it == 7);
        assert!(blocks.iter().all(sevens));
        drop(blocks);
        assert_eq!(pool.stats().errors_in_drop, 0);
        drop(pool);
        assert_eq!(disk.free(), before);
        disk.make_read_only();
        assert_refused(100, &disk.dir, FileProblem::ReadOnly, "read-only");
    });
}

#[test]
fn a_file_larger_than_the_process_may_write() {
    const NAME: &str = "a_file_larger_than_the_process_may_write";
    if !seccomp::works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        refuse_locks();
        let limit = libc::rlimit {
            rlim_cur: 8192,
            rlim_max: 8192,
        };
        // SAFETY: `limit` is live; the process is its own.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_FSIZE, &limit) }, 0);
        let here = std::env::current_dir().expect("a directory");
        assert_refused(8193, &here, FileProblem::TooLarge, "RLIMIT_FSIZE");
    });
}

#[test]
fn the_warning_names_the_directory() {
    let warning = backed(Path::new("/var/lib/keys")).warning();
    assert!(warning.is_some_and(|text| text.contains("/var/lib/keys")));
    for policy in [Policy::Require, Policy::Prefer, Policy::Off] {
        assert_eq!(policy.warning(), None);
    }
}
