//! Instructions of the 32-byte paths: a second figure that no neighbour disturbs.
//!
//! Counted by callgrind, in user space alone: what the kernel does in a system call
//! is not in it.

use crate::contest::Settings;
use crate::peer::Peer as _;
use crate::peers::{self, Form, Malloc, OURS};
use crate::work::{Churn, Length};
use anyhow::{Context, Result, bail};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use std::process::Command;

/// Creates and drops this many secrets, and nothing else.
pub(crate) fn repeat(row: &str, name: &str, times: u64) -> Result<()> {
    let (length, form) = match row {
        "typed" => (Length::Constant, Form::Typed),
        "bytes" => (Length::RunTime, Form::Bytes),
        _ => bail!("{row} has no fixed number of secrets; `typed` and `bytes` have"),
    };
    let times = Some(times);
    match peers::run(&Churn { length, times }, form, name) {
        Some(Ok(_)) => Ok(()),
        Some(Err(refusal)) => bail!("{name}: {}", refusal.0),
        None => bail!("{name} does not take part in {row}"),
    }
}

/// Instructions for each secret, as a table.
pub(crate) fn table(settings: &Settings) -> Result<String> {
    let mut table = Table::new();
    table.load_preset(ASCII_MARKDOWN);
    table.set_header([
        "instructions in user space",
        "constant size",
        "size at run time",
    ]);
    for name in peers::names(Form::Typed) {
        if name == Malloc::NAME || settings.keeps(name) {
            table.add_row([
                name.to_owned(),
                shown("typed", name)?,
                shown("bytes", name)?,
            ]);
        }
    }
    Ok(table.to_string())
}

/// The count, or what came of it: not every library runs under valgrind. Ours does.
fn shown(row: &str, name: &str) -> Result<String> {
    match each(row, name) {
        Ok(count) => Ok(format!("{count:.0}")),
        Err(error) if name == OURS => Err(error),
        Err(error) => {
            eprintln!("{error:#}");
            Ok("does not run there".to_owned())
        }
    }
}

/// From the difference of two runs, so that start and end don't count.
fn each(row: &str, name: &str) -> Result<f64> {
    let (few, many) = (1_000, 11_000);
    let difference = count(row, name, many)? - count(row, name, few)?;
    Ok(difference / (many - few) as f64)
}

fn count(row: &str, name: &str, times: u64) -> Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(std::env::current_exe()?)
        .args(["repeat", row, name, &times.to_string()])
        .output()
        .context("valgrind did not start")?;
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said
        .lines()
        .find_map(|line| line.split_once("Collected : "));
    match collected {
        Some((_, number)) if output.status.success() => Ok(number.trim().parse()?),
        _ => bail!("valgrind {row} {name}: {}: {said}", output.status),
    }
}
