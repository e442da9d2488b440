//! Pages of a file in place of pages that can't be locked.

use crate::limits::{Cause, FileProblem, LockError, Operation, Policy, count_drop_error};
use crate::trace::event;
use stayput_sys::advice::{Advice, madvise};
use stayput_sys::{PageRange, map};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Has a file in `dir` take the place of reserved or committed pages whose lock was
/// `refused`, left out of dumps as they were. On an error they are decommitted.
pub(crate) fn back_by_file(
    range: PageRange,
    dir: &Path,
    refused: &LockError,
) -> Result<(), LockError> {
    warn_once(dir, refused);
    map_hardened(range, dir).map_err(|error| {
        event!(error, dir = dir, error = error, "no file to back memory by");
        // SAFETY: callers pass pages of their own that hold nothing yet. A failure
        // leaves them mapped, and of no use to anybody.
        let _ = unsafe { map::decommit(range) };
        no_backing_file(range, dir, &error, refused)
    })
}

/// Overwritten pages reach the disk before this returns, or the failure is counted.
pub(crate) fn write_back(range: PageRange) {
    // SAFETY: callers own the pages, which are mapped: they were wiped just before.
    if let Err(error) = unsafe { map::write_back(range) } {
        count_drop_error();
        event!(
            error,
            error = error,
            "a file's pages were wiped in memory only"
        );
    }
}

fn map_hardened(range: PageRange, dir: &Path) -> io::Result<()> {
    // SAFETY: callers pass pages of their own that hold nothing yet. A fork child
    // would share them, later secrets too: it gets none.
    let excluded = unsafe {
        map::commit_file(range, dir)?;
        madvise(range, Advice::DontFork)?;
        madvise(range, Advice::DontDump)
    };
    match excluded {
        // Such a platform excludes no other pages either, and the report says so.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(()),
        result => result,
    }
}

/// The error where no file in `dir` could take the place of a lock that was `refused`.
fn no_backing_file(
    range: PageRange,
    dir: &Path,
    error: &io::Error,
    refused: &LockError,
) -> LockError {
    let cause = Cause::NoBackingFile {
        dir: dir.to_owned(),
        problem: FileProblem::of(error),
        refused: Box::new(refused.cause().clone()),
    };
    LockError::new(Operation::MapFile, Some(range), error.raw_os_error(), cause)
}

/// For each directory once.
fn warn_once(dir: &Path, refused: &LockError) {
    static WARNED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    // In a fork child a thread that is not there may hold it: then once more.
    if let Ok(mut warned) = WARNED.try_lock() {
        if warned.iter().any(|known| known == dir) {
            return;
        }
        warned.push(dir.to_owned());
    }
    let warning = Policy::FileBacked { dir: dir.into() }.warning();
    event!(
        warn,
        dir = dir,
        refused = refused,
        warning = warning,
        "secrets are written to disk: Policy::FileBacked"
    );
}
