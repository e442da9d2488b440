//! duende-mlock 1.0: a program written for it runs with its crate's path changed.
//!
//! Not on Windows: there is no mlockall; `process_unsupported.rs` runs there.

use crate::observe::{has, locked};
use crate::own_process::{Setup, is_root, own_process};
use stayput::inspect::Flag;
// The one changed line.
use stayput::process as duende_mlock;

/// Solution: everything locked, and the status printed.
#[test]
fn a_daemon_locks_itself_and_prints_the_status() {
    use duende_mlock::lock_all;

    fn daemon() -> Result<String, duende_mlock::MlockError> {
        let status = lock_all()?;
        Ok(format!("Memory locked: {status}"))
    }
    own_process(
        "duende_mlock::a_daemon_locks_itself_and_prints_the_status",
        Setup::new(),
        || {
            let said = daemon().expect("CAP_IPC_LOCK");
            let megabytes = locked() >> 20;
            assert!(megabytes >= 1);
            assert!(
                said.starts_with("Memory locked: locked (") && said.ends_with(" MB)"),
                "{said}"
            );
            let (present, later) = (&0u8, Box::new([0u8; 1 << 20]));
            assert!(has(present, Flag::Locked) && has(later.as_ptr(), Flag::Locked));
        },
    );
}

/// Quick start: `is_locked` and `locked_bytes` are `VmLck`.
#[test]
fn quick_start() {
    use duende_mlock::{is_locked, lock_all, locked_bytes};

    fn start() -> Result<(), duende_mlock::MlockError> {
        assert!(!is_locked());
        let status = lock_all()?;
        assert!(status.is_locked());
        assert!(is_locked());
        println!("Locked {} KB", locked_bytes() / 1024);
        Ok(())
    }
    own_process("duende_mlock::quick_start", Setup::new(), || {
        start().expect("CAP_IPC_LOCK");
        assert_eq!(locked_bytes() as u64, locked());
        duende_mlock::unlock_all().expect("as its API page has it");
        assert_eq!((locked(), is_locked()), (0, false));
    });
}

/// Configuration: which arm each outcome takes.
fn configured(required: bool) -> &'static str {
    use duende_mlock::{MlockConfig, lock_with_config};

    let config = MlockConfig::builder()
        .current(true)
        .future(true)
        .required(required)
        .onfault(false)
        .build();
    // By reference in the README, by value in the API page.
    let by_value = lock_with_config(config);
    #[allow(
        clippy::needless_borrows_for_generic_args,
        reason = "the README's usage"
    )]
    let by_reference = lock_with_config(&config);
    assert_eq!(by_value.is_ok(), by_reference.is_ok());
    match by_reference {
        Ok(status) if status.is_locked() => {
            println!("Locked {} bytes", status.bytes_locked());
            "locked"
        }
        Ok(status) if status.is_failed() => {
            eprintln!("Warning: not locked, errno {:?}", status.failure_errno());
            "failed"
        }
        Ok(_) => "unsupported",
        Err(e) => {
            eprintln!("Fatal: {e}");
            "fatal"
        }
    }
}

#[test]
fn configuration_where_locking_is_allowed() {
    own_process(
        "duende_mlock::configuration_where_locking_is_allowed",
        Setup::new(),
        || {
            assert_eq!(configured(false), "locked");
            assert!(locked() > 0);
        },
    );
}

#[test]
fn configuration_where_locking_is_refused() {
    const NAME: &str = "duende_mlock::configuration_where_locking_is_refused";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(64 * 1024).nobody(), || {
        assert_eq!(configured(false), "failed");
        assert_eq!(configured(true), "fatal");
        assert_eq!(locked(), 0);
    });
}

/// Error handling: the arms of its `match`.
fn handled() -> &'static str {
    use duende_mlock::{MlockError, lock_all};

    match lock_all() {
        Ok(status) => {
            println!("Success: {status}");
            "success"
        }
        Err(MlockError::PermissionDenied) => "capability",
        Err(MlockError::ResourceLimit) => "limit",
        Err(e) => panic!("Unexpected error: {e}"),
    }
}

#[test]
fn errors_take_their_arms() {
    own_process("duende_mlock::errors_take_their_arms", Setup::new(), || {
        assert_eq!(handled(), "success");
        assert!(locked() > 0);
    });
}

#[test]
fn a_missing_capability_takes_its_arm() {
    const NAME: &str = "duende_mlock::a_missing_capability_takes_its_arm";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(0).nobody(), || {
        assert_eq!(handled(), "capability");
        assert_eq!(locked(), 0);
    });
}

#[test]
fn a_low_limit_takes_its_arm() {
    const NAME: &str = "duende_mlock::a_low_limit_takes_its_arm";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(64 * 1024).nobody(), || {
        assert_eq!(handled(), "limit");
        assert_eq!(locked(), 0);
    });
}

/// Its API page: every item, by its published signature.
#[test]
fn signatures_are_the_published_ones() {
    use stayput::process::*;

    const CONFIG: MlockConfig = MlockConfigBuilder::new().current(false).build();
    let _: fn() -> Result<MlockStatus, MlockError> = lock_all;
    let _: fn(MlockConfig) -> Result<MlockStatus, MlockError> = lock_with_config;
    let _: fn() -> Result<(), MlockError> = unlock_all;
    let _: fn() -> bool = is_locked;
    let _: fn() -> usize = locked_bytes;
    let _: [fn(&MlockConfig) -> bool; 4] = [
        MlockConfig::current,
        MlockConfig::future,
        MlockConfig::required,
        MlockConfig::onfault,
    ];
    let _: [fn(&MlockStatus) -> bool; 3] = [
        MlockStatus::is_locked,
        MlockStatus::is_failed,
        MlockStatus::is_unsupported,
    ];
    let _: fn(&MlockStatus) -> usize = MlockStatus::bytes_locked;
    let _: fn(&MlockStatus) -> Option<i32> = MlockStatus::failure_errno;
    const ERROR: MlockError = MlockError::from_errno(12);
    const ERRNO: Option<i32> = ERROR.errno();
    assert_eq!((ERROR, ERRNO), (MlockError::ResourceLimit, Some(12)));
    assert!(ERROR.is_resource_limit() && !ERROR.is_permission_error());
    assert!(!CONFIG.current() && CONFIG.future() && CONFIG.required() && !CONFIG.onfault());
    assert_eq!(
        MlockConfig::default(),
        MlockConfigBuilder::default().build()
    );
    // Exhaustive, as published: a match without a wildcard compiles.
    let name = |status: MlockStatus| match status {
        MlockStatus::Locked { bytes_locked: _ } => "locked",
        MlockStatus::Failed { errno: _ } => "failed",
        MlockStatus::Unsupported => "unsupported",
    };
    assert_eq!(name(MlockStatus::Unsupported), "unsupported");
    let name = |error: MlockError| match error {
        MlockError::PermissionDenied => "permission",
        MlockError::ResourceLimit => "limit",
        MlockError::InvalidArgument => "argument",
        MlockError::WouldBlock => "block",
        MlockError::Unknown(_) => "unknown",
    };
    assert_eq!(name(ERROR), "limit");
}
