//! The room left in the memory control group, before a lock.
//!
//! Past that limit a lock is not refused: the kernel kills. So it is looked at
//! *before* a lock, for locks large enough that the look costs nothing beside.

use super::{Cause, LockError, MemoryGroup, Operation};
use stayput_sys::{PageRange, page_size, residency};

/// Below this many bytes the look would cost more than the lock.
const WORTH_A_LOOK: usize = 64 * 1024;

/// An error if `range` can't fit into the group that this process lives in.
pub(crate) fn refuse_beyond_headroom(range: PageRange) -> Result<(), LockError> {
    if range.len() < WORTH_A_LOOK {
        return Ok(());
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
