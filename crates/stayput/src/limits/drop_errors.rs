//! What the system refused to undo in drops, which have nobody to tell.
//!
//! Kept here, at the bottom, because every room has drops; pools report it
//! (`Stats::errors_in_drop`).

use std::sync::atomic::{AtomicU64, Ordering};

static ERRORS: AtomicU64 = AtomicU64::new(0);

/// Counts a refusal.
pub(crate) fn count_drop_error() {
    ERRORS.fetch_add(1, Ordering::Relaxed);
}

/// How many there were in this process.
pub(crate) fn drop_errors() -> u64 {
    ERRORS.load(Ordering::Relaxed)
}
