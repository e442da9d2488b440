//! How each thing is removed.

use super::Thing;
use crate::os;
use anyhow::{Context, Result};
use std::fs;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

/// A process that was killed may hold a thing for a moment: this often...
const ATTEMPTS: usize = 1500;
/// ...and this long apart.
const PAUSE: Duration = Duration::from_millis(20);

impl Thing {
    /// Removes it; one that is gone already is fine.
    pub(crate) fn remove(&self) -> Result<()> {
        let (what, path) = match self {
            Self::Dir(path) => ("the directory", path),
            Self::Swap(path) => ("the swap file", path),
            Self::Cgroup(path) => ("the control group", path),
        };
        let removed = with_patience(|| match self {
            Self::Dir(path) => gone(fs::remove_dir_all(path)),
            Self::Swap(path) => remove_swap(path),
            Self::Cgroup(path) => remove_cgroup(path),
        });
        removed.with_context(|| format!("removing {what} {}", path.display()))
    }
}

fn remove_swap(file: &Path) -> io::Result<()> {
    match os::swap_off(file) {
        Ok(()) => {}
        // Not there, or not a swap area (any more).
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::InvalidInput
            ) => {}
        // Not ours to switch off: then it was not ours to switch on.
        Err(error) if os::is_refusal(&error) => {}
        Err(error) => return Err(error),
    }
    gone(fs::remove_file(file))
}

/// The group is this run's own, and so is every process in it.
fn remove_cgroup(group: &Path) -> io::Result<()> {
    let processes = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    for process in processes.lines().filter_map(|line| line.parse().ok()) {
        // It may have ended by itself; one that stays makes the next line fail.
        drop(os::kill(process));
    }
    gone(fs::remove_dir(group))
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn with_patience(mut attempt: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    for _ in 1..ATTEMPTS {
        if attempt().is_ok() {
            return Ok(());
        }
        sleep(PAUSE);
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_no_error() {
        let dir = tempfile::tempdir().expect("a directory");
        let inside = |name: &str| dir.path().join(name);
        for thing in [
            Thing::Dir(inside("a")),
            Thing::Swap(inside("b")),
            Thing::Cgroup(inside("c")),
        ] {
            thing.remove().expect("nothing to remove");
        }
    }

    #[test]
    fn a_directory_and_a_plain_file_go() {
        let dir = tempfile::tempdir().expect("a directory");
        let (full, file) = (dir.path().join("full"), dir.path().join("file"));
        fs::create_dir_all(full.join("deep")).expect("made");
        fs::write(full.join("deep/x"), "x").expect("written");
        fs::write(&file, "not a swap area").expect("written");
        Thing::Dir(full.clone()).remove().expect("removed");
        Thing::Swap(file.clone()).remove().expect("removed");
        assert!(!full.exists() && !file.exists());
    }
}
