//! The fallback backend: no call pretends. Run with
//! `RUSTFLAGS='--cfg stayput_backend="unsupported"'`.
//!
//! Not on Windows: its own backend is built.
#![cfg(stayput_backend = "unsupported")]

use stayput_sys::advice::{self, Advice};
use stayput_sys::limits::{self, Limit, Resource, UNLIMITED};
use stayput_sys::map::{self, Access};
use stayput_sys::process::{self, Dumpable, IoFlusher};
use stayput_sys::{PageRange, launch, lock, residency};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

fn assert_unsupported<T>(call: &str, answer: io::Result<T>) {
    match answer {
        Ok(_) => panic!("{call} claims to have worked"),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{call}: {error}");
            assert!(
                error.to_string().contains("not available on"),
                "{call}: {error}"
            );
        }
    }
}

/// Two pages of memory that is ours whatever the backend.
fn with_pages(test: impl FnOnce(PageRange)) {
    let memory = vec![0u8; 3 * stayput_sys::page_size()];
    let range = PageRange::covering(memory.as_ptr().addr(), memory.len()).expect("live");
    test(range);
}

#[test]
fn every_call_on_memory_is_unsupported() {
    with_pages(|range| {
        let (at, len) = (range.as_ptr(), range.len());
        // SAFETY: the backend makes no call.
        unsafe {
            assert_unsupported("mlock", stayput_sys::mlock(at, len));
            assert_unsupported("munlock", stayput_sys::munlock(at, len));
            assert_unsupported("mlock2", lock::mlock2(at, len, lock::MLOCK_ONFAULT));
            assert_unsupported("madvise_dontdump", stayput_sys::madvise_dontdump(at, len));
            assert_unsupported("commit", map::commit(range));
            assert_unsupported("decommit", map::decommit(range));
            assert_unsupported("release", map::release(range));
            assert_unsupported("protect", map::protect(range, Access::ReadWrite));
            assert_unsupported("commit_secret", map::commit_secret(range));
            let here = Path::new(".");
            assert_unsupported("commit_file", map::commit_file(range, here));
            assert_unsupported("write_back", map::write_back(range));
            for advice in [
                Advice::DontDump,
                Advice::DoDump,
                Advice::WipeOnFork,
                Advice::KeepOnFork,
                Advice::DontFork,
                Advice::DoFork,
                Advice::Unmergeable,
                Advice::HugePage,
                Advice::NoHugePage,
                Advice::Populate,
            ] {
                assert_unsupported("madvise", advice::madvise(range, advice));
            }
        }
        assert_unsupported("reserve", map::reserve(len));
        assert_unsupported("reserve_at", map::reserve_at(range));
        assert_unsupported("mincore", residency::mincore(range));
        assert_unsupported("any_locked", residency::any_locked(range));
        assert_unsupported("all_locked", residency::all_locked(range));
    });
}

#[test]
fn every_call_on_the_process_is_unsupported() {
    assert_unsupported(
        "mlockall",
        lock::mlockall(lock::MCL_CURRENT | lock::MCL_FUTURE),
    );
    assert_unsupported("munlockall", lock::munlockall());
    let limit = Limit {
        soft: 0,
        hard: UNLIMITED,
    };
    for resource in [Resource::Memlock, Resource::Core] {
        assert_unsupported("getrlimit", limits::getrlimit(resource));
        assert_unsupported("setrlimit", limits::setrlimit(resource, limit));
    }
    assert_unsupported("working_set", limits::working_set());
    assert_unsupported("set_working_set", limits::set_working_set(1 << 20, 2 << 20));
    assert_unsupported("no cores", stayput_sys::disable_core_dumps_for_process());
    assert_unsupported("no cores", stayput_sys::disable_core_dumps_with_guard());
    assert_unsupported("SetErrorMode", stayput_sys::set_windows_error_mode(0));
    assert_unsupported(
        "dialogs",
        stayput_sys::suppress_windows_error_dialogs_for_process(),
    );
    assert_unsupported("set_dumpable", process::set_dumpable(Dumpable::No));
    assert_unsupported("set_io_flusher", process::set_io_flusher(IoFlusher::On));
}

#[test]
fn starting_programs_is_unsupported() {
    extern "C" fn handler() {}
    let mut command = Command::new("true");
    let replaced: io::Result<()> = Err(launch::exec(&mut command));
    assert_unsupported("exec", replaced);
    assert_unsupported("ambient", launch::pass_on_ipc_lock());
    assert_unsupported("AT_SECURE", launch::starts_secure(Path::new("true")));
    assert_unsupported("pipe", launch::Pipe::new());
    let file = File::open(std::env::current_exe().expect("this test")).expect("there");
    assert_unsupported("pipe", launch::closes(&file, Duration::ZERO));
    // SAFETY: the backend takes no descriptor.
    assert_unsupported("inherited", unsafe { launch::inherited(0) });
    assert_unsupported("signals", launch::Signals::hold());
    assert_unsupported("signals", launch::Signals::wait());
    assert_unsupported("atfork", launch::in_fork_children(handler));
}

#[test]
fn length_zero_is_ok_and_impossible_lengths_are_invalid_here_too() {
    with_pages(|range| {
        let at = range.as_ptr();
        // SAFETY: the backend makes no call.
        unsafe {
            stayput_sys::mlock(at, 0).expect("nothing to do");
            stayput_sys::munlock(at, 0).expect("nothing to do");
            lock::mlock2(at, 0, 0).expect("nothing to do");
            stayput_sys::madvise_dontdump(at, 0).expect("nothing to do");
            let error = stayput_sys::mlock(at, usize::MAX).expect_err("past the end");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
        }
        assert_eq!(
            map::reserve(0).expect_err("no such length").kind(),
            ErrorKind::InvalidInput
        );
    });
}

#[test]
fn what_needs_no_system_works() {
    assert_eq!(stayput_sys::page_size(), 4096);
    assert_eq!(process::fork_generation(), 1);
    let mut bytes = [7u8; 100];
    // SAFETY: the array is ours.
    unsafe { stayput_sys::wipe::wipe(bytes.as_mut_ptr(), bytes.len()) };
    assert_eq!(bytes, [0; 100]);
}
