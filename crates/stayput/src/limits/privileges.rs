//! Rights beside the limit: what decides which remedy works.

use super::status::{Status, in_initial_user_namespace};
use std::io;

/// The rights of a process; each `None` where the system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Privileges {
    /// The effective user.
    pub user: Option<u32>,
    /// Whether `CAP_IPC_LOCK` is in the bounding set. That gives nothing by
    /// itself; without it not even a file's capability does.
    pub bounding: Option<bool>,
    /// Whether the user namespace is the initial one; in others `CAP_IPC_LOCK` has
    /// no effect.
    pub initial_user_namespace: Option<bool>,
    /// Whether file capabilities and set-uid programs give nothing
    /// (`PR_SET_NO_NEW_PRIVS`).
    pub no_new_privileges: Option<bool>,
    /// Whether a seccomp filter watches the system calls.
    pub filtered: Option<bool>,
}

impl Privileges {
    /// The calling thread's.
    ///
    /// Sources: `/proc/thread-self/status` (proc_pid_status(5)),
    /// `/proc/self/ns/user`.
    #[must_use]
    pub fn current() -> Self {
        Self::from_status(&Status::of_thread(), in_initial_user_namespace("self"))
    }

    /// Another process's.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn of(pid: u32) -> io::Result<Self> {
        let initial = in_initial_user_namespace(&pid.to_string());
        Status::of(pid).map(|status| Self::from_status(&status, initial))
    }

    /// Whether a capability on a program's file has an effect.
    pub(super) fn file_capabilities_work(&self) -> bool {
        self.bounding != Some(false) && self.no_new_privileges != Some(true)
    }

    pub(super) fn is_root(&self) -> bool {
        self.user == Some(0)
    }

    fn from_status(status: &Status, initial_user_namespace: Option<bool>) -> Self {
        let flag = |name: &str, set: &str| status.field(name).map(|value| value == set);
        let effective_user = |ids: &str| ids.split_whitespace().nth(1)?.parse().ok();
        Self {
            user: status.field("Uid").and_then(effective_user),
            bounding: status.has_ipc_lock("CapBnd"),
            initial_user_namespace,
            no_new_privileges: flag("NoNewPrivs", "1"),
            filtered: flag("Seccomp", "2"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_read() {
        let status = "Uid:\t1000\t1001\t1000\t1000\nCapBnd:\t0000000000004000\n\
            NoNewPrivs:\t0\nSeccomp:\t2\n";
        let expected = Privileges {
            user: Some(1001),
            bounding: Some(true),
            initial_user_namespace: Some(true),
            no_new_privileges: Some(false),
            filtered: Some(true),
        };
        assert_eq!(
            Privileges::from_status(&status.into(), Some(true)),
            expected
        );
        assert_eq!(
            Privileges::from_status(&"".into(), None),
            Privileges::default(),
            "nothing known"
        );
    }
}
