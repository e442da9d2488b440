//! A swap area of one's own, in a file that is really on a disk.

use crate::complain::complain;
use crate::janitor::{Janitor, Thing};
use crate::lab::Lab;
use crate::marker::Seed;
use crate::os;
use anyhow::{Context, Result, ensure};
use stayput_sys::page_size;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Room for all victims, several times over.
const BYTES: usize = 32 << 20;
const SWAPS: &str = "/proc/swaps";
/// As `swapon` is told: the highest there is.
const PRIORITY: &str = "32767";

/// File systems whose files are no disk's blocks, or not for long.
const UNFIT: [&str; 13] = [
    "tmpfs", "ramfs", "devtmpfs", "overlay", "aufs", "squashfs", "nfs", "nfs4", "cifs", "9p",
    "virtiofs", "zfs", "fuse",
];

/// A swap area in use; dropping it ends that and removes the file.
pub(super) struct SwapFile<'a> {
    pub(super) path: PathBuf,
    janitor: &'a Janitor,
}

impl<'a> SwapFile<'a> {
    /// Makes one where it can be. `Err` inside: why none can.
    pub(super) fn make(lab: &'a Lab<'_>) -> Result<Result<Self, String>> {
        let mounts = fs::read_to_string("/proc/self/mounts").context("reading the mounts")?;
        let mut obstacles = Vec::new();
        for dir in candidates(lab) {
            let obstacle = match unfit(&dir, &mounts) {
                Some(kind) => format!("{} ({kind}) can't hold swap", dir.display()),
                None => match Self::make_below(&dir, lab.seed, &lab.janitor)? {
                    Ok(file) => return Ok(Ok(file)),
                    Err(obstacle) => obstacle,
                },
            };
            obstacles.push(obstacle);
        }
        Ok(Err(format!(
            "{}; name another directory by --dir",
            obstacles.join("; ")
        )))
    }

    fn make_below(parent: &Path, seed: Seed, janitor: &'a Janitor) -> Result<Result<Self, String>> {
        let name = format!("stayput-prove-{}.swap", seed.name());
        let path = parent.join(name);
        let file = Self { path, janitor };
        let made = janitor.make(Thing::Swap(file.path.clone()), || {
            Ok(write_area(&file.path).and_then(|()| os::swap_on(&file.path)))
        })?;
        match made {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::InvalidInput || os::is_refusal(&error) => {
                return Ok(Err(format!(
                    "swapon in {}: {}",
                    parent.display(),
                    os::errno(&error)
                )));
            }
            Err(error) => return Ok(Err(format!("{}: {error}", parent.display()))),
        }
        let swaps = fs::read_to_string(SWAPS).with_context(|| format!("reading {SWAPS}"))?;
        ensure!(
            swaps.contains(&seed.name()),
            "{SWAPS} does not list the new swap area"
        );
        Ok(match rivals(&swaps) {
            0 => Ok(file),
            _ => Err(format!("another swap area has the priority {PRIORITY} too")),
        })
    }

    /// Opens the area for reading what is on the disk, not in the page cache.
    pub(super) fn open(&self) -> Result<File> {
        let opened = os::open_direct(&self.path);
        opened.with_context(|| format!("opening {} with O_DIRECT", self.path.display()))
    }
}

impl Drop for SwapFile<'_> {
    fn drop(&mut self) {
        let thing = Thing::Swap(self.path.clone());
        if let Err(error) = self.janitor.remove(&thing) {
            complain(format_args!(
                "stayput-prove: {error:#}; trying again at the end"
            ));
        }
    }
}

fn candidates(lab: &Lab<'_>) -> Vec<PathBuf> {
    if let Some(dir) = &lab.wanted_dir {
        return vec![dir.clone()];
    }
    let mut dirs = vec![std::env::temp_dir(), PathBuf::from("/var/tmp")];
    dirs.extend(std::env::current_dir());
    dirs
}

