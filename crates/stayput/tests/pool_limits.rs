//! The pool at its limits: what fits is locked, what does not is explained.

#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;
#[cfg(unix)]
#[path = "support/seccomp.rs"]
mod seccomp;

use observe::{HARDENED, has, locked, own_mappings};
use own_process::{Setup, is_root, own_process};
use stayput::inspect::Flag;
use stayput::limits::{Cause, Environment, raised};
use stayput::{LockError, Policy, Pool, Secret, SecretBytes};
use stayput_sys::page_size;

const LIMIT: u64 = 64 * 1024;

type Key = Secret<[u8; 32]>;

fn key() -> Result<Key, LockError> {
    Key::try_init_with(|place| place.fill(0x5a))
}

/// As many keys as fit, and the error of the next.
fn fill() -> (Vec<Key>, LockError) {
    let mut keys = Vec::new();
    loop {
        match key() {
            Ok(key) => keys.push(key),
            Err(error) => return (keys, error),
        }
    }
}

/// Every byte of every key lies in a mapping that is locked.
fn assert_all_locked(keys: &[Key]) {
    let mappings = own_mappings();
    for key in keys {
        let range = key.expose().as_ptr_range();
        let inside = |address: *const u8| {
            mappings.iter().any(|mapping| {
                mapping.contains(address.addr() as u64)
                    && HARDENED.iter().all(|&flag| mapping.has(flag))
            })
        };
        assert!(
            inside(range.start) && inside(range.end.wrapping_sub(1)),
            "a key is not locked"
        );
        assert!(key.protection().locked.is_yes());
    }
}

#[test]
fn two_thousand_keys_fit_in_64_kib() {
    const NAME: &str = "two_thousand_keys_fit_in_64_kib";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(LIMIT).nobody(), || {
        let (keys, error) = fill();
        assert_eq!(keys.len(), 2048, "64 KiB / 32 bytes");
        assert_all_locked(&keys);
        assert_eq!(locked(), LIMIT);
        let Cause::LimitReached {
            held,
            limit,
            needed,
        } = *error.cause()
        else {
            panic!("unexpected cause: {error}");
        };
        let page = page_size() as u64;
        assert_eq!((held, limit, needed), (LIMIT, LIMIT, page));
        let message = error.to_string();
        let (needed, remedy) = (page.to_string(), format!("ulimit -l {}", 64 + page / 1024));
        for word in ["65536", &needed, "RLIMIT_MEMLOCK", "Remedy", &remedy] {
            assert!(
                message.contains(word) || Environment::current() != Environment::Shell,
                "{message}"
            );
        }
        assert!(
            keys.iter().all(|key| *key.expose() == [0x5a; 32]),
            "earlier keys are intact"
        );
        drop(keys);
        Pool::global().trim();
        assert_eq!(locked(), 0);
        key().expect("there is room again");
    });
}

#[test]
fn prefer_hands_out_what_can_not_be_locked_and_says_so() {
    const NAME: &str = "prefer_hands_out_what_can_not_be_locked_and_says_so";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(LIMIT).nobody(), || {
        let pool = Pool::builder().policy(Policy::Prefer).build();
        let keys: Vec<Key> = (0..3000)
            .map(|_| Key::try_init_with_in(|place| place.fill(1), &pool).expect("never refused"))
            .collect();
        let unlocked = keys.iter().filter(|key| !key.protection().locked.is_yes());
        assert_eq!(unlocked.count(), 3000 - 2048);
        // The kernel is asked once for each page: it has one answer for all of it.
        let page = |key: &Key| key.expose().as_ptr().addr() / page_size();
        for keys in keys.chunk_by(|a, b| page(a) == page(b)) {
            let start = keys[0].expose().as_ptr();
            let locked = has(start, Flag::Locked);
            assert!(has(start, Flag::DontDump));
            for key in keys {
                let says = key.protection().locked.is_yes();
                assert_eq!(says, locked, "the report is true");
            }
        }
        assert_eq!(pool.stats().locked as u64, LIMIT);
    });
}

#[test]
fn off_locks_nothing_and_still_hides_from_dumps() {
    own_process(
        "off_locks_nothing_and_still_hides_from_dumps",
        Setup::new(),
        || {
            let pool = Pool::builder().policy(Policy::Off).build();
            let key = Key::try_init_with_in(|place| place.fill(1), &pool).expect("no lock needed");
            assert_eq!(locked(), 0);
            let report = key.protection();
            let address = key.expose().as_ptr();
            assert!(!report.locked.is_yes() && !has(address, Flag::Locked));
            for (flag, says) in [
                (Flag::DontDump, report.dump_excluded),
                (Flag::WipeOnFork, report.fork),
            ] {
                let expected = HARDENED.contains(&flag);
                assert_eq!((has(address, flag), says.is_yes()), (expected, expected));
            }
        },
    );
}

// Not on Windows: there is no RLIMIT_MEMLOCK.
#[cfg(unix)]
#[test]
fn limit_zero_without_the_capability_is_named() {
    const NAME: &str = "limit_zero_without_the_capability_is_named";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(0).nobody(), || {
        let error = key().expect_err("nothing may be locked");
        assert_eq!(*error.cause(), Cause::NoCapability);
        assert_eq!(error.errno(), Some(libc::EPERM));
        let message = error.to_string();
        assert!(
            message.contains("is 0") && message.contains("CAP_IPC_LOCK"),
            "{message}"
        );
        assert_eq!(locked(), 0);
    });
}

