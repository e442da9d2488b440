//! The memory control group of a process: limits on memory and on swap.

use super::status::read_own;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Which interface the memory controller has (cgroups(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GroupVersion {
    /// `memory.limit_in_bytes` and so on.
    V1,
    /// `memory.max` and so on.
    V2,
}

/// Limits of the memory control group that a process lives in, the tightest of
/// the group and its visible ancestors; all in bytes, `None` for no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemoryGroup {
    /// The interface.
    pub version: GroupVersion,
    /// The group's directory, or the nearest ancestor's that is visible.
    pub path: PathBuf,
    /// Most memory. Past it the kernel kills, locked or not.
    pub limit: Option<u64>,
    /// Left below that limit, where page cache that can be given up counts as
    /// left.
    pub headroom: Option<u64>,
    /// Most swap: with 0 no page of the group is swapped out. Version 1 limits
    /// memory and swap together, so this is what swap may take when memory is
    /// full.
    pub swap_limit: Option<u64>,
}

impl MemoryGroup {
    /// The calling process's; `None` without a memory controller, or where its
    /// file system is not visible.
    ///
    /// Sources: `/proc/self/cgroup`, `/proc/self/mounts`, and the controller's
    /// files.
    #[must_use]
    pub fn current() -> Option<Self> {
        Self::from_groups(&read_own("self/cgroup").ok()?)
    }

    /// Another process's, as far as it is visible from here.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn of(pid: u32) -> io::Result<Option<Self>> {
        let groups = fs::read_to_string(format!("/proc/{pid}/cgroup"))?;
        Ok(Self::from_groups(&groups))
    }

    fn from_groups(groups: &str) -> Option<Self> {
        let mounts = read_own("self/mounts").ok()?;
        let (mount, group, version) = place(groups, &mounts)?;
        let mut dir = mount.join(group.trim_start_matches('/'));
        // Inside a container the mount may be the group itself.
        while !dir.join("memory.stat").exists() && dir != mount && dir.pop() {}
        let mut this = Self {
            version,
            path: dir.clone(),
            limit: None,
            headroom: None,
            swap_limit: None,
        };
        loop {
            this.tighten(&dir);
            if dir == mount || !dir.pop() {
                return Some(this);
            }
        }
    }

    fn tighten(&mut self, dir: &Path) {
        let limits = match self.version {
            GroupVersion::V1 => Limits::of_v1(dir),
            GroupVersion::V2 => Limits::of_v2(dir),
        };
        self.limit = tighter(self.limit, limits.memory);
        self.headroom = tighter(self.headroom, limits.left);
        self.swap_limit = tighter(self.swap_limit, limits.swap);
    }
}

/// Of one directory.
struct Limits {
    memory: Option<u64>,
    left: Option<u64>,
    swap: Option<u64>,
}

impl Limits {
    fn of_v1(dir: &Path) -> Self {
        let memory = number(&dir.join("memory.limit_in_bytes"));
        let used = number(&dir.join("memory.usage_in_bytes"));
        let both = number(&dir.join("memory.memsw.limit_in_bytes"));
        let cache = ["total_inactive_file", "total_active_file"];
        Self {
            memory,
            left: left(memory, used, dir, cache),
            swap: memory
                .zip(both)
                .map(|(memory, both)| both.saturating_sub(memory)),
        }
    }

    fn of_v2(dir: &Path) -> Self {
        let memory = number(&dir.join("memory.max"));
        let used = number(&dir.join("memory.current"));
        Self {
            memory,
            left: left(memory, used, dir, ["inactive_file", "active_file"]),
            swap: number(&dir.join("memory.swap.max")),
        }
    }
}

/// Limit less use, not counting page cache: that can be reclaimed.
fn left(limit: Option<u64>, used: Option<u64>, dir: &Path, cache: [&str; 2]) -> Option<u64> {
    let (limit, used) = limit.zip(used)?;
    let stat = fs::read_to_string(dir.join("memory.stat")).unwrap_or_default();
    let reclaimable: u64 = stat
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(name, _)| cache.contains(name))
        .filter_map(|(_, value)| value.parse::<u64>().ok())
        .sum();
    Some(limit.saturating_sub(used.saturating_sub(reclaimable)))
}

fn tighter(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
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

/// Where the memory controller is mounted, and the group below it.
fn place(groups: &str, mounts: &str) -> Option<(PathBuf, String, GroupVersion)> {
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
            Some((mount_of("cgroup", Some("memory"))?, group, GroupVersion::V1))
        } else if controllers.is_empty() {
            Some((mount_of("cgroup2", None)?, group, GroupVersion::V2))
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n\
        cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0\n\
        cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";

    fn found(groups: &str) -> Option<(String, String, GroupVersion)> {
        let (mount, group, version) = place(groups, MOUNTS)?;
        Some((mount.display().to_string(), group, version))
    }

    #[test]
    fn the_controller_is_where_its_hierarchy_is_mounted() {
        let v1 = (
            "/sys/fs/cgroup/memory".into(),
            "/a".into(),
            GroupVersion::V1,
        );
        assert_eq!(found("4:memory:/a\n0::/b\n"), Some(v1));
        let v2 = (
            "/sys/fs/cgroup/unified".into(),
            "/b".into(),
            GroupVersion::V2,
        );
        assert_eq!(found("1:cpu:/a\n0::/b\n"), Some(v2));
        assert_eq!(found("1:cpu:/a\n"), None);
    }

    /// Files in a directory, as the kernel writes them.
    fn dir(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a directory");
        for (name, content) in files {
            fs::write(dir.path().join(name), content).expect("a file");
        }
        dir
    }

    #[test]
    fn version_2_limits_swap_by_itself() {
        let group = dir(&[
            ("memory.max", "1000\n"),
            ("memory.current", "700\n"),
            (
                "memory.stat",
                "anon 500\ninactive_file 100\nactive_file 50\n",
            ),
            ("memory.swap.max", "0\n"),
        ]);
        let limits = Limits::of_v2(group.path());
        assert_eq!(
            (limits.memory, limits.left, limits.swap),
            (Some(1000), Some(450), Some(0))
        );
        let unlimited = dir(&[("memory.max", "max\n"), ("memory.swap.max", "max\n")]);
        let limits = Limits::of_v2(unlimited.path());
        assert_eq!(
            (limits.memory, limits.left, limits.swap),
            (None, None, None)
        );
    }

    #[test]
    fn version_1_limits_memory_and_swap_together() {
        let group = dir(&[
            ("memory.limit_in_bytes", "1000\n"),
            ("memory.usage_in_bytes", "1000\n"),
            ("memory.memsw.limit_in_bytes", "1000\n"),
        ]);
        let limits = Limits::of_v1(group.path());
        assert_eq!((limits.left, limits.swap), (Some(0), Some(0)));
        let unlimited = dir(&[
            ("memory.limit_in_bytes", "9223372036854771712\n"),
            ("memory.memsw.limit_in_bytes", "9223372036854771712\n"),
        ]);
        assert_eq!(Limits::of_v1(unlimited.path()).swap, None);
    }

    #[test]
    fn the_tightest_counts() {
        assert_eq!(tighter(Some(1), Some(2)), Some(1));
        assert_eq!(tighter(None, Some(2)), Some(2));
        assert_eq!(tighter(Some(1), None), Some(1));
        assert_eq!(tighter(None, None), None);
    }
}
