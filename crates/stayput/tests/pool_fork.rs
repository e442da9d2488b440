//! Forks: the child owns nothing of the parent's, and starts afresh.
//!
//! Not on Windows: there is no fork.
#![cfg(unix)]

#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;

use allocator_api2::vec::Vec as PoolVec;
use observe::{has, in_fork_child, locked, never_swapped};
use own_process::{Setup, own_process};
use stayput::inspect::Flag;
use stayput::limits::Cause;
use stayput::{Backing, Pool, Secret, SecretBytes};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

type Key = Secret<[u8; 32]>;

fn key_in(pool: &Pool) -> Key {
    Key::try_init_with_in(|place| place.fill(0x5a), pool).expect("within limits")
}

/// A pool of `memfd_secret` memory with a key in it; `None` and a word where
/// the kernel has none.
fn secret_memory(test: &str) -> Option<(Pool, Key)> {
    let pool = Pool::builder().backing(Backing::SecretMem).build();
    match Key::try_init_with_in(|place| place.fill(0x5a), &pool) {
        Ok(key) => Some((pool, key)),
        Err(error) if *error.cause() == Cause::SecretMemory => {
            eprintln!("SKIPPED {test}: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_child_sees_zeros_and_its_drops_touch_nothing() {
    own_process(
        "a_child_sees_zeros_and_its_drops_touch_nothing",
        Setup::new(),
        || {
            let pool = Pool::global();
            let key = key_in(pool);
            let mut vector: PoolVec<u8, &Pool> = PoolVec::new_in(pool);
            vector.extend_from_slice(b"parent");
            let address = key.expose().as_ptr();
            let child = in_fork_child(|| {
                assert_eq!(*key.expose(), [0; 32]);
                assert!(vector.iter().all(|&byte| byte == 0));
                assert!(!key.protection().locked.is_yes(), "the child holds no lock");
                drop(key);
                drop(vector);
                let own = key_in(pool);
                assert_eq!(*own.expose(), [0x5a; 32]);
                assert!(
                    has(own.expose().as_ptr(), Flag::Locked),
                    "locked in the child"
                );
                assert_ne!(own.expose().as_ptr(), address);
                assert!(own.protection().locked.is_yes());
                assert_eq!(pool.stats().chunks_used, 1, "only the child's own");
                drop(own);
                assert_eq!(pool.stats().chunks_used, 0);
                0
            });
            assert_eq!(child, Ok(0));
            // SAFETY: the key was moved into the closure, which the parent never
            // ran nor dropped in the child's image only.
            assert!(has(address, Flag::Locked));
            assert_eq!(pool.verify().expect("own smaps"), []);
        },
    );
}

#[test]
fn grandchildren_start_afresh_too() {
    own_process("grandchildren_start_afresh_too", Setup::new(), || {
        let pool = Pool::global();
        let oldest = key_in(pool);
        let child = in_fork_child(|| {
            let middle = key_in(pool);
            let grandchild = in_fork_child(|| {
                assert_eq!((*oldest.expose(), *middle.expose()), ([0; 32], [0; 32]));
                let youngest = key_in(pool);
                assert!(has(youngest.expose().as_ptr(), Flag::Locked));
                drop((youngest, middle));
                0
            });
            assert_eq!(grandchild, Ok(0));
            // `middle` went with the closure's image, not with this one.
            0
        });
        assert_eq!(child, Ok(0));
        assert_eq!(*oldest.expose(), [0x5a; 32]);
    });
}

#[test]
fn a_childs_drop_leaves_the_parents_secret_memory_alone() {
    const NAME: &str = "a_childs_drop_leaves_the_parents_secret_memory_alone";
    own_process(NAME, Setup::new(), || {
        let Some((pool, key)) = secret_memory(NAME) else {
            return;
        };
        let mut inherited = Some(key);
        let child = in_fork_child(|| {
            drop(inherited.take());
            let own = key_in(&pool);
            assert!(never_swapped(own.expose()));
            0
        });
        assert_eq!(child, Ok(0));
        // memfd_secret is shared: a wipe in the child would show here.
        assert_eq!(*inherited.expect("the parent's copy").expose(), [0x5a; 32]);
    });
}

#[test]
fn reading_inherited_secret_memory_is_a_fault() {
    const NAME: &str = "reading_inherited_secret_memory_is_a_fault";
    own_process(NAME, Setup::new(), || {
        let Some((pool, key)) = secret_memory(NAME) else {
            return;
        };
        let report = key.protection();
        assert!(
            report.kernel_unmapped.is_yes() && report.locked.is_yes(),
            "{report}"
        );
        let fault = in_fork_child(|| key.expose()[0]);
        assert_eq!(fault, Err(libc::SIGSEGV));
        let after_own_use = in_fork_child(|| {
            let _own = key_in(&pool);
            key.expose()[0]
        });
        assert_eq!(after_own_use, Err(libc::SIGSEGV));
    });
}

#[test]
fn secret_memory_keeps_no_descriptor() {
    const NAME: &str = "secret_memory_keeps_no_descriptor";
    own_process(NAME, Setup::new(), || {
        let descriptors = || std::fs::read_dir("/proc/self/fd").expect("own").count();
        let before = descriptors();
        let Some((pool, _key)) = secret_memory(NAME) else {
            return;
        };
        let _more = SecretBytes::try_init_with_in(1 << 20, |_| {}, &pool).expect("within limits");
        assert_eq!(descriptors(), before);
    });
}

#[test]
fn fork_while_other_threads_allocate() {
    own_process("fork_while_other_threads_allocate", Setup::new(), || {
        forks_of_a_busy_process(Pool::global(), |held| {
            assert_eq!(*held.expose(), [0; 32], "the parent's");
        });
        assert!(locked() > 0);
    });
}

/// Its lock is a mutex that some thread holds at almost every fork.
#[test]
fn fork_while_other_threads_allocate_in_a_pool_of_their_own() {
    let name = "fork_while_other_threads_allocate_in_a_pool_of_their_own";
    own_process(name, Setup::new(), || {
        forks_of_a_busy_process(&Pool::builder().build(), |held| {
            assert_eq!(*held.expose(), [0; 32], "the parent's");
        });
    });
}

#[test]
fn fork_while_other_threads_allocate_secret_memory() {
    const NAME: &str = "fork_while_other_threads_allocate_secret_memory";
    own_process(NAME, Setup::new(), || {
        let Some((pool, key)) = secret_memory(NAME) else {
            return;
        };
        drop(key);
        // To read the parent's is a fault: `reading_inherited_secret_memory_is_a_fault`.
        forks_of_a_busy_process(&pool, |_| {});
    });
}

/// Forks many times while threads make and drop secrets of many sizes. Each child looks
/// at the parent's with `look`, drops them, and uses the pool.
fn forks_of_a_busy_process(pool: &Pool, look: fn(&Key)) {
    static STOP: AtomicBool = AtomicBool::new(false);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let pool = pool.clone();
            std::thread::spawn(move || {
                while !STOP.load(Ordering::Relaxed) {
                    secrets_of_many_sizes(&pool);
                }
            })
        })
        .collect();
    let mut held = Some(key_in(pool));
    // Sixty where that takes seconds; some in any case, on a machine that is slow or busy.
    let start = Instant::now();
    for number in 0..60 {
        if number >= 5 && start.elapsed() > Duration::from_secs(10) {
            break;
        }
        let child = in_fork_child(|| {
            held.iter().for_each(look);
            drop(held.take());
            a_child_can_use(pool);
            0
        });
        assert_eq!(child, Ok(0));
    }
    STOP.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().expect("no panic");
    }
    let held = held.expect("the parent's");
    assert_eq!(*held.expose(), [0x5a; 32]);
    assert_eq!(pool.stats().chunks_used, 1);
    assert_eq!(pool.verify().expect("own smaps"), []);
}

/// The pool is whole: nothing of the parent's counts, what is made is locked, and all
/// comes back.
fn a_child_can_use(pool: &Pool) {
    assert_eq!(
        pool.stats().total,
        0,
        "the parent's arenas are not the child's"
    );
    secrets_of_many_sizes(pool);
    let own = key_in(pool);
    assert!(never_swapped(own.expose()));
    let stats = pool.stats();
    assert_eq!((stats.chunks_used, stats.used), (1, 32));
    assert_eq!(
        (stats.used + stats.free, stats.locked),
        (stats.total, stats.total)
    );
    drop(own);
    assert_eq!(pool.stats().chunks_used, 0);
    pool.trim();
    assert_eq!(pool.stats().total, 0);
}

fn secrets_of_many_sizes(pool: &Pool) {
    let fill = |len| SecretBytes::try_init_with_in(len, |place| place.fill(0x5a), pool);
    let all: Vec<_> = [1, 32, 32, 100, 700, 4096, 9000].repeat(5);
    let all: Vec<_> = all
        .into_iter()
        .map(|len| fill(len).expect("within limits"))
        .collect();
    for secret in &all {
        assert!(secret.expose().iter().all(|&byte| byte == 0x5a));
        assert!(never_swapped(secret.expose()));
    }
}
