//! Locks across fork and execve.

use super::Probe;
use super::scene::{FUTURE, ON_FAULT, Outcome, Scene, Stop, page_size};
use crate::observe::Proc;
use crate::task::{HIDDEN, LOOK};
use stayput_sys::raw;
use std::ffi::OsStr;
use std::io::{Read, Seek, SeekFrom, Write};

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("fork.effect.clears-locks", clears_locks),
    ("fork.effect.clears-future", clears_future),
    ("execve.effect.clears-locks", exec_clears),
];

fn clears_locks(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    raw::mlock(p, page_size())?;
    raw::mlock2(p + page_size(), page_size(), ON_FAULT)?;
    let mut slip = raw::memfd(0)?;
    let mut writer = slip.try_clone()?;
    let ended = s.in_child(|s| {
        s.run(p, 2)?;
        writer.write_all(s.seen.remove(0).as_bytes())?;
        let charged = s.proc.locked()?;
        if charged == 0 {
            Ok(())
        } else {
            Err(Stop::Skip(String::new()))
        }
    })?;
    let mut child = String::new();
    slip.seek(SeekFrom::Start(0))?;
    slip.read_to_string(&mut child)?;
    s.run(p, 2)?;
    join(s, &child);
    s.holds_in(ended);
    Ok(())
}

fn clears_future(s: &mut Scene) -> Outcome {
    raw::mlockall(FUTURE)?;
    let mut slip = raw::memfd(0)?;
    let mut writer = slip.try_clone()?;
    let ended = s.in_child(|s| {
        let p = s.map(1)?;
        s.run(p, 1)?;
        writer.write_all(s.seen.remove(0).as_bytes())?;
        Ok(())
    })?;
    if ended != 0 {
        return Err(Stop::Broken(std::io::Error::other(format!(
            "the child ended by {ended}"
        ))));
    }
    let mut child = String::new();
    slip.seek(SeekFrom::Start(0))?;
    slip.read_to_string(&mut child)?;
    let p = s.map(1)?;
    s.run(p, 1)?;
    join(s, &child);
    Ok(())
}

/// Puts the child's pages before the parent's, in one observation.
pub(super) fn join(s: &mut Scene, child: &str) {
    if let Some(parent) = s.seen.pop() {
        let rest = parent.strip_prefix("VmFlags").unwrap_or(&parent);
        s.seen.push(format!("{child}{rest}"));
    }
}

fn exec_clears(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    let ended = s.in_child(|_| {
        raw::mlock(p, page_size())?;
        raw::mlockall(FUTURE)?;
        let program = std::env::current_exe()?;
        Err(Stop::Broken(raw::exec(
            &program,
            &[OsStr::new(HIDDEN), OsStr::new(LOOK)],
        )))
    })?;
    s.holds_in(ended);
    Ok(())
}

/// In the new program: is nothing locked?
pub(crate) fn nothing_locked() -> std::io::Result<bool> {
    let mut proc = Proc::open()?;
    proc.read_areas(u64::MAX)?;
    let flagged = proc.areas.iter().any(|area| area.locked);
    Ok(!flagged && proc.locked()? == 0)
}
