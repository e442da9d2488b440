//! How much may be locked, and whether the soft limit may be raised.

use crate::boundary::{Out, status};
use crate::failure::Failure;
use crate::status::stayput_status;
use stayput::limits::{self, Budget, Capability, Raising};

/// Whether CAP_IPC_LOCK lifts the limit.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub enum stayput_capability {
    /// The system has no such capability, or does not tell.
    STAYPUT_CAPABILITY_UNKNOWN = 0,
    /// Effective: no limit applies.
    STAYPUT_CAPABILITY_EFFECTIVE = 1,
    /// Effective, but in a user namespace of its own, where the kernel does not ask
    /// for it.
    STAYPUT_CAPABILITY_WITHOUT_EFFECT = 2,
    /// Not effective.
    STAYPUT_CAPABILITY_ABSENT = 3,
}

/// No limit, or none known.
pub const STAYPUT_UNLIMITED: u64 = u64::MAX;

/// Limit, locked bytes and capability of this process at one moment; in bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[allow(non_camel_case_types, reason = "the name in C")]
pub struct stayput_budget {
    /// Soft limit (RLIMIT_MEMLOCK), or STAYPUT_UNLIMITED.
    pub soft: u64,
    /// Hard limit, or STAYPUT_UNLIMITED.
    pub hard: u64,
    /// Locked now (VmLck); 0 where the system does not tell.
    pub held: u64,
    /// What may still be locked, or STAYPUT_UNLIMITED. Below the hard limit the
    /// library raises the soft one where that is enough.
    pub available: u64,
    /// Whether the limit applies at all.
    pub capability: stayput_capability,
}

/// How much this process may lock, and has locked.
///
/// # Safety
/// out has room for the budget.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_budget_current(out: *mut stayput_budget) -> stayput_status {
    status(|| {
        let out = Out::new(out, "out")?;
        let budget = Budget::current();
        let current = stayput_budget {
            soft: budget.soft.unwrap_or(STAYPUT_UNLIMITED),
            hard: budget.hard.unwrap_or(STAYPUT_UNLIMITED),
            held: budget.held.unwrap_or(0),
            available: budget.available().unwrap_or(STAYPUT_UNLIMITED),
            capability: match budget.capability {
                Capability::Effective => stayput_capability::STAYPUT_CAPABILITY_EFFECTIVE,
                Capability::WithoutEffect => stayput_capability::STAYPUT_CAPABILITY_WITHOUT_EFFECT,
                Capability::Absent => stayput_capability::STAYPUT_CAPABILITY_ABSENT,
                _ => stayput_capability::STAYPUT_CAPABILITY_UNKNOWN,
            },
        };
        // SAFETY: the caller's promise.
        unsafe { out.set(current) };
        Ok(())
    })
}

/// The soft limit may be raised to the hard one where that is enough: the default.
/// Children inherit the raised limit.
pub const STAYPUT_RAISING_ALLOWED: u32 = 0;
/// The soft limit stays as it is.
pub const STAYPUT_RAISING_FORBIDDEN: u32 = 1;

/// Allows or forbids raising the soft limit, for the whole process:
/// STAYPUT_RAISING_ALLOWED or STAYPUT_RAISING_FORBIDDEN.
#[unsafe(no_mangle)]
pub extern "C" fn stayput_set_raising(raising: u32) -> stayput_status {
    status(|| {
        limits::set_raising(match raising {
            STAYPUT_RAISING_ALLOWED => Raising::Allowed,
            STAYPUT_RAISING_FORBIDDEN => Raising::Forbidden,
            other => {
                return Err(Failure::invalid(format!(
                    "raising {other}: expected STAYPUT_RAISING_ALLOWED or _FORBIDDEN"
                )));
            }
        });
        Ok(())
    })
}

/// Whether the library has raised the soft limit; if so, stores its first and last
/// value (either pointer may be NULL).
///
/// # Safety
/// Each pointer is NULL or has room for a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stayput_raised(from: *mut u64, to: *mut u64) -> bool {
    crate::boundary::value(false, || {
        let Some(raised) = limits::raised() else {
            return Ok(false);
        };
        for (place, value) in [(from, raised.from), (to, raised.to)] {
            if !place.is_null() {
                // SAFETY: the caller's promise.
                unsafe { place.write(value) };
            }
        }
        Ok(true)
    })
}
