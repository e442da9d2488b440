//! What a plan counts, and how much it lets the process grow.

use crate::kernel::{Mapped, PAGE, Waiting, raw_mlockall};
use crate::observe::locked;
use crate::own_process::{Setup, is_root, own_process};
use stayput::limits::Cause;
use stayput::process::*;
use std::thread;
use std::time::{Duration, Instant};

const MIB: u64 = 1 << 20;
const RW: i32 = libc::PROT_READ | libc::PROT_WRITE;

#[test]
fn what_is_never_locked_is_not_charged() {
    own_process(
        "charges::what_is_never_locked_is_not_charged",
        Setup::new(),
        || {
            let charge = || {
                let plan = Plan::for_lock_all(MlockConfig::default()).expect("own smaps");
                (
                    plan.exempt_bytes(),
                    plan.locked_bytes(),
                    plan.reserved_bytes(),
                )
            };
            reserve_heap(512 << 10).expect("glibc");
            let (exempt, _, reserved) = charge();
            let none = Mapped::new(64 * PAGE, libc::PROT_NONE).expect("mapped");
            let (_, _, reserved_now) = charge();
            assert_eq!(reserved_now, reserved + 64 * PAGE as u64);
            let huge = libc::MAP_HUGETLB | libc::MAP_NORESERVE;
            match Mapped::with_flags(2 << 20, RW, huge) {
                Err(error) => {
                    eprintln!(
                        "SKIPPED charges::what_is_never_locked_is_not_charged (hugetlb): {error}"
                    );
                }
                Ok(huge) => {
                    let (exempt_now, planned, _) = charge();
                    assert_eq!(exempt_now, exempt + 2 * MIB);
                    assert!(lock_all().expect("CAP_IPC_LOCK").is_locked());
                    assert_eq!(locked(), planned);
                    drop(huge);
                }
            }
            drop(none);
        },
    );
}

/// Secret memory is locked by itself, and charged when it is mapped.
#[test]
fn secret_memory_is_charged_once_and_stays_locked() {
    const NAME: &str = "charges::secret_memory_is_charged_once_and_stays_locked";
    own_process(NAME, Setup::new(), || {
        reserve_heap(512 << 10).expect("glibc");
        let range = stayput_sys::map::reserve(16 * PAGE).expect("address space");
        // SAFETY: the reservation was made just above and nobody knows of it.
        if let Err(error) = unsafe { stayput_sys::map::commit_secret(range) } {
            eprintln!("SKIPPED {NAME}: {error}");
            return;
        }
        // Newer kernels charge it to the user instead, as it is touched.
        let charged = locked();
        assert!(charged == range.len() as u64 || charged == 0, "{charged}");
        let plan = Plan::for_lock_all(MlockConfig::default()).expect("own smaps");
        assert!(lock_all().expect("CAP_IPC_LOCK").is_locked());
        assert_eq!(locked(), plan.locked_bytes());
        let verification = verify().expect("own smaps");
        assert!(verification.holds(), "{verification}");
        unlock_all().expect("unlocked");
        assert_eq!(locked(), charged, "munlockall passes it over");
    });
}

#[test]
fn thread_stacks_are_found() {
    own_process("charges::thread_stacks_are_found", Setup::new(), || {
        // Threads may still be on their way into a wait, where they are found.
        let all_stacks = || {
            let start = Instant::now();
            loop {
                let plan = Plan::for_lock_all(MlockConfig::default()).expect("own smaps");
                let stacks = plan.thread_stacks();
                if stacks.located == stacks.threads {
                    return stacks;
                }
                assert!(start.elapsed() < Duration::from_secs(60), "{stacks:?}");
                thread::yield_now();
            }
        };
        let before = all_stacks();
        let waiting = Waiting::with_stacks(&[300 * 1024, 500 * 1024]);
        let now = all_stacks();
        assert_eq!(now.threads, before.threads + 2);
        let grown = now.bytes - before.bytes;
        assert!((800 * 1024..900 * 1024).contains(&grown), "{grown} bytes");
        drop(waiting);
    });
}

/// The trap: locked at the limit, the process can neither map, nor start a
/// thread; the check would have refused.
#[test]
fn at_the_limit_later_growth_fails_and_is_foreseen() {
    const NAME: &str = "charges::at_the_limit_later_growth_fails_and_is_foreseen";
    if !is_root(NAME) {
        return;
    }
    let setup = Setup::new().memlock(8 * MIB).without_ipc_lock().small();
    own_process(NAME, setup, || {
        reserve_heap(256 << 10).expect("glibc");
        let plan = Plan::for_lock_all(MlockConfig::default()).expect("own smaps");
        let hog = plan
            .room()
            .expect("a limit")
            .checked_sub(MIB)
            .expect("8 MiB hold the test");
        let _hog = Mapped::new(usize::try_from(hog).expect("fits"), RW).expect("mapped");

        let plan = Plan::for_lock_all(MlockConfig::default()).expect("own smaps");
        let refused = plan.check().expect_err("no room for a thread");
        assert!(
            matches!(refused.cause(), Cause::NoRoomToGrow { .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains("Remedy: "), "{refused}");
        plan.expecting_growth(MIB / 2)
            .check()
            .expect("room for that");

        let report = lock_report(MlockConfig::default()).expect("the call itself fits");
        assert!(
            matches!(report.warnings(), [Warning::LittleRoom { .. }]),
            "{report}"
        );
        let thread = thread::Builder::new().stack_size(2 << 20).spawn(|| ());
        assert_eq!(
            thread.expect_err("no room").raw_os_error(),
            Some(libc::EAGAIN)
        );
        let mapped = Mapped::new(2 << 20, RW);
        assert_eq!(
            mapped.expect_err("no room").raw_os_error(),
            Some(libc::EAGAIN)
        );

        unlock_all().expect("unlocked");
        raw_mlockall(libc::MCL_CURRENT).expect("fits");
        thread::Builder::new()
            .stack_size(2 << 20)
            .spawn(|| ())
            .expect("control: without MCL_FUTURE a thread starts")
            .join()
            .expect("no panic");
    });
}
