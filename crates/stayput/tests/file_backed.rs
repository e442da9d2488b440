//! The file tier: where locks are refused, and only there, memory is a file's, which
//! is on the disk while its owner lives and overwritten there afterwards.
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
use observe::{in_fork_child, locked, mapping_at};
use own_process::{Setup, own_process};
use residue::{TEXT, byte};
use seccomp::{refuse, refuse_bits_of};
use stayput::inspect::Flag;
use stayput::limits::{Cause, Status};
use stayput::page::LockedPages;
use stayput::{Guarded, Policy, Pool, Protection, Secret, SecretBytes, SecretString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

type Key = Secret<[u8; TEXT]>;

fn backed(dir: &Path) -> Policy {
    Policy::FileBacked { dir: dir.into() }
}

fn pool_in(dir: &Path) -> Pool {
    Pool::builder().policy(backed(dir)).build()
}

/// The text of `seed`, byte by byte into its place.
fn write(seed: u64, place: &mut [u8]) {
    for (at, place) in place.iter_mut().take(TEXT).enumerate() {
        *place = byte(seed, at);
    }
}

fn key(seed: u64, pool: &Pool) -> Key {
    Key::try_init_with_in(|place| write(seed, place), pool).expect("a file")
}

fn refuse_locks() {
    refuse(libc::SYS_mlock, libc::EPERM);
}

/// Runs the test's `body` in a process of its own with a disk of its own.
fn on_a_disk(name: &str, body: impl FnOnce(Disk)) {
    if !seccomp::works(name) {
        return;
    }
    own_process(name, Setup::new(), || {
        if let Some(disk) = Disk::mount(name, 32) {
            body(disk);
        }
    });
}

/// The same, with locks refused from the start.
fn on_a_disk_without_locks(name: &str, body: impl FnOnce(Disk)) {
    on_a_disk(name, |disk| {
        refuse_locks();
        body(disk);
    });
}

/// What is reported is what the kernel lists.
fn assert_file_backed(protection: Protection, address: *const u8) {
    let refused = Status::No("the system refused the lock");
    assert_eq!(protection.locked, refused);
    for held in [
        protection.file_backed,
        protection.dump_excluded,
        protection.fork,
        protection.guarded,
    ] {
        assert_eq!(held, Status::Yes, "{protection}");
    }
    let mapping = mapping_at(address);
    for flag in [Flag::Shared, Flag::DontDump, Flag::DontFork] {
        assert!(mapping.has(flag), "{mapping:?}");
    }
    assert!(!mapping.has(Flag::Locked), "{mapping:?}");
    assert_eq!(locked(), 0);
    let link = format!("/proc/self/map_files/{:x}-{:x}", mapping.start, mapping.end);
    let file = fs::metadata(link).expect("root may look");
    assert_eq!((file.mode() & 0o7777, file.nlink()), (0o600, 0));
}

#[test]
fn each_kind_is_on_the_disk_while_it_lives_and_not_afterwards() {
    let name = "each_kind_is_on_the_disk_while_it_lives_and_not_afterwards";
    on_a_disk_without_locks(name, |disk| {
        let (policy, pool) = (backed(&disk.dir), pool_in(&disk.dir));
        let mut pages = LockedPages::with_policy(10_000, policy.clone()).expect("a file");
        write(0, pages.as_mut_slice());
        let key = key(1, &pool);
        let bytes = SecretBytes::try_init_with_in(70_000, |place| write(2, place), &pool);
        let bytes = bytes.expect("a file");
        let mut text = (0..TEXT)
            .map(|at| char::from(byte(3, at)))
            .collect::<String>();
        let text = SecretString::take_from_in(&mut text, &pool).expect("a file");
        let fill = |place: &mut [u8; TEXT]| write(4, place);
        let guarded = Guarded::try_init_with_policy(policy, fill).expect("a file");
        // A control: whose blocks are given up as they are.
        let ordinary = disk.dir.join("ordinary");
        let control = (0..TEXT).map(|at| byte(5, at)).collect::<Vec<u8>>();
        fs::write(&ordinary, control).expect("room");

        assert_file_backed(pages.protection(), pages.as_slice().as_ptr());
        assert_file_backed(key.protection(), key.expose().as_ptr());
        assert_file_backed(bytes.protection(), bytes.expose().as_ptr());
        assert_file_backed(text.protection(), text.expose().as_ptr());
        let exposed = guarded.expose().expect("readable");
        assert_file_backed(guarded.protection(), exposed.as_ptr());
        drop(exposed);
        assert_eq!((pool.stats().locked, pool.stats().errors_in_drop), (0, 0));
        assert_eq!(pool.verify().expect("own smaps"), []);

        disk.settle();
        assert_eq!([0, 1, 2, 3, 4, 5].map(|seed| disk.found(seed)), [1; 6]);
        fs::remove_file(ordinary).expect("ours");
        assert!(disk.is_empty(), "no names");
        // The pool stays: what comes back to it is overwritten at once.
        drop((pages, key, bytes, text, guarded));
        let found = [0, 1, 2, 3, 4, 5].map(|seed| disk.found(seed));
        assert_eq!(found, [0, 0, 0, 0, 0, 1], "the last is the control");
        assert_eq!(pool.stats().errors_in_drop, 0);
        // Given up, the blocks are free; and the control has been there to be found.
        let before = disk.free();
        drop(pool);
        assert!(disk.free() > before);
        assert_eq!([0, 1, 2, 3, 4].map(|seed| disk.found(seed)), [0; 5]);
    });
}

#[test]
fn under_require_the_refusal_is_an_error_and_nothing_reaches_the_disk() {
    let name = "under_require_the_refusal_is_an_error_and_nothing_reaches_the_disk";
    on_a_disk_without_locks(name, |disk| {
        let before = disk.free();
        let errors = [
            LockedPages::new(10_000).expect_err("refused"),
            Key::try_init_with(|place| write(0, place)).expect_err("refused"),
            Guarded::try_init_with(|place: &mut [u8; TEXT]| write(0, place)).expect_err("refused"),
        ];
        for error in errors {
            assert_eq!(*error.cause(), Cause::Seccomp);
        }
        disk.settle();
        assert_eq!((disk.found(0), disk.free()), (0, before));
    });
}

#[test]
fn where_locks_work_no_file_is_made() {
    let nowhere = Path::new("/nonexistent");
    let pages = LockedPages::with_policy(10_000, backed(nowhere)).expect("locked");
    let key = key(0, &pool_in(nowhere));
    for (protection, address) in [
        (pages.protection(), pages.as_slice().as_ptr()),
        (key.protection(), key.expose().as_ptr()),
    ] {
        assert!(protection.locked.is_yes() && !protection.file_backed.is_yes());
        assert!(mapping_at(address).has(Flag::Locked));
    }
}

#[test]
fn earlier_secrets_stay_locked_and_each_is_reported_as_it_is() {
    let name = "earlier_secrets_stay_locked_and_each_is_reported_as_it_is";
    on_a_disk(name, |disk| {
        let pool = pool_in(&disk.dir);
        let first = key(1, &pool);
        let held = locked();
        refuse_locks();
        let many = (0..500).map(|_| pool.block(1000).expect("a file"));
        let many = many.collect::<Vec<_>>();
        let in_files = |block: &&stayput::pool::Block| {
            let mapping = mapping_at(block.as_slice().as_ptr());
            let protection = block.protection();
            assert_eq!(mapping.has(Flag::Locked), protection.locked.is_yes());
            assert_eq!(mapping.has(Flag::Shared), protection.file_backed.is_yes());
            protection.file_backed.is_yes()
        };
        assert!(many.iter().filter(in_files).count() > 400);
        assert!(first.protection().locked.is_yes() && held > 0);
        assert_eq!((locked(), pool.stats().locked as u64), (held, held));
        drop(many);
        assert!(pool.trim() > 0);
        assert_eq!(pool.stats().errors_in_drop, 0);
        disk.settle();
        assert_eq!(disk.found(1), 0, "a locked one never gets there");
    });
}

#[test]
fn a_file_system_without_nameless_files_gets_one_whose_name_is_removed() {
    let name = "a_file_system_without_nameless_files_gets_one_whose_name_is_removed";
    on_a_disk_without_locks(name, |disk| {
        let nameless = libc::O_TMPFILE.unsigned_abs();
        refuse_bits_of(2, libc::SYS_openat, nameless, libc::EOPNOTSUPP);
        // A name that a process of this number left behind.
        let taken = disk.dir.join(format!(".stayput-{}-0", std::process::id()));
        fs::write(&taken, "not ours").expect("room");
        let key = key(0, &pool_in(&disk.dir));
        assert_file_backed(key.protection(), key.expose().as_ptr());
        assert_eq!(fs::read(&taken).expect("still there"), b"not ours");
        fs::remove_file(taken).expect("ours");
        assert!(disk.is_empty());
    });
}

#[test]
fn a_fork_child_has_none_of_it_and_touches_nothing() {
    let name = "a_fork_child_has_none_of_it_and_touches_nothing";
    on_a_disk_without_locks(name, |disk| {
        let (policy, pool) = (backed(&disk.dir), pool_in(&disk.dir));
        let ours = key(0, &pool);
        let mut pages = LockedPages::with_policy(10_000, policy.clone()).expect("a file");
        write(1, pages.as_mut_slice());
        let fill = |place: &mut [u8; TEXT]| write(2, place);
        let guarded = Guarded::try_init_with_policy(policy, fill).expect("a file");
        for address in [ours.expose().as_ptr(), pages.as_slice().as_ptr()] {
            // SAFETY: readable here; in the child the read is what is tried.
            let read = in_fork_child(|| unsafe { address.read_volatile() });
            assert_eq!(read, Err(libc::SIGSEGV));
        }
        let child = in_fork_child(|| {
            guarded.expose().expect_err("the parent's alone");
            assert!(!ours.protection().file_backed.is_yes());
            drop((ours, pages, guarded));
            let own = key(3, &pool);
            assert!(own.protection().file_backed.is_yes());
            let expected = (0..TEXT).map(|at| byte(3, at));
            assert!(own.expose().iter().copied().eq(expected));
            // The parent drops its own, which moved here, after the child's end.
            disk.settle();
            assert_eq!([0, 1, 2, 3].map(|seed| disk.found(seed)), [1; 4]);
            0
        });
        assert_eq!(child, Ok(0));
        assert_eq!([0, 1, 2].map(|seed| disk.found(seed)), [0; 3]);
    });
}
