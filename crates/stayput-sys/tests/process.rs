//! Switches of the process as a whole, and what a fork does. Every test in a
//! process of its own.
//!
//! Not on Windows: fork, prctl, scheduling and resource limits.
#![cfg(all(target_os = "linux", not(stayput_backend = "unsupported")))]

use stayput_sys::advice::{Advice, madvise};
use stayput_sys::limits::{Limit, Resource, UNLIMITED, getrlimit, setrlimit};
use stayput_sys::process::{Dumpable, IoFlusher, fork_generation, set_dumpable, set_io_flusher};
use stayput_sys::{disable_core_dumps_for_process, disable_core_dumps_with_guard};
use std::fs;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

#[path = "observe/own_process.rs"]
mod own_process;
#[path = "observe/pages.rs"]
mod pages;
#[path = "observe/smaps.rs"]
mod smaps;
use own_process::{own_process, skip};
use pages::Pages;

/// Soft and hard limit as `/proc/self/limits` has them.
fn listed(name: &str) -> Limit {
    let limits = fs::read_to_string("/proc/self/limits").expect("readable");
    let line = limits
        .lines()
        .find_map(|it| it.strip_prefix(name))
        .expect("listed");
    let mut values = line.split_whitespace().map(|it| match it {
        "unlimited" => UNLIMITED,
        number => number.parse().expect("a number"),
    });
    let (soft, hard) = (values.next().expect("soft"), values.next().expect("hard"));
    Limit { soft, hard }
}

#[test]
fn limits_are_read_and_set_as_the_kernel_lists_them() {
    own_process("limits_are_read_and_set_as_the_kernel_lists_them", || {
        for (resource, name) in [
            (Resource::Memlock, "Max locked memory"),
            (Resource::Core, "Max core file size"),
        ] {
            let limit = getrlimit(resource).expect("readable");
            assert_eq!(limit, listed(name), "{name}");
            let lower = Limit {
                soft: limit.soft.min(8192) / 2,
                ..limit
            };
            setrlimit(resource, lower).expect("lower");
            assert_eq!(listed(name), lower, "{name}");
            let upside_down = Limit { soft: 2, hard: 1 };
            let error = setrlimit(resource, upside_down).expect_err("soft above hard");
            assert_eq!(error.raw_os_error(), Some(libc::EINVAL));
            assert_eq!(listed(name), lower, "{name}");
        }
    });
}

#[test]
fn core_dumps_are_off_while_the_guard_lives() {
    const TEST: &str = "core_dumps_are_off_while_the_guard_lives";
    own_process(TEST, || {
        let hard = getrlimit(Resource::Core).expect("readable").hard;
        if hard == 0 {
            return skip(TEST, "the hard limit on cores is 0: nothing to turn off");
        }
        let before = Limit {
            soft: hard.min(4096),
            hard,
        };
        setrlimit(Resource::Core, before).expect("at most the hard limit");
        let guard = disable_core_dumps_with_guard().expect("lower");
        assert_eq!(listed("Max core file size"), Limit { soft: 0, hard });
        drop(guard);
        assert_eq!(listed("Max core file size"), before);
        disable_core_dumps_for_process().expect("lower");
        assert_eq!(listed("Max core file size"), Limit { soft: 0, hard });
    });
}

#[test]
fn dumpable_is_what_the_kernel_says() {
    own_process("dumpable_is_what_the_kernel_says", || {
        // SAFETY: the option reads a flag.
        let dumpable = || unsafe { libc::prctl(libc::PR_GET_DUMPABLE) };
        for (setting, expected) in [(Dumpable::No, 0), (Dumpable::Yes, 1)] {
            set_dumpable(setting).expect("no privilege needed");
            assert_eq!(dumpable(), expected);
        }
    });
}

#[test]
fn io_flusher_is_what_the_kernel_says() {
    const TEST: &str = "io_flusher_is_what_the_kernel_says";
    own_process(TEST, || {
        // SAFETY: the option reads a flag. PR_GET_IO_FLUSHER: linux/prctl.h, 5.6.
        let flusher = || unsafe { libc::prctl(58, 0, 0, 0, 0) };
        if let Err(error) = set_io_flusher(IoFlusher::On) {
            return skip(TEST, format!("PR_SET_IO_FLUSHER: {error}"));
        }
        assert_eq!(flusher(), 1);
        set_io_flusher(IoFlusher::Off).expect("as before");
        assert_eq!(flusher(), 0);
    });
}

