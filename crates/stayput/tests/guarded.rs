//! Guarded values: inaccessible at rest, accessible by the kind of borrow.

#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;
#[cfg(unix)]
#[path = "support/seccomp.rs"]
mod seccomp;

use observe::{has, in_fork_child, is_hardened, locked, mapping_at, own_mappings};
use own_process::{End, Setup, end, is_root, own_process, run};
use stayput::inspect::Flag;
use stayput::limits::Cause;
use stayput::{Guarded, Policy};
use std::sync::Barrier;

type Key = Guarded<[u8; 32]>;

fn key() -> Key {
    Key::try_init_with(|place| place.fill(0x5a)).expect("within limits")
}

fn address(key: &Key) -> *const u8 {
    key.expose().expect("readable").as_ptr()
}

/// Reading and writing between borrows: Windows would unlock an inaccessible page.
const AT_REST: (bool, bool) = (cfg!(windows), false);

/// Runs `misuse` and expects the process to end in that way, with `message`.
fn ends_by(name: &str, expected: End, message: &str, misuse: impl FnOnce()) {
    if let Some(output) = run(name, Setup::new(), misuse) {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(end(output.status), Some(expected), "{stderr}");
        assert!(stderr.contains(message), "{message:?} in {stderr:?}");
    }
}

fn access(address: *const u8) -> (bool, bool) {
    let mapping = mapping_at(address);
    (mapping.has(Flag::Readable), mapping.has(Flag::Writable))
}

#[test]
fn access_follows_the_borrows() {
    let mut key = key();
    let place = address(&key);
    assert_eq!(access(place), AT_REST, "at rest");
    {
        let mut sole = key.expose_mut().expect("writable");
        sole[0] = 1;
        assert_eq!(access(place), (true, true), "exposed to write");
    }
    assert_eq!(access(place), AT_REST, "given back");
    let (first, second) = (key.expose().expect("r"), key.expose().expect("r"));
    assert_eq!((first[0], second[1]), (1, 0x5a));
    assert_eq!(access(place), (true, false), "exposed to read");
    drop(first);
    assert_eq!(access(place), (true, false), "one reader left");
    drop(second);
    assert_eq!(access(place), AT_REST, "no reader left");
}

#[test]
fn at_rest_it_is_locked_and_out_of_dumps_and_forks() {
    let key = key();
    let place = address(&key);
    assert!(is_hardened(place));
    let report = key.protection();
    assert!(report.locked.is_yes(), "{report}");
    assert_eq!(
        report.guarded.is_yes(),
        AT_REST == (false, false),
        "{report}"
    );
}

#[test]
fn the_value_ends_at_the_rear_guard() {
    let page = stayput_sys::page_size();
    let odd = Guarded::<[u8; 33]>::try_init_with(|_| {}).expect("within limits");
    let many = Guarded::<[u64; 700]>::try_init_with(|_| {}).expect("within limits");
    let full = Guarded::<[u8; 4096]>::try_init_with(|_| {}).expect("within limits");
    for end in [
        odd.expose().expect("readable").as_ptr_range().end.addr(),
        many.expose().expect("readable").as_ptr_range().end.addr(),
        full.expose().expect("readable").as_ptr_range().end.addr(),
    ] {
        assert_eq!(end % page, 0);
        let behind = mapping_at(std::ptr::without_provenance::<u8>(end));
        assert!(!behind.has(Flag::Readable) && !behind.has(Flag::Locked));
    }
}

#[test]
fn nothing_is_a_value_too() {
    let mut nothing = Guarded::<[u8; 0]>::try_init_with(|_| {}).expect("within limits");
    assert!(nothing.expose().expect("readable").is_empty());
    assert!(nothing.expose_mut().expect("writable").is_empty());
}

#[test]
fn readers_in_many_threads_see_it_and_the_last_protects_it() {
    let key = key();
    let (place, together) = (address(&key), Barrier::new(8));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                together.wait();
                for _ in 0..500 {
                    let exposed = key.expose().expect("readable");
                    assert_eq!(*exposed, [0x5a; 32]);
                }
            });
        }
    });
    assert_eq!(access(place), AT_REST);
}

#[test]
fn a_forgotten_reader_does_not_outlive_the_next_writer() {
    let mut key = key();
    let place = address(&key);
    std::mem::forget(key.expose().expect("readable"));
    assert_eq!(access(place), (true, false), "forgotten");
    drop(key.expose_mut().expect("writable"));
    assert_eq!(access(place), AT_REST);
}

// Not on Windows: an inaccessible page would be unlocked, so it stays readable.
#[cfg(unix)]
#[test]
fn reading_at_rest_is_a_fault() {
    ends_by("reading_at_rest_is_a_fault", End::Fault, "", || {
        let key = key();
        // SAFETY: none: reading without a borrow is the misuse under test.
        unsafe { address(&key).read_volatile() };
    });
}

#[test]
fn writing_while_exposed_to_read_is_a_fault() {
    let name = "writing_while_exposed_to_read_is_a_fault";
    ends_by(name, End::Fault, "", || {
        let key = key();
        let exposed = key.expose().expect("readable");
        assert_eq!(exposed[0], 0x5a);
        // SAFETY: none: writing through a shared borrow is the misuse under test.
        unsafe { exposed.as_ptr().cast_mut().write_volatile(1) };
    });
}

#[test]
fn overflow_is_a_fault() {
    ends_by("overflow_is_a_fault", End::Fault, "", || {
        let mut key = key();
        let mut exposed = key.expose_mut().expect("writable");
        let end = exposed.as_mut_ptr_range().end;
        // SAFETY: none: writing behind the value is the misuse under test.
        unsafe { end.write_volatile(1) };
    });
}

