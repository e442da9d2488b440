//! Whether this process is locked as a whole (`mlockall`).
//!
//! Kept here, at the bottom, because the last guard on a page must know: it may
//! not unlock a page that `mlockall` locked too.

use stayput_sys::process::fork_generation;
use std::sync::atomic::{AtomicU64, Ordering};

/// The fork generation that called `mlockall`; locks are not inherited.
static LOCKED_IN: AtomicU64 = AtomicU64::new(0);

/// Whether `mlockall` holds this process.
pub(crate) fn process_is_locked() -> bool {
    LOCKED_IN.load(Ordering::Acquire) == fork_generation()
}
