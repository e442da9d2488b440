//! A memory control group of one's own, whose pages are pushed out on request.

use crate::complain::complain;
use crate::janitor::{Janitor, Thing};
use crate::marker::Seed;
use anyhow::{Context, Result};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A control group; dropping it removes it.
pub(super) struct Cgroup<'a> {
    path: PathBuf,
    version: Version,
    janitor: &'a Janitor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

impl<'a> Cgroup<'a> {
    /// Makes one, where the memory controller can be had without changing
    /// anything of the system's.
    pub(super) fn make(seed: Seed, janitor: &'a Janitor) -> Result<Option<Self>> {
        let mounts = fs::read_to_string("/proc/self/mounts").context("reading the mounts")?;
        let own = fs::read_to_string("/proc/self/cgroup").context("reading the own group")?;
        let Some((parent, version)) = parent(&mounts, &own) else {
            return Ok(None);
        };
        let path = parent.join(format!("stayput-prove-{}", seed.name()));
        let made = janitor.make(Thing::Cgroup(path.clone()), || Ok(fs::create_dir(&path)))?;
        let group = Self {
            path,
            version,
            janitor,
        };
        let usable = made.is_ok() && group.path.join(version.reclaim_file()).exists();
        Ok(usable.then_some(group))
    }

    /// Moves a process in; what it allocates from then on is the group's.
    pub(super) fn join(&self, process: u32) -> Result<()> {
        fs::write(self.path.join("cgroup.procs"), process.to_string())
            .with_context(|| format!("moving a victim into {}", self.path.display()))
    }

    /// Pushes out what can be; what was done, for the record.
    pub(super) fn reclaim(&self) -> Result<&'static str> {
        let file = self.path.join(self.version.reclaim_file());
        match self.version {
            Version::V1 => {
                let swappiness = fs::write(self.path.join("memory.swappiness"), "100");
                swappiness.context("setting the group's swappiness")?;
                fs::write(&file, "0").context("memory.force_empty")?;
            }
            // Swap first where the kernel takes the wish (6.9), as it likes where not.
            // EAGAIN: less could be pushed out than was asked for, as is always so here.
            Version::V2 => match fs::write(&file, "1G swappiness=200") {
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => {
                    unless_again(fs::write(&file, "1G"))
                }
                other => unless_again(other),
            }
            .context("memory.reclaim")?,
        }
        Ok(self.version.reclaim_file())
    }
}

impl Drop for Cgroup<'_> {
    fn drop(&mut self) {
        let thing = Thing::Cgroup(self.path.clone());
        if let Err(error) = self.janitor.remove(&thing) {
            complain(format_args!(
                "stayput-prove: {error:#}; trying again at the end"
            ));
        }
    }
}

impl Version {
    fn reclaim_file(self) -> &'static str {
        match self {
            Self::V1 => "memory.force_empty",
            Self::V2 => "memory.reclaim",
        }
    }
}

fn unless_again(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        other => other,
    }
}

/// The group to make ours in: the root of a version 1 hierarchy, or the nearest
/// ancestor of our own in version 2 that gives its children the controller.
fn parent(mounts: &str, own: &str) -> Option<(PathBuf, Version)> {
    let mount_of = |kind: &str, option: &str| {
        mounts.lines().find_map(|line| {
            let fields: Vec<_> = line.split(' ').collect();
            let [_, path, fs_type, options, ..] = fields[..] else {
                return None;
            };
            let fits = fs_type == kind && options.split(',').any(|known| known == option);
            fits.then(|| PathBuf::from(path))
        })
    };
    if let Some(mount) = mount_of("cgroup", "memory") {
        return Some((mount, Version::V1));
    }
    let mount = mount_of("cgroup2", "rw")?;
    let path = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let own = mount.join(path);
    let ancestors = own.ancestors().take_while(|dir| dir.starts_with(&mount));
    let mut ancestors = ancestors.filter(|dir| passes_memory_on(dir));
    ancestors.next().map(|dir| (dir.to_owned(), Version::V2))
}

fn passes_memory_on(group: &Path) -> bool {
    let controllers = fs::read_to_string(group.join("cgroup.subtree_control"));
    controllers.is_ok_and(|list| list.split_whitespace().any(|name| name == "memory"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_1_wins_where_it_has_the_controller() {
        let mounts = "cgroup2 /c2 cgroup2 rw 0 0\ncgroup /c1/memory cgroup rw,memory 0 0\n";
        let expected = Some((PathBuf::from("/c1/memory"), Version::V1));
        assert_eq!(parent(mounts, "0::/\n"), expected);
    }

    #[test]
    fn version_2_needs_an_ancestor_that_passes_the_controller_on() {
        let root = tempfile::tempdir().expect("a directory");
        let deep = root.path().join("slice/scope");
        fs::create_dir_all(&deep).expect("made");
        let mounts = format!("cgroup2 {} cgroup2 rw,nosuid 0 0\n", root.path().display());
        let own = "0::/slice/scope\n";
        assert_eq!(parent(&mounts, own), None);
        fs::write(root.path().join("cgroup.subtree_control"), "cpu memory\n").expect("written");
        let expected = Some((root.path().to_owned(), Version::V2));
        assert_eq!(parent(&mounts, own), expected);
        fs::write(deep.join("cgroup.subtree_control"), "cpu\n").expect("written");
        assert_eq!(parent(&mounts, own), expected);
    }
}