#[test]
fn the_soft_limit_is_raised_when_that_is_enough() {
    const NAME: &str = "the_soft_limit_is_raised_when_that_is_enough";
    if !is_root(NAME) {
        return;
    }
    let setup = Setup::new()
        .memlock_soft_hard(4096, LIMIT)
        .without_ipc_lock();
    own_process(NAME, setup, || {
        assert_eq!(raised(), None);
        let (keys, error) = fill();
        assert_eq!(keys.len(), 2048, "up to the hard limit");
        let report = raised().expect("it was raised");
        assert_eq!((report.from, report.to), (4096, LIMIT));
        assert!(
            matches!(error.cause(), Cause::LimitReached { limit: LIMIT, .. }),
            "{error}"
        );
        assert_all_locked(&keys);
    });
}

// Not on Windows: there is no seccomp.
#[cfg(unix)]
#[test]
fn a_seccomp_filter_that_refuses_mlock_is_named() {
    const NAME: &str = "a_seccomp_filter_that_refuses_mlock_is_named";
    if !seccomp::works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        let earlier = key().expect("before the filter");
        seccomp::refuse(libc::SYS_mlock, libc::EPERM);
        let error = Pool::global().block(100_000).expect_err("mlock is refused");
        assert_eq!(*error.cause(), Cause::Seccomp, "{error}");
        assert!(error.to_string().contains("seccomp"), "{error}");
        assert_eq!(*earlier.expose(), [0x5a; 32]);
        assert!(has(earlier.expose().as_ptr(), Flag::Locked), "still locked");

        let pool = Pool::builder().policy(Policy::Prefer).build();
        let key = Key::try_init_with_in(|_| {}, &pool).expect("handed out");
        assert!(!key.protection().locked.is_yes());
    });
}

#[test]
fn max_locked_is_a_bound_of_its_own() {
    let two_pages = 2 * page_size();
    let pool = Pool::builder().max_locked(two_pages).build();
    let mut blocks = Vec::new();
    let error = loop {
        match pool.block(1024) {
            Ok(block) => blocks.push(block),
            Err(error) => break error,
        }
    };
    assert_eq!(blocks.len(), two_pages / 1024);
    let Cause::PoolBudget { held, limit, .. } = *error.cause() else {
        panic!("unexpected cause: {error}");
    };
    assert_eq!((held, limit), (two_pages, two_pages));
    blocks.pop();
    pool.block(1024).expect("there is room again");
}

#[test]
fn bytes_grow_by_what_fits_where_twice_as_many_do_not() {
    let page = page_size();
    let pool = Pool::builder().max_locked(8 * page).build();
    let mut bytes = SecretBytes::try_init_with_in(3 * page, |place| place.fill(7), &pool)
        .expect("three pages of eight");
    bytes.try_extend_from_slice(&[8]).expect("four more fit");
    assert_eq!((bytes.len(), bytes.expose()[3 * page]), (3 * page + 1, 8));
    assert!(bytes.expose()[..3 * page].iter().all(|&byte| byte == 7));
    bytes.try_reserve(2 * page).expect_err("six more don't");
    assert_eq!(bytes.len(), 3 * page + 1);
}

#[test]
fn reserve_commits_ahead_and_trim_gives_back() {
    own_process(
        "reserve_commits_ahead_and_trim_gives_back",
        Setup::new(),
        || {
            let pool = Pool::builder().build();
            pool.reserve(1 << 20).expect("within limits");
            assert_eq!(locked(), 1 << 20);
            let _block = pool.block(100).expect("no growth needed");
            assert_eq!(locked(), 1 << 20);
            assert_eq!(pool.trim(), (1 << 20) - page_size());
            assert_eq!(locked(), page_size() as u64);
            if cfg!(unix) {
                assert_eq!(pool.verify().expect("own smaps"), []);
            }
        },
    );
}

// Not on Windows: the system does not list what is locked.
#[cfg(unix)]
#[test]
fn what_somebody_else_unlocked_is_named_and_mended() {
    own_process(
        "what_somebody_else_unlocked_is_named_and_mended",
        Setup::new(),
        || {
            let page = page_size();
            let block = Pool::global().block(3 * page).expect("within limits");
            assert_eq!(Pool::global().verify().expect("own smaps"), []);
            let middle = block.as_slice()[page..].as_ptr();
            // SAFETY: unlocking changes no content.
            unsafe { stayput_sys::munlock(middle.cast(), page).expect("mapped") };
            let lapses = Pool::global().verify().expect("own smaps");
            assert_eq!(lapses.len(), 1);
            assert_eq!(lapses[0].missing, Flag::Locked);
            assert!(lapses[0].pages.contains(middle.addr()) && lapses[0].pages.len() == page);
            assert_eq!(Pool::global().relock().expect("within limits"), lapses);
            assert!(has(middle, Flag::Locked));
            stayput::process::unlock_all().expect("munlockall");
            assert!(!has(middle, Flag::Locked));
            assert!(!Pool::global().relock().expect("within limits").is_empty());
            assert_eq!(Pool::global().verify().expect("own smaps"), []);
            drop(block);
            assert!(Pool::global().trim() > 0);
            assert_eq!(locked(), 0, "no guard too many");
        },
    );
}
