//! Locks that stack: what each guard holds stays locked, whatever others do.
#![cfg_attr(
    windows,
    allow(dead_code, unused_imports, reason = "`refused` uses the rest")
)]

#[cfg(unix)]
#[path = "../support/crowd.rs"]
mod crowd;
#[path = "../support/observe.rs"]
mod observe;
#[path = "../support/own_process.rs"]
mod own_process;
#[cfg(unix)]
mod refused;

use observe::{has, in_fork_child, locked, locked_pages};
use own_process::{Setup, is_root, own_process};
use proptest::prelude::*;
use stayput::PageRange;
use stayput::inspect::Flag;
use stayput::limits::Cause;
use stayput::region::{RawRegionLock, lock, lock_raw};
use stayput_sys::map::{self, Access};
use stayput_sys::page_size;

/// Fresh committed pages, left mapped.
fn pages(count: usize) -> PageRange {
    let range = map::reserve(count * page_size()).expect("address space");
    // SAFETY: reserved just above.
    unsafe { map::commit(range).expect("memory") };
    range
}

fn page(range: PageRange, index: usize) -> *const u8 {
    range
        .as_ptr()
        .cast_const()
        .cast::<u8>()
        .wrapping_add(index * page_size())
}

fn guard(range: PageRange, from: usize, len: usize) -> RawRegionLock {
    // SAFETY: the pages stay mapped to the end of the process.
    unsafe { lock_raw(page(range, 0).wrapping_add(from), len) }.expect("within limits")
}

fn is_locked(range: PageRange, index: usize) -> bool {
    has(page(range, index), Flag::Locked)
}

#[test]
fn two_guards_on_one_page_dropped_in_either_order() {
    own_process(
        "two_guards_on_one_page_dropped_in_either_order",
        Setup::new(),
        || {
            for first_goes_first in [true, false] {
                let range = pages(1);
                let (first, second) = (guard(range, 0, 100), guard(range, 200, 100));
                let (early, late) = if first_goes_first {
                    (first, second)
                } else {
                    (second, first)
                };
                drop(early);
                assert!(is_locked(range, 0), "the other guard still holds the page");
                drop(late);
                assert!(!is_locked(range, 0), "nobody holds the page");
            }
            assert_eq!(locked(), 0);
        },
    );
}

#[test]
fn the_control_raw_locks_do_undo_each_other() {
    own_process(
        "the_control_raw_locks_do_undo_each_other",
        Setup::new(),
        || {
            let range = pages(1);
            // SAFETY: the page is ours; locking changes no content.
            unsafe {
                stayput_sys::mlock(page(range, 0).cast(), 100).expect("within limits");
                stayput_sys::mlock(page(range, 0).wrapping_add(200).cast(), 100)
                    .expect("within limits");
                stayput_sys::munlock(page(range, 0).cast(), 100).expect("mapped");
            }
            assert!(!is_locked(range, 0));
        },
    );
}

#[test]
fn overlapping_and_adjacent_ranges() {
    own_process("overlapping_and_adjacent_ranges", Setup::new(), || {
        let range = pages(6);
        let low = guard(range, 0, 3 * page_size());
        let high = guard(range, 2 * page_size(), 3 * page_size());
        let next = guard(range, 5 * page_size(), page_size());
        assert_eq!(locked(), 6 * page_size() as u64, "overlap is charged once");
        drop(low);
        assert_eq!(
            [0, 1, 2, 3, 4, 5].map(|i| is_locked(range, i)),
            [false, false, true, true, true, true]
        );
        drop(next);
        assert!(is_locked(range, 4) && !is_locked(range, 5));
        drop(high);
        assert_eq!(locked(), 0);
    });
}

#[test]
fn the_safe_guard_derefs_and_shows_nothing() {
    own_process(
        "the_safe_guard_derefs_and_shows_nothing",
        Setup::new(),
        || {
            let mut buffer = vec![7u8; 3 * page_size()];
            let start = buffer.as_ptr();
            {
                let mut guard = lock(&mut buffer).expect("within limits");
                assert!(
                    has(start, Flag::Locked) && !has(start, Flag::DontDump),
                    "it only locks"
                );
                guard[0] = 8;
                assert_eq!(guard[..2], [8, 7]);
                assert_eq!(format!("{guard:?}"), "RegionLock { len: 12288, .. }");
            }
            // SAFETY: the buffer outlives the guard.
            let raw = unsafe { lock_raw(start, buffer.len()) }.expect("within limits");
            assert!(!format!("{raw:?}").contains("0x"), "{raw:?}");
            drop(raw);
            assert!(!has(start, Flag::Locked));
            let empty = lock(&mut []).expect("nothing to lock");
            assert_eq!(empty.pages(), None);
        },
    );
}

