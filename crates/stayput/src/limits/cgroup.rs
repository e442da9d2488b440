//! The room left in the memory control group.
//!
//! Past that limit a lock is not refused: the kernel kills. So it is looked at
//! *before* a lock, for locks large enough that the look costs nothing beside.

use super::{Cause, LockError, Operation};
use stayput_sys::{PageRange, page_size, residency};
use std::fs;
use std::path::{Path, PathBuf};

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
    let (mount, group, version) = memory_group()?;
    let mut tightest = None;
    let mut dir = mount.join(group.trim_start_matches('/'));
    loop {
        if let Some(left) = version.left_in(&dir) {
            tightest = Some(tightest.map_or(left, |least: u64| least.min(left)));
        }
        if dir == mount || !dir.pop() {
            return tightest;
        }
    }
}

#[derive(Clone, Copy)]
enum Version {
    V1,
    V2,
}

impl Version {
    /// Limit less use, not counting page cache: that can be reclaimed.
    fn left_in(self, dir: &Path) -> Option<u64> {
        let (limit, usage, cache) = match self {
            Self::V1 => (
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                ["total_inactive_file", "total_active_file"],
            ),
            Self::V2 => (
                "memory.max",
                "memory.current",
                ["inactive_file", "active_file"],
            ),
        };
        let limit = number(&dir.join(limit))?;
        let used = number(&dir.join(usage))?;
        let stat = fs::read_to_string(dir.join("memory.stat")).unwrap_or_default();
        let reclaimable: u64 = stat
            .lines()
            .filter_map(|line| line.split_once(' '))
            .filter(|(name, _)| cache.contains(name))
            .filter_map(|(_, value)| value.parse::<u64>().ok())
            .sum();
        Some(limit.saturating_sub(used.saturating_sub(reclaimable)))
    }
}

/// `max` is no limit, and so is v1's "nearly all of u64".
fn number(file: &Path) -> Option<u64> {
    const V1_NO_LIMIT: u64 = 1 << 62;
    fs::read_to_string(file)
        .ok()?
        .trim()
        .parse()
        .ok()
        .filter(|&value| value < V1_NO_LIMIT)
}

/// Where the memory controller is mounted, and this process's group below it.
fn memory_group() -> Option<(PathBuf, String, Version)> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let mount_of = |kind: &str, option: Option<&str>| {
        mounts.lines().find_map(|line| {
            let mut fields = line.split(' ').skip(1);
            let (path, fs_type, options) = (fields.next()?, fields.next()?, fields.next()?);
            let fits = option.is_none_or(|option| options.split(',').any(|o| o == option));
            (fs_type == kind && fits).then(|| PathBuf::from(path))
        })
    };
    groups.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, group) = (fields.next()?, fields.next()?.to_owned());
        if controllers.split(',').any(|name| name == "memory") {
            Some((mount_of("cgroup", Some("memory"))?, group, Version::V1))
        } else if controllers.is_empty() {
            Some((mount_of("cgroup2", None)?, group, Version::V2))
        } else {
            None
        }
    })
}
