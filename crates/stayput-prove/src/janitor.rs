//! Cleans up behind the experiments, however they end.
//!
//! A process of its own holds the list of what was made. When the pipe to it
//! closes (the experiments are done, were interrupted, or were killed) it takes
//! everything away, newest first.

use crate::helper;
use std::ffi::CString;
use std::fs;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::time::Duration;

pub(crate) const ROLE: &str = "janitor";

/// The experiments' end of the pipe.
pub(crate) struct Janitor {
    child: Mutex<Child>,
}

/// Something that must not stay behind.
pub(crate) enum Litter<'a> {
    /// A directory with all that is in it.
    Directory(&'a Path),
    /// A swap file that is on.
    Swap(&'a Path),
    /// A control group.
    Group(&'a Path),
    /// A helper process.
    Process(u32),
}

impl Janitor {
    pub(crate) fn start() -> io::Result<Self> {
        // A group of its own: Ctrl-C in the terminal is for the others.
        let child = helper::command(ROLE)?
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(Self {
            child: Mutex::new(child),
        })
    }

    /// Has `litter` taken away at the end. To be called *before* it is made.
    pub(crate) fn register(&self, litter: &Litter<'_>) -> io::Result<()> {
        let line = match litter {
            Litter::Directory(path) => format!("directory {}", path.display()),
            Litter::Swap(path) => format!("swap {}", path.display()),
            Litter::Group(path) => format!("group {}", path.display()),
            Litter::Process(id) => format!("process {id}"),
        };
        let mut child = self
            .child
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let pipe = child.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(pipe, "{line}")?;
        pipe.flush()
    }

    /// Waits until everything is gone.
    pub(crate) fn finish(self) -> io::Result<()> {
        let mut child = self
            .child
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(child.stdin.take());
        if child.wait()?.success() {
            Ok(())
        } else {
            Err(io::Error::other(
                "not everything could be cleaned up; see the message above",
            ))
        }
    }
}

/// The janitor's process.
pub(crate) fn main() -> io::Result<()> {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
        // SAFETY: ignoring a signal has no preconditions.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    let mut litter: Vec<String> = Vec::new();
    for line in io::stdin().lock().lines() {
        litter.push(line?);
    }
    let mut result = Ok(());
    for line in litter.iter().rev() {
        if let Err(error) = take_away(line) {
            eprintln!("stayput prove: could not clean up {line}: {error}");
            result = Err(error);
        }
    }
    result
}

/// What is gone already is no error.
fn take_away(line: &str) -> io::Result<()> {
    let (kind, name) = line.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    match kind {
        "process" => kill(name),
        "swap" => swap_off(name),
        "group" => patiently(|| fs::remove_dir(name)),
        "directory" => patiently(|| fs::remove_dir_all(name)),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn kill(id: &str) -> io::Result<()> {
    let id = id.parse().map_err(io::Error::other)?;
    // SAFETY: kill has no preconditions; the process is an experiment's helper
    // and reaped only after this, so the number is still its own.
    unsafe { libc::kill(id, libc::SIGKILL) };
    Ok(())
}

fn swap_off(path: &str) -> io::Result<()> {
    let on = fs::read_to_string("/proc/swaps")?
        .lines()
        .any(|line| line.starts_with(path));
    if !on {
        return Ok(());
    }
    let path = CString::new(path)?;
    // SAFETY: the string is live and ends in NUL.
    match unsafe { libc::swapoff(path.as_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// A group is busy until its last process is gone.
fn patiently(mut remove: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    for _ in 0..100 {
        match remove() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
            Ok(()) => return Ok(()),
        }
    }
    remove()
}
