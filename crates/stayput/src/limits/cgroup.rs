//! The room left in memory, before a lock: the control group's, and the system's.
//!
//! Past them a lock is not refused: the kernel kills. So they are looked at
//! *before* a lock, for locks large enough that the look costs nothing beside.

use super::{Cause, LockError, MemoryGroup, Operation};
use stayput_sys::{PageRange, page_size, residency};
use std::fs;

/// Below this many bytes the look would cost more than the lock.
const WORTH_A_LOOK: usize = 64 * 1024;

/// From this many bytes on the system's memory as a whole may be too small.
const LARGE: usize = 256 << 20;

/// An error if `range` can't fit into the group that this process lives in, or
/// into the memory that there is.
pub(crate) fn refuse_beyond_headroom(range: PageRange) -> Result<(), LockError> {
    if range.len() < WORTH_A_LOOK {
        return Ok(());
    }
    if range.len() >= LARGE && exceeds_memory(range) {
        let cause = Cause::OutOfMemory;
        return Err(LockError::new(Operation::Lock, Some(range), None, cause));
    }
    let Some(headroom) = headroom().filter(|&left| left < range.len() as u64) else {
        return Ok(());
    };
    let needed = absent(range);
    if needed <= headroom {
        return Ok(());
    }
    let cause = Cause::MemoryCgroup { headroom, needed };
    Err(LockError::new(Operation::Lock, Some(range), None, cause))
}

/// Whether what is missing of `range` is more than could be had without swapping;
/// no where the system does not say.
fn exceeds_memory(range: PageRange) -> bool {
    let Ok(text) = fs::read_to_string("/proc/meminfo") else {
        return false;
    };
    let bytes = |name: &str| -> Option<u64> {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        kib.checked_mul(1024)
    };
    // Which pages are missing is asked only of what could fit at all.
    bytes("MemTotal:").is_some_and(|all| all < range.len() as u64)
        || bytes("MemAvailable:").is_some_and(|left| left < absent(range))
}

/// Bytes that are not in memory yet: what is has been charged already.
fn absent(range: PageRange) -> u64 {
    match residency::mincore(range) {
        Ok(resident) => {
            let absent = resident.iter().filter(|&&resident| !resident).count();
            (absent * page_size()) as u64
        }
        Err(_) => range.len() as u64,
    }
}

/// Bytes left in the tightest of the group and its ancestors; `None` where no
/// limit is set or visible.
pub(crate) fn headroom() -> Option<u64> {
    MemoryGroup::current()?.headroom
}
