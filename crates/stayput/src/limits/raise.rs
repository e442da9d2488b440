//! Raising the soft limit to the hard one when that is enough.

use super::{Budget, Capability};
use stayput_sys::limits::{
    Limit, Resource, UNLIMITED, getrlimit, setrlimit, working_set, working_set_grown_from,
};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Whether locks that hit the soft limit may raise it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Raising {
    /// Up to the hard limit, when that is enough (the default). Children
    /// inherit the raised limit, as they do any limit.
    #[default]
    Allowed,
    /// The soft limit stays as it is.
    Forbidden,
}

/// A soft limit that was raised, in bytes; on Windows the minimum working set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Raised {
    /// Before.
    pub from: u64,
    /// After; [`u64::MAX`] for no limit.
    pub to: u64,
}

static FORBIDDEN: AtomicBool = AtomicBool::new(false);
/// First value and last; no lock, which a fork child could find held for ever.
static RAISED: (AtomicU64, AtomicU64) = (AtomicU64::new(NEVER), AtomicU64::new(NEVER));
/// No limit that was raised.
const NEVER: u64 = UNLIMITED;

/// Allows or forbids raising, for the whole process: the limit is the process's.
pub fn set_raising(raising: Raising) {
    FORBIDDEN.store(raising == Raising::Forbidden, Ordering::Relaxed);
}

/// Whether locks that hit the soft limit may raise it.
#[must_use]
pub fn raising() -> Raising {
    if FORBIDDEN.load(Ordering::Relaxed) {
        Raising::Forbidden
    } else {
        Raising::Allowed
    }
}

/// What this process did to its soft limit, if anything: first and last value.
///
/// On Windows, locks that hit the quota grow the minimum working set, whatever
/// [`raising`] says: the quota is there to be set by the process itself, and children
/// do not inherit it.
#[must_use]
pub fn raised() -> Option<Raised> {
    let (from, to) = (&RAISED.0, &RAISED.1);
    match from.load(Ordering::Acquire) {
        NEVER => {
            let from = working_set_grown_from()? as u64;
            let (to, _) = working_set().ok()?;
            let to = to as u64;
            Some(Raised { from, to })
        }
        from => Some(Raised {
            from,
            to: to.load(Ordering::Relaxed),
        }),
    }
}

/// Raises the soft limit if `needed` more bytes do not fit and then would; says
/// whether it did, so that the caller tries again.
pub(crate) fn raise_for(needed: u64) -> bool {
    let Ok(Limit { soft, hard }) = getrlimit(Resource::Memlock) else {
        return false;
    };
    let budget = Budget::current();
    let total = |held: u64| held.saturating_add(needed);
    let limit_refuses = budget.capability != Capability::Effective
        && budget.held.is_none_or(|held| total(held) > soft);
    let enough = hard == UNLIMITED || total(budget.held.unwrap_or(0)) <= hard;
    limit_refuses && enough && raise()
}

/// Raises the soft limit to the hard one where that is allowed and changes it.
pub(crate) fn raise() -> bool {
    if raising() == Raising::Forbidden {
        return false;
    }
    let Ok(Limit { soft, hard }) = getrlimit(Resource::Memlock) else {
        return false;
    };
    if soft >= hard {
        return false;
    }
    if setrlimit(Resource::Memlock, Limit { soft: hard, hard }).is_err() {
        return false;
    }
    // The first value stays; the last is there before it is looked for.
    RAISED.1.store(hard, Ordering::Relaxed);
    let (success, failure) = (Ordering::Release, Ordering::Relaxed);
    let _ = RAISED.0.compare_exchange(NEVER, soft, success, failure);
    crate::trace::event!(
        warn,
        from = soft,
        to = hard,
        "RLIMIT_MEMLOCK soft limit raised"
    );
    true
}
