//! `stayput::process` where the platform has no `mlockall`: nothing fails.
//!
//! Runs on Windows, and with `RUSTFLAGS='--cfg stayput_backend="unsupported"'`, which
//! builds the fallback on a machine that has more; empty otherwise.
#![cfg(any(windows, stayput_backend = "unsupported"))]

use stayput::process::*;

#[test]
fn locking_is_unsupported_and_no_error() {
    assert_eq!(lock_all(), Ok(MlockStatus::Unsupported));
    for required in [true, false] {
        let config = MlockConfig::builder().required(required).build();
        assert_eq!(lock_with_config(config), Ok(MlockStatus::Unsupported));
        let guard = LockAllGuard::new(config).expect("no error");
        assert!(guard.report().status().is_unsupported());
    }
    assert_eq!((is_locked(), locked_bytes()), (false, 0));
    assert_eq!(unlock_all(), Ok(()));
    let none = MlockConfig::builder().current(false).future(false);
    let status = lock_with_config(none.build());
    assert_eq!(status, Ok(MlockStatus::Locked { bytes_locked: 0 }));
}

#[test]
fn every_part_of_the_profile_is_told_as_unavailable() {
    let daemon = SwapDaemon::builder()
        .heap(4096)
        .without_oom_score()
        .enter()
        .expect("no error");
    for kind in [
        PartKind::Lock,
        PartKind::Heap,
        PartKind::IoFlusher,
        PartKind::Scheduling,
    ] {
        assert_eq!(*daemon.effect(kind), Effect::Unsupported, "{kind:?}");
    }
    assert!(FaultWatch::start().is_err());
    daemon.leave().expect("nothing to undo");
}
