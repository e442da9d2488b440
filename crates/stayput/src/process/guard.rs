//! The whole process locked for a while.

use super::report::lock_shared;
use super::{LockReport, MlockConfig};
use crate::limits::{LockError, Share, count_drop_error, give_back};
use crate::trace::event;
use stayput_sys::lock::munlockall;
use std::borrow::Borrow;

/// The process stays locked while one of these lives.
///
/// Guards stack: the last to go unlocks, unless [`lock_all`](super::lock_all)
/// holds the process too. The kernel has one setting for the process: a later
/// guard's flags replace an earlier one's and stay when the later one goes.
/// Unlocking is `munlockall`, which undoes the locks of regions and pools too. In
/// a fork child, where nothing is locked, a drop does nothing.
#[derive(Debug)]
#[must_use = "the process is unlocked when this is dropped"]
pub struct LockAllGuard {
    share: Option<Share>,
    report: LockReport,
}

impl LockAllGuard {
    /// Locks the process; takes the config by value or by reference.
    ///
    /// # Errors
    /// As [`lock_report`](super::lock_report).
    pub fn new(config: impl Borrow<MlockConfig>) -> Result<Self, LockError> {
        let (report, share) = lock_shared(*config.borrow())?;
        Ok(Self { share, report })
    }

    /// What locking did.
    #[must_use]
    pub fn report(&self) -> &LockReport {
        &self.report
    }
}

impl Drop for LockAllGuard {
    fn drop(&mut self) {
        let Some(share) = &self.share else { return };
        if let Err(error) = give_back(share, munlockall) {
            count_drop_error();
            event!(
                error,
                error = error,
                "the process stays locked: munlockall failed"
            );
        }
    }
}
