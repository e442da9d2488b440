//! Refused locks: no limit left, no permission, a seccomp filter. The errors are
//! the kernel's, and nothing is locked afterwards.
//!
//! Not on Windows: resource limits, capabilities and seccomp.
#![cfg(all(target_os = "linux", not(stayput_backend = "unsupported")))]

use caps::{CapSet, Capability};
use stayput_sys::limits::{Limit, Resource, getrlimit, setrlimit};
use stayput_sys::lock::{MCL_CURRENT, mlockall};
use stayput_sys::{disable_core_dumps_with_guard, mlock, munlock};

#[path = "observe/own_process.rs"]
mod own_process;
#[path = "observe/pages.rs"]
mod pages;
#[path = "observe/smaps.rs"]
mod smaps;
use own_process::{errno, own_process, skip};
use pages::Pages;

/// Makes the soft limit count: without the capability, for this thread.
fn limit_locks_to(bytes: u64) {
    caps::drop(None, CapSet::Effective, Capability::CAP_IPC_LOCK).expect("dropping is free");
    let mut limit = getrlimit(Resource::Memlock).expect("readable");
    assert!(
        limit.hard >= bytes,
        "the hard limit {} is below {bytes}",
        limit.hard
    );
    limit.soft = bytes;
    setrlimit(Resource::Memlock, limit).expect("at most the hard limit");
}

fn lock(pages: &Pages) -> std::io::Result<()> {
    // SAFETY: the pages are ours.
    unsafe { mlock(pages.address(), pages.len()) }
}

#[test]
fn limit_zero_is_no_permission() {
    own_process("limit_zero_is_no_permission", || {
        limit_locks_to(0);
        let pages = Pages::new(1);
        assert_eq!(errno(lock(&pages)), Some(libc::EPERM));
        assert_eq!(errno(mlockall(MCL_CURRENT)), Some(libc::EPERM));
        assert_eq!(smaps::locked_bytes(), 0);
        // SAFETY: the pages are ours.
        unsafe { munlock(pages.address(), pages.len()) }.expect("unlocking needs no permission");
    });
}

#[test]
fn past_the_limit_there_is_no_memory_and_the_limit_is_what_fits() {
    own_process(
        "past_the_limit_there_is_no_memory_and_the_limit_is_what_fits",
        || {
            limit_locks_to(64 * 1024);
            let pages = 64 * 1024 / stayput_sys::page_size();
            let (fits, more) = (Pages::new(pages), Pages::new(1));
            lock(&fits).expect("exactly the limit");
            assert_eq!(errno(lock(&more)), Some(libc::ENOMEM));
            assert_eq!(smaps::locked_bytes(), 64 * 1024);
            assert!(smaps::all_have(fits.range, "lo") && smaps::none_has(more.range, "lo"));
            // The whole address space is larger than that.
            assert_eq!(errno(mlockall(MCL_CURRENT)), Some(libc::ENOMEM));
            // SAFETY: the pages are ours.
            unsafe { munlock(fits.address(), fits.len()) }.expect("mapped");
            lock(&more).expect("room again");
        },
    );
}

#[test]
fn a_seccomp_filter_refuses_without_a_trace() {
    const TEST: &str = "a_seccomp_filter_refuses_without_a_trace";
    own_process(TEST, || {
        let pages = Pages::new(1);
        if let Err(error) = refuse_mlock() {
            return skip(TEST, error);
        }
        assert_eq!(errno(lock(&pages)), Some(libc::EPERM));
        assert!(smaps::none_has(pages.range, "lo"));
        assert_eq!(smaps::locked_bytes(), 0);
    });
}

#[test]
fn a_limit_that_is_not_restored_is_no_panic_where_nobody_listens() {
    const TEST: &str = "a_limit_that_is_not_restored_is_no_panic_where_nobody_listens";
    own_process(TEST, || {
        let guard = disable_core_dumps_with_guard().expect("lower");
        let before = getrlimit(Resource::Core).expect("readable");
        if before.hard == 0 {
            return skip(TEST, "the hard limit on cores is 0: nothing to refuse");
        }
        setrlimit(Resource::Core, Limit { soft: 0, hard: 0 }).expect("lower");
        caps::drop(None, CapSet::Effective, Capability::CAP_SYS_RESOURCE).expect("free");
        let mut ends = [-1; 2];
        // SAFETY: room for two descriptors; standard error becomes a pipe that nobody
        // reads, and then what it was.
        let dropped = unsafe {
            assert_eq!(libc::pipe(ends.as_mut_ptr()), 0);
            let stderr = libc::dup(2);
            assert_eq!((libc::dup2(ends[1], 2), libc::close(ends[0])), (2, 0));
            let dropped = std::panic::catch_unwind(|| drop(guard));
            assert_eq!(libc::dup2(stderr, 2), 2);
            dropped
        };
        let now = getrlimit(Resource::Core).expect("readable");
        assert_eq!(now.hard, 0, "the control: it was not restored");
        assert!(dropped.is_ok(), "a drop has panicked");
    });
}

/// Has this thread's `mlock` answer `EPERM`, as a container's profile would.
#[allow(
    clippy::useless_conversion,
    reason = "long has 32 bits on some targets"
)]
fn refuse_mlock() -> Result<(), Box<dyn std::error::Error>> {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};
    let filter = SeccompFilter::new(
        [(libc::SYS_mlock.into(), Vec::new())].into(),
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.unsigned_abs()),
        std::env::consts::ARCH.try_into()?,
    )?;
    let program: BpfProgram = filter.try_into()?;
    Ok(seccompiler::apply_filter(&program)?)
}