/// Changes the byte `distance` before an exposed value.
fn underflow(exposed: &mut [u8], distance: usize) {
    // SAFETY: none: writing before the value is the misuse under test.
    unsafe {
        let before = exposed.as_mut_ptr().sub(distance);
        before.write_volatile(before.read_volatile() ^ 1);
    }
}

#[test]
fn underflow_breaks_the_canary_when_the_borrow_ends() {
    let name = "underflow_breaks_the_canary_when_the_borrow_ends";
    ends_by(name, End::Abort, "broken canary", || {
        let mut key = key();
        let mut exposed = key.expose_mut().expect("writable");
        underflow(&mut *exposed, 1);
        drop(exposed);
        std::process::exit(0); // not reached
    });
}

#[test]
fn a_write_far_before_breaks_the_canary_at_the_end() {
    let name = "a_write_far_before_breaks_the_canary_at_the_end";
    ends_by(name, End::Abort, "broken canary", || {
        let mut key = key();
        underflow(&mut *key.expose_mut().expect("writable"), 4000);
        drop(key);
        std::process::exit(0); // not reached
    });
}

#[test]
fn after_a_drop_nothing_is_mapped_or_locked() {
    own_process(
        "after_a_drop_nothing_is_mapped_or_locked",
        Setup::new(),
        || {
            let before = locked();
            let key = key();
            let place = address(&key).addr() as u64;
            assert!(locked() > before);
            drop(key);
            assert_eq!(locked(), before);
            let left = own_mappings().into_iter().find(|it| it.contains(place));
            assert!(
                left.is_none_or(|it| !it.has(Flag::Locked)),
                "still mapped as it was"
            );
        },
    );
}

#[test]
fn a_fork_child_sees_zeros_and_leaves_the_parent_alone() {
    let name = "a_fork_child_sees_zeros_and_leaves_the_parent_alone";
    own_process(name, Setup::new(), || {
        let (mut inherited, exposed) = (Some(key()), key());
        let open = exposed.expose().expect("readable");
        let child = in_fork_child(|| {
            let mut key = inherited.take().expect("put there above");
            assert_eq!(*key.expose().expect("readable"), [0; 32]);
            assert_eq!(*key.expose_mut().expect("writable"), [0; 32]);
            assert!(!key.protection().locked.is_yes(), "the child holds no lock");
            assert_eq!(*open, [0; 32], "a borrow that crossed the fork");
            drop(key);
            let own = self::key();
            assert!(has(address(&own), Flag::Locked));
            0
        });
        assert_eq!(child, Ok(0));
        let key = inherited.expect("the parent's copy");
        assert_eq!(
            (*key.expose().expect("readable"), *open),
            ([0x5a; 32], [0x5a; 32])
        );
    });
}

#[test]
fn without_a_limit_it_is_an_error_or_a_report() {
    let name = "without_a_limit_it_is_an_error_or_a_report";
    if !is_root(name) {
        return;
    }
    own_process(name, Setup::new().memlock(0).without_ipc_lock(), || {
        let refused = Key::try_init_with(|_| panic!("filled although refused"));
        let error = refused.expect_err("no limit at all");
        assert!(matches!(error.cause(), Cause::NoCapability), "{error}");
        let key = Key::try_init_with_policy(Policy::Prefer, |place| place.fill(3));
        let key = key.expect("memory is there");
        assert!(!key.protection().locked.is_yes());
        assert_eq!(
            access(address(&key)),
            (false, false),
            "protected all the same"
        );
    });
}

// Not on Windows: there is no seccomp.
#[cfg(unix)]
#[test]
fn a_refused_mprotect_is_an_error_and_is_counted() {
    let name = "a_refused_mprotect_is_an_error_and_is_counted";
    if !is_root(name) || !seccomp::works(name) {
        return;
    }
    use stayput::{Pool, limits::Operation};
    own_process(name, Setup::new(), || {
        let (key, open) = (key(), key());
        let exposed = open.expose().expect("readable");
        let before = Pool::global().stats().errors_in_drop;
        seccomp::refuse(libc::SYS_mprotect, libc::EACCES);
        let error = key.expose().expect_err("refused");
        assert_eq!(error.operation(), Operation::Protect);
        assert_eq!(error.errno(), Some(libc::EACCES));
        drop(exposed);
        assert_eq!(Pool::global().stats().errors_in_drop, before + 1);
        drop(key);
        assert_eq!(Pool::global().stats().errors_in_drop, before + 2);
    });
}

#[test]
fn a_values_own_drop_runs_while_it_is_accessible() {
    use std::sync::atomic::{AtomicU8, Ordering};
    static SEEN: AtomicU8 = AtomicU8::new(0);
    struct Noisy([u8; 4]);
    impl Drop for Noisy {
        fn drop(&mut self) {
            SEEN.store(self.0[0], Ordering::Relaxed);
            self.0[0] = 0;
        }
    }
    // SAFETY: bytes, and nothing on the heap.
    unsafe impl stayput::ZeroInit for Noisy {}
    drop(Guarded::<Noisy>::try_init_with(|place| place.0[0] = 9).expect("within limits"));
    assert_eq!(SEEN.load(Ordering::Relaxed), 9);
}

#[test]
fn the_content_is_not_shown() {
    let mut key = key();
    assert_eq!(format!("{key:?}"), "Guarded(..)");
    assert_eq!(format!("{:?}", key.expose()), "Ok(Exposed(..))");
    assert_eq!(format!("{:?}", key.expose_mut()), "Ok(ExposedMut(..))");
}
