//! Policies and backings, as numbers: C can hand in any.

use crate::failure::Failure;
use stayput::{Backing, Policy};

/// What to do where memory can't be locked: one of STAYPUT_POLICY_….
#[allow(non_camel_case_types, reason = "the name in C")]
pub type stayput_policy = u32;

/// Locked, or an error that names the cause. The default.
pub const STAYPUT_POLICY_REQUIRE: stayput_policy = 0;
/// Locked where possible; otherwise handed out unlocked, and reported so.
pub const STAYPUT_POLICY_PREFER: stayput_policy = 1;
/// Not locked at all, but wiped, guarded and left out of dumps all the same.
pub const STAYPUT_POLICY_OFF: stayput_policy = 2;

/// What kind of memory a pool hands out: one of STAYPUT_BACKING_….
#[allow(non_camel_case_types, reason = "the name in C")]
pub type stayput_backing = u32;

/// Private pages, locked; zeros in a fork child. The default.
pub const STAYPUT_BACKING_LOCKED: stayput_backing = 0;
/// Pages that the kernel itself does not map (memfd_secret(2), Linux 5.14): root's
/// debuggers and /proc/PID/mem can't read them. Absent from fork children: reading
/// an inherited secret is a fault there. While any lives the system can't
/// hibernate.
pub const STAYPUT_BACKING_SECRET_MEM: stayput_backing = 1;

pub(crate) fn policy_of(number: stayput_policy) -> Result<Policy, Failure> {
    match number {
        STAYPUT_POLICY_REQUIRE => Ok(Policy::Require),
        STAYPUT_POLICY_PREFER => Ok(Policy::Prefer),
        STAYPUT_POLICY_OFF => Ok(Policy::Off),
        other => Err(Failure::invalid(format!(
            "policy {other}: expected STAYPUT_POLICY_REQUIRE, _PREFER or _OFF"
        ))),
    }
}

pub(crate) fn backing_of(number: stayput_backing) -> Result<Backing, Failure> {
    match number {
        STAYPUT_BACKING_LOCKED => Ok(Backing::Locked),
        STAYPUT_BACKING_SECRET_MEM => Ok(Backing::SecretMem),
        other => Err(Failure::invalid(format!(
            "backing {other}: expected STAYPUT_BACKING_LOCKED or _SECRET_MEM"
        ))),
    }
}