#[test]
fn threads_race_on_one_page() {
    own_process("threads_race_on_one_page", Setup::new(), || {
        let range = pages(2);
        std::thread::scope(|scope| {
            for thread in 0..4usize {
                scope.spawn(move || {
                    for round in 0..300 {
                        let _guard = guard(range, (thread + round) % 3 * 1000, page_size() / 2 + 1);
                        let held = _guard.pages().expect("not empty");
                        // While this guard lives its pages are locked, whatever
                        // the other threads drop.
                        #[cfg(unix)]
                        assert!(stayput_sys::residency::all_locked(held).expect("mapped"));
                        if round % 30 == 0 {
                            let flagged = (held.start()..held.end()).step_by(page_size());
                            assert!({ flagged }.all(|address| has(
                                std::ptr::without_provenance::<u8>(address),
                                Flag::Locked
                            )));
                        }
                    }
                });
            }
        });
        assert_eq!(locked(), 0);
    });
}

// Not on Windows: the system does not tell that a lock lapsed.
#[cfg(unix)]
#[test]
fn a_lock_that_lapsed_is_made_again() {
    own_process("a_lock_that_lapsed_is_made_again", Setup::new(), || {
        let range = pages(4);
        let first = guard(range, 0, 4 * page_size());
        // SAFETY: the pages are ours; unlocking changes no content.
        unsafe { stayput_sys::munlock(page(range, 1).cast(), page_size()).expect("mapped") };
        assert!(!is_locked(range, 1), "the control: a stranger's munlock");
        let second = guard(range, 0, 2 * page_size());
        assert!((0..4).all(|index| is_locked(range, index)));
        drop((first, second));
        assert_eq!(locked(), 0);
    });
}

// Not on Windows: the system does not tell that a lock lapsed.
#[cfg(unix)]
#[test]
fn a_guard_that_outlived_its_memory_fools_nobody() {
    own_process(
        "a_guard_that_outlived_its_memory_fools_nobody",
        Setup::new(),
        || {
            let range = pages(1);
            std::mem::forget(guard(range, 0, page_size()));
            // SAFETY: the pages are ours and unused.
            unsafe { map::decommit(range).and_then(|()| map::commit(range)) }.expect("ours");
            assert!(
                !is_locked(range, 0),
                "a new mapping at the same address is not locked"
            );
            let _again = guard(range, 0, page_size());
            assert!(is_locked(range, 0));
        },
    );
}

#[test]
fn a_fork_child_holds_nothing_and_may_lock_anew() {
    own_process(
        "a_fork_child_holds_nothing_and_may_lock_anew",
        Setup::new(),
        || {
            let range = pages(1);
            let mut guards = Some((guard(range, 0, 10), guard(range, 10, 10)));
            let child = in_fork_child(|| {
                assert!(!is_locked(range, 0), "the kernel passes no locks on");
                let own = guard(range, 0, 10);
                assert!(is_locked(range, 0));
                drop(guards.take());
                assert!(is_locked(range, 0), "inherited guards count for nothing");
                drop(own);
                assert!(!is_locked(range, 0));
                0
            });
            assert_eq!(child, Ok(0));
            assert!(is_locked(range, 0));
            drop(guards);
            assert!(!is_locked(range, 0));
        },
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(windows) { 8 } else { 40 }, ..ProptestConfig::default() })]
    /// Random guards against one counter a page, as the kernel sees it.
    #[test]
    fn agrees_with_the_kernel(steps in prop::collection::vec((0usize..30_000, 1usize..9_000, any::<bool>()), 1..40)) {
        let range = pages(10);
        let mut guards: Vec<RawRegionLock> = Vec::new();
        for (from, len, release) in steps {
            if release && !guards.is_empty() {
                drop(guards.swap_remove(from % guards.len()));
            } else {
                guards.push(guard(range, from, len));
            }
            for (index, is_locked) in locked_pages(range).into_iter().enumerate() {
                let address = page(range, index).addr();
                let expected = guards.iter().filter_map(RawRegionLock::pages).any(|held| held.contains(address));
                prop_assert_eq!(is_locked, expected);
            }
        }
        drop(guards);
        // SAFETY: nothing refers to the pages any more.
        unsafe { map::release(range).expect("reserved") };
    }
}
