//! Causes that need surroundings of their own: namespaces and control groups.
//!
//! Not on Windows: RLIMIT_MEMLOCK, capabilities, namespaces and control groups.
#![cfg(unix)]

#[path = "support/memory_group.rs"]
mod memory_group;
#[path = "support/own_process.rs"]
mod own_process;
#[path = "support/seccomp.rs"]
mod seccomp;

use memory_group::in_group;
use own_process::{Setup, is_root, own_process};
use stayput::limits::{Budget, Capability, Cause, Environment, Raising, raised, set_raising};
use stayput::page::LockedPages;
use stayput::{LockError, Policy, Pool, Secret, region};
use stayput_sys::page_size;
use std::process::Command;

const LIMIT: u64 = 64 * 1024;

/// For limits, which have 64 bits.
fn page() -> u64 {
    page_size() as u64
}

#[test]
fn a_capability_in_a_user_namespace_has_no_effect() {
    const NAME: &str = "a_capability_in_a_user_namespace_has_no_effect";
    if !user_namespaces(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(LIMIT).user_namespace(), || {
        assert_eq!(Budget::current().capability, Capability::WithoutEffect);
        let error = LockedPages::new(128 * 1024).expect_err("the limit applies");
        let expected = Cause::CapabilityWithoutEffect {
            held: 0,
            limit: LIMIT,
            needed: 2 * LIMIT,
        };
        assert_eq!(*error.cause(), expected, "{error}");
        assert!(error.to_string().contains("user namespace"), "{error}");
    });
}

#[test]
fn nor_has_it_where_the_limit_is_zero() {
    const NAME: &str = "nor_has_it_where_the_limit_is_zero";
    if !user_namespaces(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(0).user_namespace(), || {
        let error = LockedPages::new(page_size()).expect_err("nothing may be locked");
        let expected = Cause::CapabilityWithoutEffect {
            held: 0,
            limit: 0,
            needed: page_size() as u64,
        };
        assert_eq!(*error.cause(), expected, "{error}");
    });
}

fn user_namespaces(test: &str) -> bool {
    let possible = Command::new("unshare").args(["-U", "-r", "true"]).status();
    let possible = possible.is_ok_and(|status| status.success());
    if !possible {
        eprintln!("SKIPPED {test}: user namespaces are not allowed here");
    }
    possible
}

#[test]
fn a_control_group_without_room_refuses_before_the_kernel_kills() {
    const NAME: &str = "a_control_group_without_room_refuses_before_the_kernel_kills";
    in_group(NAME, 16 << 20, || {
        let error = LockedPages::new(64 << 20).expect_err("64 MiB do not fit in 16");
        assert!(
            matches!(error.cause(), Cause::MemoryCgroup { .. }),
            "{error}"
        );
        let unlocked = LockedPages::with_policy(64 << 20, Policy::Prefer).expect("not touched");
        assert!(!unlocked.protection().locked.is_yes());
        LockedPages::new(1 << 20).expect("1 MiB fits");
        std::mem::forget(unlocked); // wiping it would touch all of it
        let mut present = vec![1u8; 10 << 20];
        drop(region::lock(&mut present).expect("what is in memory is charged already"));
    });
}

/// Pages with a hole at the end, locked as one.
fn lock_into_a_hole(pages: usize) -> LockError {
    // Makes room for the counts, which would fill the hole.
    drop(LockedPages::new(1).expect("within limits"));
    let range = stayput_sys::map::reserve(pages * page_size()).expect("address space");
    let last =
        stayput_sys::PageRange::exact(range.end() - page_size(), page_size()).expect("aligned");
    // SAFETY: the pages are ours; the refused lock keeps no guard on them.
    unsafe {
        stayput_sys::map::commit(range).expect("memory");
        stayput_sys::map::release(last).expect("ours");
        region::lock_raw(range.as_ptr().cast(), range.len()).expect_err("a hole")
    }
}

#[test]
fn the_soft_limit_is_raised_for_the_last_page_that_fits() {
    const NAME: &str = "the_soft_limit_is_raised_for_the_last_page_that_fits";
    if !is_root(NAME) {
        return;
    }
    let setup = Setup::new().memlock_soft_hard(6 * page(), 10 * page());
    own_process(NAME, setup.without_ipc_lock(), || {
        let mut pages = LockedPages::with_policy(10 * page_size(), Policy::Off).expect("memory");
        let middle = pages.as_slice()[4 * page_size()..].as_ptr();
        // SAFETY: the guard goes before the pages.
        let held = unsafe { region::lock_raw(middle, page_size()) }.expect("one page");
        assert_eq!(raised(), None);
        let all = region::lock(pages.as_mut_slice()).expect("exactly the hard limit");
        let report = raised().expect("it was raised");
        assert_eq!((report.from, report.to), (6 * page(), 10 * page()));
        assert_eq!(Budget::current().soft, Some(10 * page()));
        assert_eq!(Budget::current().held, Some(10 * page()));
        drop((held, all));
    });
}

