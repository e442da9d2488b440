//! What this process may do, found by trying it.

use crate::observe;
use stayput_sys::limits::{Limit, Resource, getrlimit, setrlimit};
use stayput_sys::raw::{self, Fork};
use std::io;

/// Whether the capability is effective and the kernel honours it (in a user
/// namespace it does not).
pub(crate) fn capability_counts() -> io::Result<bool> {
    if !observe::has_ipc_lock()? {
        return Ok(false);
    }
    match raw::fork()? {
        Fork::Parent(child) => Ok(raw::wait(child)? == 0),
        Fork::Child => {
            let hard = getrlimit(Resource::Memlock).map_or(0, |limit| limit.hard);
            let zero = setrlimit(Resource::Memlock, Limit { soft: 0, hard });
            raw::exit(i32::from(zero.and_then(|()| raw::mlock(0, 0)).is_err()))
        }
    }
}

/// Whether this process may raise its hard limit: tried in another, since not
/// every kernel that shows `CAP_SYS_RESOURCE` honours it.
pub(crate) fn may_raise(hard: u64) -> io::Result<bool> {
    let Some(soft) = hard.checked_add(4096) else {
        return Ok(true);
    };
    match raw::fork()? {
        Fork::Parent(child) => Ok(raw::wait(child)? == 0),
        Fork::Child => {
            let raised = setrlimit(Resource::Memlock, Limit { soft, hard: soft });
            raw::exit(i32::from(raised.is_err()))
        }
    }
}
