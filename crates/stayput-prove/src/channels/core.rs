//! A core file that the kernel writes when the process aborts.

use super::{Outcomes, directory, outcomes, scanned, unavailable};
use crate::janitor::Janitor;
use crate::marker::Seed;
use crate::scan::scan;
use crate::victim::Victim;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub(super) fn run(seed: Seed, janitor: &Janitor) -> io::Result<Outcomes> {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern")?;
    let pattern = pattern.trim();
    if pattern.starts_with('|') || pattern.contains('/') || pattern.is_empty() {
        return Err(unavailable(format!(
            "core_pattern is {pattern:?}: needs a plain file name, and is not changed"
        )));
    }
    let dir = directory(janitor)?;
    let mut victim = Victim::start(seed, &dir, janitor, |_| Ok(()))?;
    victim.abort()?;
    let core = only_file(&dir)?
        .ok_or_else(|| unavailable("the kernel wrote no core file (hard RLIMIT_CORE of 0?)"))?;
    let found = scan(seed, File::open(core)?, &mut vec![0; 1 << 20])?;
    Ok(outcomes(&victim, |storage, _| {
        scanned(&found, storage, "core file")
    }))
}

/// The victim's directory was empty before.
fn only_file(dir: &Path) -> io::Result<Option<PathBuf>> {
    Ok(fs::read_dir(dir)?
        .next()
        .transpose()?
        .map(|entry| entry.path()))
}