/// Forks, has the child do `work` and exit by whether that is true, and waits.
/// The work must not wait for what another thread of the parent may have held.
fn true_in_child(fork: fn() -> libc::c_long, work: impl FnOnce() -> bool) -> bool {
    match fork() {
        -1 => panic!("fork: {}", std::io::Error::last_os_error()),
        // SAFETY: ends the child at once, if it hangs after a minute.
        0 => unsafe {
            libc::alarm(60);
            libc::_exit(if work() { 0 } else { 1 })
        },
        child => {
            let mut status = 0;
            let child = libc::pid_t::try_from(child).expect("a process id");
            // SAFETY: the child is ours, `status` is live.
            assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
            libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
        }
    }
}

fn fork() -> libc::c_long {
    // SAFETY: the child does what `true_in_child` allows.
    unsafe { libc::fork() }.into()
}

/// As fork, past libc and its handlers: what a sandbox or a runtime may do.
fn bare_fork() -> libc::c_long {
    let none: libc::c_long = 0;
    // SAFETY: without CLONE_VM the child has a stack and memory of its own.
    unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, none, none, none, none) }
}

#[test]
fn a_child_and_a_grandchild_have_generations_of_their_own() {
    own_process(
        "a_child_and_a_grandchild_have_generations_of_their_own",
        || {
            let parent = fork_generation();
            assert!(true_in_child(fork, || {
                let child = fork_generation();
                child != parent
                    && child == fork_generation()
                    && true_in_child(fork, || ![parent, child].contains(&fork_generation()))
                    && child == fork_generation()
            }));
            // A child that never asks stands between.
            assert!(true_in_child(fork, || true_in_child(
                fork,
                || fork_generation() != parent
            )));
            assert_eq!(fork_generation(), parent);
        },
    );
}

#[test]
fn a_child_forked_past_libc_has_a_generation_of_its_own() {
    const TEST: &str = "a_child_forked_past_libc_has_a_generation_of_its_own";
    own_process(TEST, || {
        if smaps::takes_any_advice() {
            return skip(TEST, "an emulator takes any advice and wipes nothing");
        }
        let parent = fork_generation();
        assert!(true_in_child(bare_fork, || fork_generation() != parent));
        assert_eq!(fork_generation(), parent);
    });
}

#[test]
fn generations_hold_while_other_threads_ask() {
    own_process("generations_hold_while_other_threads_ask", || {
        let (parent, done) = (fork_generation(), AtomicBool::new(false));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        assert_eq!(fork_generation(), parent);
                    }
                });
            }
            for _ in 0..50 {
                let child_differs = true_in_child(fork, || {
                    let child = fork_generation();
                    child != parent && child == fork_generation()
                });
                assert!(child_differs);
            }
            done.store(true, Ordering::Relaxed);
        });
    });
}

/// The first use races with the fork: the child must not wait for a thread that it
/// does not have.
#[test]
fn a_fork_during_the_first_use_hangs_nobody() {
    own_process("a_fork_during_the_first_use_hangs_nobody", || {
        // Each round is a first use of its own: in a child that has not asked yet.
        for _ in 0..60 {
            assert!(true_in_child(fork, || {
                let start = Barrier::new(3);
                thread::scope(|scope| {
                    let ask = || {
                        start.wait();
                        fork_generation()
                    };
                    let askers = [scope.spawn(ask), scope.spawn(ask)];
                    start.wait();
                    let answered = true_in_child(fork, || fork_generation() == fork_generation());
                    let own = fork_generation();
                    answered && askers.into_iter().all(|it| it.join().ok() == Some(own))
                })
            }));
        }
    });
}

#[test]
fn a_child_finds_zeros_where_advised_and_content_elsewhere() {
    const TEST: &str = "a_child_finds_zeros_where_advised_and_content_elsewhere";
    own_process(TEST, || {
        if smaps::takes_any_advice() {
            return skip(TEST, "an emulator takes any advice and wipes nothing");
        }
        let (wiped, kept) = (Pages::new(1), Pages::new(1));
        wiped.write(5, 0x77);
        kept.write(5, 0x77);
        // SAFETY: the page is ours, and the child expects zeros.
        unsafe { madvise(wiped.range, Advice::WipeOnFork) }.expect("private and anonymous");
        assert!(true_in_child(fork, || wiped.read(5) == 0 && kept.read(5) == 0x77));
        assert_eq!(wiped.read(5), 0x77);
        // SAFETY: as above.
        unsafe { madvise(wiped.range, Advice::KeepOnFork) }.expect("as before");
        assert!(true_in_child(fork, || wiped.read(5) == 0x77));
    });
}
