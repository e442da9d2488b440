//! Refused locks: the right error, the right cause, nothing locked.

use crate::kernel::{Mapped, PAGE};
use crate::observe::{has, locked};
use crate::own_process::{Setup, is_root, own_process};
use crate::seccomp::{refuse, refuse_bits, works};
use stayput::inspect::Flag;
use stayput::limits::{Cause, Environment, Raising, raised, set_raising};
use stayput::process::*;

const MIB: u64 = 1 << 20;

fn optional() -> MlockConfig {
    MlockConfig::builder().required(false).build()
}

/// The same refusal through every door.
fn assert_refused(error: MlockError, cause: fn(&Cause) -> bool) {
    assert_eq!(lock_all(), Err(error));
    let status = lock_with_config(optional()).expect("not required");
    let errno = error.errno().expect("always there");
    assert_eq!(status, MlockStatus::Failed { errno });
    let told = lock_report(MlockConfig::default()).expect_err("required");
    assert_eq!(told.errno(), Some(errno));
    assert!(cause(told.cause()), "{told}");
    let report = lock_report(optional()).expect("not required");
    assert!(
        report.error().is_some_and(|error| cause(error.cause())),
        "{report}"
    );
    assert!(LockAllGuard::new(MlockConfig::default()).is_err());
    assert_eq!(locked(), 0);
}

#[test]
fn limit_zero_is_permission_denied() {
    const NAME: &str = "refusals::limit_zero_is_permission_denied";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(0).without_ipc_lock(), || {
        assert_refused(MlockError::PermissionDenied, |cause| {
            *cause == Cause::NoCapability
        });
        // Guards on pages unlock as ever: the process is not held.
        let mapped = Mapped::new(PAGE, libc::PROT_READ).expect("mapped");
        assert!(!has(mapped.start(), Flag::Locked));
    });
}

#[test]
fn over_the_limit_is_resource_limit() {
    const NAME: &str = "refusals::over_the_limit_is_resource_limit";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(MIB).without_ipc_lock(), || {
        assert_refused(
            MlockError::ResourceLimit,
            |cause| matches!(cause, Cause::LimitReached { held: 0, limit: MIB, needed } if *needed > MIB),
        );
        let error = lock_report(MlockConfig::default()).expect_err("over the limit");
        let remedy = error.remedy_in(Environment::Docker).to_string();
        assert!(remedy.contains("--ulimit memlock=") && remedy.contains("--cap-add=IPC_LOCK"));
        let planned = Plan::for_lock_all(MlockConfig::default())
            .expect("own smaps")
            .check()
            .expect_err("planned so");
        assert!(
            matches!(planned.cause(), Cause::LimitReached { .. }),
            "{planned}"
        );
        assert_eq!(planned.errno(), None, "no call was made");
    });
}

#[test]
fn the_soft_limit_is_raised_if_that_helps() {
    const NAME: &str = "refusals::the_soft_limit_is_raised_if_that_helps";
    if !is_root(NAME) {
        return;
    }
    let setup = Setup::new().memlock_soft_hard(PAGE as u64, 8 * MIB);
    own_process(NAME, setup.without_ipc_lock().small(), || {
        reserve_heap(256 << 10).expect("glibc");
        set_raising(Raising::Forbidden);
        assert_eq!(lock_all(), Err(MlockError::ResourceLimit));
        set_raising(Raising::Allowed);
        let report = lock_report(MlockConfig::default()).expect("raised");
        let raised = raised().expect("told");
        assert_eq!((raised.from, raised.to), (PAGE as u64, 8 * MIB));
        assert!(
            report
                .warnings()
                .contains(&Warning::SoftLimitRaised(raised))
        );
        assert_eq!(report.plan().and_then(Plan::raises_to), Some(8 * MIB));
        assert!(locked() > MIB);
    });
}

#[test]
fn a_seccomp_filter_is_named() {
    const NAME: &str = "refusals::a_seccomp_filter_is_named";
    if !works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        refuse(libc::SYS_mlockall, libc::EPERM);
        assert_refused(MlockError::PermissionDenied, |cause| {
            *cause == Cause::Seccomp
        });
    });
}

#[test]
fn a_seccomp_filter_is_no_missing_platform() {
    const NAME: &str = "refusals::a_seccomp_filter_is_no_missing_platform";
    if !works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        refuse(libc::SYS_mlockall, libc::ENOSYS);
        let unknown = MlockError::Unknown(libc::ENOSYS);
        assert_refused(unknown, |cause| *cause == Cause::Seccomp);
    });
}

#[test]
fn a_kernel_without_onfault_locks_at_once_and_says_so() {
    const NAME: &str = "refusals::a_kernel_without_onfault_locks_at_once_and_says_so";
    if !works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        refuse_bits(
            libc::SYS_mlockall,
            stayput_sys::lock::MCL_ONFAULT,
            libc::EINVAL,
        );
        let config = MlockConfig::builder().onfault(true).build();
        let report = lock_report(config).expect("locked all the same");
        assert!(
            report.warnings().contains(&Warning::OnFaultIgnored),
            "{report}"
        );
        let at = Mapped::new(PAGE, libc::PROT_READ).expect("mapped");
        assert!(has(at.start(), Flag::Locked) && !has(at.start(), Flag::LockedOnFault));
    });
}

#[test]
fn onfault_alone_is_an_invalid_argument() {
    own_process(
        "refusals::onfault_alone_is_an_invalid_argument",
        Setup::new(),
        || {
            let config = MlockConfig::builder()
                .current(false)
                .future(false)
                .onfault(true);
            assert_eq!(
                lock_with_config(config.build()),
                Err(MlockError::InvalidArgument)
            );
            let told = lock_report(config.build()).expect_err("EINVAL");
            assert_eq!(*told.cause(), Cause::InvalidFlags);
            assert!(told.to_string().contains("current(true)"), "{told}");
            let failed = lock_with_config(config.required(false).build());
            assert_eq!(
                failed,
                Ok(MlockStatus::Failed {
                    errno: libc::EINVAL
                })
            );
        },
    );
}