#[test]
fn the_soft_limit_stays_where_raising_does_not_help() {
    const NAME: &str = "the_soft_limit_stays_where_raising_does_not_help";
    if !is_root(NAME) {
        return;
    }
    let setup = Setup::new().memlock_soft_hard(LIMIT, 2 * LIMIT);
    own_process(NAME, setup.without_ipc_lock(), || {
        let error = lock_into_a_hole(4);
        assert!(matches!(error.cause(), Cause::Hole { .. }), "{error}");
        let error = LockedPages::new(4 * 64 * 1024).expect_err("beyond the hard limit");
        let expected = Cause::LimitReached {
            held: 0,
            limit: LIMIT,
            needed: 4 * LIMIT,
        };
        assert_eq!(*error.cause(), expected, "{error}");
        assert_eq!((raised(), Budget::current().soft), (None, Some(LIMIT)));

        set_raising(Raising::Forbidden);
        let error = LockedPages::new(96 * 1024).expect_err("beyond the soft limit");
        assert!(
            matches!(error.cause(), Cause::LimitReached { limit: LIMIT, .. }),
            "{error}"
        );
        assert_eq!((raised(), Budget::current().soft), (None, Some(LIMIT)));
        set_raising(Raising::Allowed);
        LockedPages::new(96 * 1024).expect("within the hard limit");
        assert_eq!(Budget::current().soft, Some(2 * LIMIT));
    });
}

/// With the capability no limit applies, so none is raised.
#[test]
fn the_capability_makes_raising_pointless() {
    const NAME: &str = "the_capability_makes_raising_pointless";
    if Budget::current().capability != Capability::Effective {
        eprintln!("SKIPPED {NAME}: needs CAP_IPC_LOCK");
        return;
    }
    let setup = Setup::new().memlock_soft_hard(4096, LIMIT);
    own_process(NAME, setup, || {
        let error = lock_into_a_hole(4);
        assert!(matches!(error.cause(), Cause::Hole { .. }), "{error}");
        LockedPages::new(1 << 20).expect("no limit");
        assert_eq!((raised(), Budget::current().soft), (None, Some(4096)));
    });
}

/// Capabilities belong to threads: the one that failed is asked.
#[test]
fn a_thread_that_gave_the_capability_up_is_told_of_the_limit() {
    const NAME: &str = "a_thread_that_gave_the_capability_up_is_told_of_the_limit";
    if Budget::current().capability != Capability::Effective {
        eprintln!("SKIPPED {NAME}: needs CAP_IPC_LOCK");
        return;
    }
    own_process(NAME, Setup::new().memlock(LIMIT), || {
        let error = std::thread::spawn(|| {
            let effective = caps::CapSet::Effective;
            caps::drop(None, effective, caps::Capability::CAP_IPC_LOCK).expect("one's own");
            LockedPages::new(128 * 1024).expect_err("over the limit")
        });
        let error = error.join().expect("no panic");
        assert!(
            matches!(error.cause(), Cause::LimitReached { limit: LIMIT, .. }),
            "{error}"
        );
        LockedPages::new(128 * 1024).expect("this thread has the capability");
    });
}

/// Filters refuse in different words, and may be one thread's alone.
#[test]
fn a_filter_is_named_whatever_number_it_gives() {
    const NAME: &str = "a_filter_is_named_whatever_number_it_gives";
    if !seccomp::works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        for number in [libc::EPERM, libc::ENOSYS, libc::EACCES] {
            let error = std::thread::spawn(move || {
                seccomp::refuse(libc::SYS_mlock, number);
                LockedPages::new(4096).expect_err("refused")
            });
            let error = error.join().expect("no panic");
            assert_eq!(*error.cause(), Cause::Seccomp, "{error}");
            assert_eq!(error.errno(), Some(number));
        }
        LockedPages::new(4096).expect("this thread has no filter");
    });
}

/// Errors end up in logs: no form of them tells where secrets lie.
#[test]
fn errors_show_no_addresses() {
    own_process("errors_show_no_addresses", Setup::new(), || {
        let error = lock_into_a_hole(3);
        let start = error.range().expect("known").start();
        for text in [
            format!("{error:?}"),
            format!("{error:#?}"),
            error.to_string(),
        ] {
            assert!(!text.contains(&format!("{start:x}")), "{text}");
            assert!(!text.contains(&format!("{start}")), "{text}");
            let size = (3 * page_size()).to_string();
            assert!(text.contains(&size), "its size is there: {text}");
        }
    });
}

/// Every remedy names what its environment understands.
#[test]
fn remedies_speak_the_language_of_the_environment() {
    const NAME: &str = "remedies_speak_the_language_of_the_environment";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(page()).nobody(), || {
        let fill = || -> Result<(), LockError> {
            let mut keys: Vec<Secret<[u8; 4096]>> = Vec::new();
            loop {
                keys.push(Secret::try_init_with_in(|_| {}, Pool::global())?);
            }
        };
        let error = fill().expect_err("one page is the limit");
        let (needed, in_kib) = (2 * page(), 2 * page() / 1024);
        let engine = [
            format!("--ulimit memlock={needed}:{needed}"),
            "--cap-add=IPC_LOCK".to_owned(),
        ];
        for (environment, words) in [
            (
                Environment::Shell,
                [
                    format!("ulimit -l {in_kib}"),
                    format!("USER - memlock {in_kib}"),
                ],
            ),
            (
                Environment::Systemd,
                [
                    format!("LimitMEMLOCK={needed}"),
                    "AmbientCapabilities=CAP_IPC_LOCK".to_owned(),
                ],
            ),
            (Environment::Docker, engine.clone()),
            (Environment::Podman, engine),
            (
                Environment::Kubernetes,
                [
                    "LimitMEMLOCK=infinity".to_owned(),
                    "capabilities: {add: [\"IPC_LOCK\"]}".to_owned(),
                ],
            ),
        ] {
            let remedy = error.remedy_in(environment).to_string();
            for word in words {
                assert!(
                    remedy.contains(&word),
                    "{environment:?}: {word:?} is missing in {remedy}"
                );
            }
        }
    });
}
