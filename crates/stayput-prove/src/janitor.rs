//! Leaving nothing behind, whatever ends this process.
//!
//! The janitor is a child process that reads a pipe. Each thing that must not
//! stay is named to it *before* it is made. When the pipe ends, by an orderly
//! end, a panic or `SIGKILL` alike, it removes all of them, newest first: one
//! way for every kind of death. Removing what is gone already is no error.

mod remove;

use crate::complain::complain;
use crate::os;
use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The first argument that makes a program a janitor.
pub(crate) const ROLE: &str = "__stayput-prove-janitor";

/// What must not stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Thing {
    /// A directory and all in it.
    Dir(PathBuf),
    /// A file that may be a swap area.
    Swap(PathBuf),
    /// A control group; processes in it are ended.
    Cgroup(PathBuf),
}

/// The janitor as its employer sees it.
pub(crate) struct Janitor {
    state: Mutex<State>,
}

struct State {
    /// `None` once dismissed.
    child: Option<Child>,
    things: Vec<Thing>,
}

impl Janitor {
    /// Starts the process.
    pub(crate) fn hire() -> Result<Self> {
        let child = Command::new("/proc/self/exe")
            .arg(ROLE)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("starting the janitor")?;
        let state = State {
            child: Some(child),
            things: Vec::new(),
        };
        Ok(Self {
            state: Mutex::new(state),
        })
    }

    /// Makes a thing that the janitor knows of. Nobody can dismiss it meanwhile.
    pub(crate) fn make<T>(&self, thing: Thing, make: impl FnOnce() -> Result<T>) -> Result<T> {
        let mut state = self.state();
        state.tell(&thing)?;
        state.things.push(thing);
        make()
    }

    /// Removes a thing now. If that fails the janitor tries again at the end.
    pub(crate) fn remove(&self, thing: &Thing) -> Result<()> {
        let _undisturbed = self.state();
        thing.remove()
    }

    /// Has everything removed and waits for it.
    pub(crate) fn dismiss(&self) -> Result<()> {
        self.state().dismiss()
    }

    /// As [`Janitor::dismiss`], and nothing can be made afterwards: the caller
    /// ends the process while holding what this returns.
    pub(crate) fn dismiss_for_good(&self) -> (impl Drop + '_, Result<()>) {
        let mut state = self.state();
        let outcome = state.dismiss();
        (state, outcome)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere is no reason to leave things behind.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, thing: &Thing) -> Result<()> {
        let pipe = self.child.as_mut().and_then(|child| child.stdin.as_mut());
        let pipe = pipe.context("the janitor was dismissed")?;
        let mut line = serde_json::to_string(thing).context("a path that is not UTF-8")?;
        line.push('\n');
        pipe.write_all(line.as_bytes())
            .context("telling the janitor")
    }

    fn dismiss(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        drop(child.stdin.take());
        let status = child.wait().context("waiting for the janitor")?;
        if !status.success() {
            // Somebody ended it, or it failed and said so.
            remove_all(&self.things).with_context(|| format!("the janitor ended with {status}"))?;
        }
        Ok(())
    }
}

impl Drop for Janitor {
    fn drop(&mut self) {
        if let Err(error) = self.dismiss() {
            complain(format_args!("stayput-prove: {error:#}"));
        }
    }
}

/// Plays the janitor.
pub(crate) fn main(args: &[String]) -> Result<()> {
    ensure!(args.is_empty(), "expected no arguments");
    os::leave_terminal().context("leaving the terminal")?;
    let mut things = Vec::new();
    for line in std::io::stdin().lines() {
        things.push(serde_json::from_str(&line?)?);
    }
    remove_all(&things)
}

/// Removes the newest first; tries all, and fails if one stays.
fn remove_all(things: &[Thing]) -> Result<()> {
    let attempts = things.iter().rev().map(Thing::remove);
    let failures: Vec<_> = attempts.filter_map(Result::err).collect();
    match &failures[..] {
        [] => Ok(()),
        failures => {
            let texts: Vec<_> = failures.iter().map(|error| format!("{error:#}")).collect();
            bail!("left behind: {}", texts.join("; "))
        }
    }
}
