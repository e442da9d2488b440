//! Core files that a debugger writes: `gcore`, and `gcore -a`, which takes no
//! notice of what was left out of dumps.

use super::core_file::{Subject, examine};
use crate::channel::Channel;
use crate::lab::Lab;
use crate::observation::{Finding, Observation};
use crate::os;
use crate::victim::Victim;
use anyhow::{Context, Result};
use std::path::Path;
use std::process::{Command, Stdio};

pub(super) fn observe(lab: &Lab<'_>, channels: &[Channel]) -> Result<Vec<Finding>> {
    if let Err(error) = Command::new("gdb")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
    {
        let why = format!("gdb, which gcore is part of, can't be run: {error}");
        return Ok(lab.skip_all(channels, &why));
    }
    let dir = lab.make_dir("gcore")?;
    lab.for_each_storage(channels, |victim| {
        let said = debug(&victim, channels, &dir)?;
        let subject = Subject {
            marker: victim.marker,
            held: victim.markers(),
            flags: victim.flags()?,
        };
        let examined = channels.iter().map(|&channel| {
            let file = dir.join(channel.id());
            let observation = if file.exists() {
                examine(&file, &subject)?
            } else {
                Observation::skipped(format!("gdb wrote no core file: {said}"))
            };
            Ok((channel, observation))
        });
        examined.collect()
    })
}

/// Gives gdb the commands that the script `gcore` gives it: the script itself
/// would leave its gdb running if it were ended. Returns what gdb complained of.
fn debug(victim: &Victim, channels: &[Channel], dir: &Path) -> Result<String> {
    let mut command = Command::new("gdb");
    command
        .args([
            "--nx",
            "--batch",
            "--readnever",
            "-iex",
            "set debuginfod enabled off",
        ])
        .args([
            "-ex",
            "set pagination off",
            "-ex",
            &format!("attach {}", victim.id()),
        ])
        .current_dir(dir)
        .stdin(Stdio::null());
    for &channel in channels {
        if channel == Channel::GcoreAll {
            command.args(["-ex", "set use-coredump-filter off"]);
            command.args(["-ex", "set dump-excluded-mappings on"]);
        }
        command.args(["-ex", &format!("gcore {}", channel.id())]);
    }
    command.args(["-ex", "detach"]);
    os::tie_to_parent(&mut command);
    let output = command.output().context("running gdb")?;
    Ok(String::from_utf8_lossy(&output.stderr)
        .trim()
        .replace('\n', "; "))
}