/// The kind of `dir`'s file system, if swap can't lie there.
fn unfit(dir: &Path, mounts: &str) -> Option<String> {
    let dir = dir.canonicalize().ok()?;
    let below = |line: &str| {
        let mut fields = line.split(' ').skip(1);
        let (mount, kind) = (fields.next()?.replace("\\040", " "), fields.next()?);
        dir.starts_with(&mount)
            .then(|| (mount.len(), kind.to_owned()))
    };
    // Of several mounts on one directory the last one counts, as here.
    let (_, kind) = mounts
        .lines()
        .filter_map(below)
        .max_by_key(|(len, _)| *len)?;
    let family = kind.split('.').next().unwrap_or_default();
    UNFIT.contains(&family).then_some(kind)
}

/// Swap areas beside ours that share its priority: what we look for could lie there.
fn rivals(swaps: &str) -> usize {
    let areas = swaps.lines().skip(1);
    let first = areas.filter(|line| line.split_whitespace().next_back() == Some(PRIORITY));
    first.count().saturating_sub(1)
}

/// Writes header and zeros: an area that is only allocated reads as zeros,
/// whatever was swapped there.
fn write_area(path: &Path) -> io::Result<()> {
    let mut file = os::create_file(path)?;
    file.write_all(&header())?;
    let zeros = vec![0; 1 << 20];
    let mut left = BYTES - page_size();
    while left > 0 {
        let part = left.min(zeros.len());
        file.write_all(&zeros[..part])?;
        left -= part;
    }
    file.sync_all()
}

/// The first page, as mkswap(8) writes it (version 1; linux/swap.h,
/// `union swap_header`): numbers in the machine's byte order.
fn header() -> Vec<u8> {
    const SIGNATURE: &[u8] = b"SWAPSPACE2";
    const VERSION: u32 = 1;
    const INFO: usize = 1024;
    let mut page = vec![0; page_size()];
    let last_page = u32::try_from(BYTES / page.len() - 1).unwrap_or(u32::MAX);
    page[INFO..INFO + 4].copy_from_slice(&VERSION.to_ne_bytes());
    page[INFO + 4..INFO + 8].copy_from_slice(&last_page.to_ne_bytes());
    let signature = page.len() - SIGNATURE.len();
    page[signature..].copy_from_slice(SIGNATURE);
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_mount_decides() {
        let dir = tempfile::tempdir().expect("a directory");
        let deep = dir.path().canonicalize().expect("exists");
        let mounts = |kind| format!("a / ext4 rw 0 0\nb {} {kind} rw 0 0\n", deep.display());
        assert_eq!(unfit(&deep, &mounts("ext4")), None);
        assert_eq!(unfit(&deep, &mounts("tmpfs")).as_deref(), Some("tmpfs"));
        assert_eq!(
            unfit(&deep, &mounts("fuse.sshfs")).as_deref(),
            Some("fuse.sshfs")
        );
        assert_eq!(unfit(Path::new("/"), &mounts("tmpfs")), None);
    }

    #[test]
    fn rivals_are_those_of_equal_priority() {
        let header = "Filename\t\tType\t\tSize\t\tUsed\t\tPriority\n";
        let ours = "/tmp/x.swap file 32764 0 32767\n";
        assert_eq!(rivals(&format!("{header}{ours}")), 0);
        assert_eq!(
            rivals(&format!("{header}/dev/sda2 partition 9 0 -2\n{ours}")),
            0
        );
        assert_eq!(rivals(&format!("{header}/b file 9 0 32767\n{ours}")), 1);
    }

    #[test]
    fn the_header_is_a_page_that_names_the_last_one() {
        let page = header();
        assert_eq!(page.len(), page_size());
        assert!(page.ends_with(b"SWAPSPACE2"));
        let last = u32::from_ne_bytes(page[1028..1032].try_into().expect("four bytes"));
        assert_eq!(last as usize, BYTES / page_size() - 1);
    }
}
