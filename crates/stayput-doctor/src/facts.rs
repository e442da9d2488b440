//! What is known before the checks judge it.

use crate::Options;
use crate::machine::Machine;
use crate::trial::{self, Trial};
use anyhow::{Context, Result, bail};
use stayput::limits::{MemoryGroup, Situation};
use stayput_sys::process::HAS_PROC;
use std::io;

/// Everything the checks look at.
pub(crate) struct Facts {
    pub(crate) machine: Machine,
    pub(crate) situation: Situation,
    pub(crate) group: Option<MemoryGroup>,
    pub(crate) process: Option<u32>,
    pub(crate) require: Option<u64>,
    /// What the calls answer, or why they were not tried.
    pub(crate) calls: Result<Trial, String>,
}

impl Facts {
    pub(crate) fn gather(options: &Options) -> Result<Self> {
        let (situation, group) = match options.process {
            None => (Situation::current(), MemoryGroup::current()),
            Some(_) if !HAS_PROC => bail!(
                "another process can't be looked at on {}: leave --pid out",
                std::env::consts::OS
            ),
            Some(pid) => look_at(pid).with_context(|| {
                format!("looking at process {pid}: expected the number of a running process")
            })?,
        };
        let calls = match options.process {
            None => trial::calls().map_err(|error| format!("{error:#}")),
            // A child of ours has neither its filter nor its limits.
            Some(_) => Err("that can't be tried in another process's place".to_owned()),
        };
        Ok(Self {
            machine: Machine::at_hand(),
            situation,
            group,
            process: options.process,
            require: options.require,
            calls,
        })
    }

    /// A file of the process's directory in `/proc`.
    pub(crate) fn of_process(&self, file: &str) -> io::Result<String> {
        let process = self.process.map(|pid| pid.to_string());
        let process = process.as_deref().unwrap_or("self");
        self.machine.read(format!("/proc/{process}/{file}"))
    }
}

fn look_at(pid: u32) -> io::Result<(Situation, Option<MemoryGroup>)> {
    Ok((Situation::of(pid)?, MemoryGroup::of(pid)?))
}
