//! Causes that need surroundings of their own: namespaces and control groups.

#[path = "support/own_process.rs"]
mod own_process;

use own_process::{Setup, is_root, own_process};
use stayput::limits::{Budget, Capability, Cause, Environment};
use stayput::page::LockedPages;
use stayput::{LockError, Policy, Pool, Secret};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

const LIMIT: u64 = 64 * 1024;

#[test]
fn a_capability_in_a_user_namespace_has_no_effect() {
    const NAME: &str = "a_capability_in_a_user_namespace_has_no_effect";
    if !user_namespaces(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(LIMIT).user_namespace(), || {
        assert_eq!(Budget::current().capability, Capability::WithoutEffect);
        let error = LockedPages::new(128 * 1024).expect_err("the limit applies");
        let expected = Cause::CapabilityWithoutEffect {
            held: 0,
            limit: LIMIT,
            needed: 2 * LIMIT,
        };
        assert_eq!(*error.cause(), expected, "{error}");
        assert!(error.to_string().contains("user namespace"), "{error}");
    });
}

#[test]
fn nor_has_it_where_the_limit_is_zero() {
    const NAME: &str = "nor_has_it_where_the_limit_is_zero";
    if !user_namespaces(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(0).user_namespace(), || {
        let error = LockedPages::new(4096).expect_err("nothing may be locked");
        let expected = Cause::CapabilityWithoutEffect {
            held: 0,
            limit: 0,
            needed: 4096,
        };
        assert_eq!(*error.cause(), expected, "{error}");
    });
}

fn user_namespaces(test: &str) -> bool {
    let possible = Command::new("unshare").args(["-U", "-r", "true"]).status();
    let possible = possible.is_ok_and(|status| status.success());
    if !possible {
        eprintln!("SKIPPED {test}: user namespaces are not allowed here");
    }
    possible
}

/// A control group of version 1 with a limit, taken away when dropped.
struct Group(PathBuf);

impl Group {
    fn with_limit(bytes: u64) -> std::io::Result<Self> {
        let name = format!("stayput-test-{}", std::process::id());
        let group = Self(PathBuf::from("/sys/fs/cgroup/memory").join(name));
        fs::create_dir(&group.0)?;
        fs::write(group.0.join("memory.limit_in_bytes"), bytes.to_string())?;
        Ok(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        fs::remove_dir(&self.0).expect("its processes have ended");
    }
}

#[test]
fn a_control_group_without_room_refuses_before_the_kernel_kills() {
    const NAME: &str = "a_control_group_without_room_refuses_before_the_kernel_kills";
    if !is_root(NAME) {
        return;
    }
    const ROOM: &str = "STAYPUT_TEST_GROUP";
    let body = || {
        let group = PathBuf::from(std::env::var_os(ROOM).expect("set by the parent"));
        fs::write(group.join("cgroup.procs"), std::process::id().to_string()).expect("root");
        let error = LockedPages::new(64 << 20).expect_err("64 MiB do not fit in 16");
        assert!(
            matches!(error.cause(), Cause::MemoryCgroup { .. }),
            "{error}"
        );
        let unlocked = LockedPages::with_policy(64 << 20, Policy::Prefer).expect("not touched");
        assert!(!unlocked.protection().locked.is_yes());
        LockedPages::new(1 << 20).expect("1 MiB fits");
        std::mem::forget(unlocked); // wiping it would touch all of it
    };
    if std::env::var_os(ROOM).is_some() {
        return body();
    }
    let group = match Group::with_limit(16 << 20) {
        Ok(group) => group,
        Err(error) => {
            eprintln!("SKIPPED {NAME}: no memory control group of version 1: {error}");
            return;
        }
    };
    let status = Command::new(std::env::current_exe().expect("the test binary"))
        .args([NAME, "--exact", "--nocapture"])
        .env(ROOM, &group.0)
        .status()
        .expect("runs");
    assert!(status.success(), "{status}");
}

/// Every remedy names what its environment understands.
#[test]
fn remedies_speak_the_language_of_the_environment() {
    const NAME: &str = "remedies_speak_the_language_of_the_environment";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().memlock(4096).nobody(), || {
        let fill = || -> Result<(), LockError> {
            let mut keys: Vec<Secret<[u8; 4096]>> = Vec::new();
            loop {
                keys.push(Secret::try_init_with_in(|_| {}, Pool::global())?);
            }
        };
        let error = fill().expect_err("one page is the limit");
        for (environment, words) in [
            (Environment::Shell, ["ulimit -l 8", "setcap cap_ipc_lock"]),
            (
                Environment::Systemd,
                ["LimitMEMLOCK=8K", "AmbientCapabilities=CAP_IPC_LOCK"],
            ),
            (
                Environment::Docker,
                ["--ulimit memlock=8192:8192", "--cap-add=IPC_LOCK"],
            ),
            (
                Environment::Podman,
                ["--ulimit memlock=8192:8192", "--cap-add=IPC_LOCK"],
            ),
            (
                Environment::Kubernetes,
                ["LimitMEMLOCK=infinity", "capabilities.add"],
            ),
        ] {
            let remedy = error.remedy_in(environment);
            for word in words {
                assert!(
                    remedy.contains(word),
                    "{environment:?}: {word:?} is missing in {remedy}"
                );
            }
        }
    });
}
