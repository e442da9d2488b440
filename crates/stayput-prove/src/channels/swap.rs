//! A swap file of one's own, filled by pushing the victim out of memory.

use super::{Outcomes, directory, outcomes, scanned, unavailable};
use crate::janitor::{Janitor, Litter};
use crate::marker::Seed;
use crate::scan::scan;
use crate::victim::Victim;
use stayput::page::LockedPages;
use stayput_sys::page_size;
use std::ffi::CString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Bytes of swap: the victim has a few MiB of memory in all.
const SIZE: usize = 64 << 20;

pub(super) fn run(seed: Seed, janitor: &Janitor) -> io::Result<Outcomes> {
    // SAFETY: geteuid has no preconditions.
    if unsafe { libc::geteuid() } != 0 {
        return Err(unavailable("needs root, to switch a swap file on"));
    }
    if fs::read_to_string("/sys/module/zswap/parameters/enabled").is_ok_and(|on| on.trim() == "Y") {
        return Err(unavailable(
            "zswap is on: pages may stop there, short of the file",
        ));
    }
    let dir = directory(janitor)?;
    let file = dir.join("swap");
    make_swap(&file)?;
    janitor.register(&Litter::Swap(&file))?;
    swap_on(&file)?;
    let group = Group::make(janitor)?;
    let mut victim = Victim::start(seed, &dir, janitor, |id| match &group {
        Some(group) => group.add(id),
        None => Ok(()),
    })?;
    if let Some(group) = &group {
        group.push_out()?;
    }
    victim.tell("page out")?;
    let swapped = swapped(victim.id())?;
    // The scanner holds pieces of what it reads: not in memory that can be
    // swapped, and past the page cache.
    let mut buffer = LockedPages::new(1 << 20).or_else(|_| LockedPages::new(32 * page_size()))?;
    let stream = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_DIRECT)
        .open(&file)?;
    let found = scan(seed, stream, buffer.as_mut_slice())?;
    let what = format!("swap file ({swapped} KiB of the process swapped)");
    Ok(outcomes(&victim, |storage, _| {
        scanned(&found, storage, &what)
    }))
}

/// Written, not `fallocate`d: unwritten extents read as zeros. The header is
/// version 1 of `union swap_header` (include/linux/swap.h).
fn make_swap(path: &Path) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    let page = page_size();
    let last_page = u32::try_from(SIZE / page - 1).map_err(io::Error::other)?;
    let mut header = vec![0u8; page];
    header[1024..1028].copy_from_slice(&1u32.to_ne_bytes());
    header[1028..1032].copy_from_slice(&last_page.to_ne_bytes());
    header[page - 10..].copy_from_slice(b"SWAPSPACE2");
    file.write_all(&header)?;
    let zeros = vec![0; 1 << 20];
    let mut left = SIZE - page;
    while left > 0 {
        let len = left.min(zeros.len());
        file.write_all(&zeros[..len])?;
        left -= len;
    }
    file.sync_all()
}

fn swap_on(path: &Path) -> io::Result<()> {
    let name = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the string is live and ends in NUL.
    match unsafe { libc::swapon(name.as_ptr(), 0) } {
        0 => Ok(()),
        _ => {
            let error = io::Error::last_os_error();
            Err(unavailable(format!(
                "no swap on {}: {error}",
                path.display()
            )))
        }
    }
}

/// KiB of a process that are in swap.
fn swapped(id: u32) -> io::Result<String> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmSwap:"));
    Ok(line
        .unwrap_or("0 kB")
        .trim()
        .trim_end_matches(" kB")
        .to_owned())
}

/// A memory control group for the victim alone, so that pushing it out pushes
/// out nobody else.
struct Group {
    dir: PathBuf,
    push: &'static str,
    amount: &'static str,
}

impl Group {
    /// Version 1 where it is mounted, else version 2; `None` where there is
    /// neither, and `madvise` must do.
    fn make(janitor: &Janitor) -> io::Result<Option<Self>> {
        let name = format!("stayput-prove-{}", std::process::id());
        let v1 = Path::new("/sys/fs/cgroup/memory");
        let v2 = Path::new("/sys/fs/cgroup");
        let (parent, push, amount) =
            if v1.join("memory.limit_in_bytes").exists() || v1.join("tasks").exists() {
                (v1, "memory.force_empty", "0")
            } else if fs::read_to_string(v2.join("cgroup.subtree_control"))
                .is_ok_and(|on| on.split_whitespace().any(|name| name == "memory"))
            {
                (v2, "memory.reclaim", "64M")
            } else {
                return Ok(None);
            };
        let group = Self {
            dir: parent.join(name),
            push,
            amount,
        };
        janitor.register(&Litter::Group(&group.dir))?;
        fs::create_dir(&group.dir)?;
        Ok(Some(group))
    }

    fn add(&self, id: u32) -> io::Result<()> {
        fs::write(self.dir.join("cgroup.procs"), id.to_string())
    }

    fn push_out(&self) -> io::Result<()> {
        match fs::write(self.dir.join(self.push), self.amount) {
            // memory.reclaim: not all of the amount was there to reclaim;
            // memory.force_empty: locked pages remain.
            Err(error) if matches!(error.raw_os_error(), Some(libc::EAGAIN | libc::EBUSY)) => {
                Ok(())
            }
            result => result,
        }
    }
}
