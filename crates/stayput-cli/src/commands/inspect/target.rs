//! Which process, and what to say when it can't be looked at.

use crate::style::harmless;
use anyhow::{Context, Error, Result, bail};
use stayput::inspect::{Process, Snapshot, find};
use std::io::ErrorKind;
use std::str::FromStr;

/// A process as the user names it.
#[derive(Clone, Debug)]
pub(super) enum Target {
    This,
    Id(u32),
    Name(String),
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "" => Err("expected a process number, a name, or self".to_owned()),
            "self" => Ok(Self::This),
            text => Ok(match text.parse() {
                Ok(id) => Self::Id(id),
                Err(_) => Self::Name(text.to_owned()),
            }),
        }
    }
}

impl Target {
    /// The process and its memory now.
    pub(super) fn snapshot(&self) -> Result<Snapshot> {
        let process = self.resolve()?;
        Snapshot::of(process).map_err(|error| explain(process, error))
    }

    /// The one process that is meant.
    pub(super) fn resolve(&self) -> Result<Process> {
        let name = match self {
            Self::This => return Ok(Process::Current),
            Self::Id(id) => return Ok(Process::Id(*id)),
            Self::Name(name) => name,
        };
        match find(name)
            .context("looking for processes in /proc")?
            .as_slice()
        {
            [one] => Ok(Process::Id(one.id)),
            [] => bail!(
                "no process is called {name:?}: expected a process number, or the name of a \
                 process or of its program's file (`ps -e` lists them)"
            ),
            several => {
                let list: String = several
                    .iter()
                    .map(|process| format!("\n{:>10}  {}", process.id, harmless(&process.command)))
                    .collect();
                bail!(
                    "{} processes are called {name:?}: give the number of one{list}",
                    several.len()
                )
            }
        }
    }
}

/// What was refused, and what is needed.
pub(super) fn explain(process: Process, error: std::io::Error) -> Error {
    let Process::Id(id) = process else {
        return Error::new(error).context("looking at this process");
    };
    match error.kind() {
        ErrorKind::PermissionDenied => Error::msg(format!(
            "the memory of process {id} can't be looked at: it belongs to another user, or \
             forbids it (PR_SET_DUMPABLE). Needed: CAP_SYS_PTRACE in its user namespace, which \
             root has (`sudo stayput inspect {id}`)"
        )),
        // ESRCH is what files of a process say that has ended since they were opened.
        ErrorKind::NotFound if error.raw_os_error().is_some() => no_process(id),
        _ if error.to_string().contains("No such process") => no_process(id),
        _ => Error::new(error).context(format!("looking at process {id}")),
    }
}

fn no_process(id: u32) -> Error {
    Error::msg(format!(
        "there is no process {id}, or it is hidden (/proc mounted with hidepid): expected the \
         number of a running process (`ps -e` lists them)"
    ))
}
