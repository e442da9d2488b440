//! What experiments last saw, as it is committed.

use super::RECORD;
use crate::cell::Cell;
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Cells, and when and of what.
#[derive(Deserialize, Serialize)]
pub(super) struct Record {
    /// When they were collected.
    pub(super) date: String,
    /// The commit that was built; `-dirty` if files differed from it.
    pub(super) commit: String,
    pub(super) cells: Vec<Cell>,
}

impl Record {
    pub(super) fn new(root: &Path, mut cells: Vec<Cell>) -> Result<Self> {
        // Stable: subjects of an experiment on a kernel keep their order.
        cells.sort_by(|a, b| (&a.experiment, &a.kernel).cmp(&(&b.experiment, &b.kernel)));
        let describe = ["describe", "--always", "--dirty", "--exclude=*"];
        let outside = [":(exclude)docs/evidence", ":(exclude)docs/evidence.md"];
        let status = ["status", "--porcelain", "--untracked-files=no", "--", "."];
        let changed = output(root, "git", &[&status[..], &outside[..]].concat())?;
        let commit = output(root, "git", &describe)?;
        let commit = commit.trim_end_matches("-dirty");
        Ok(Self {
            date: output(root, "date", &["--utc", "+%Y-%m-%d"])?,
            commit: commit.to_owned() + if changed.is_empty() { "" } else { "-dirty" },
            cells,
        })
    }

    pub(super) fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(RECORD)).context(RECORD)?;
        serde_json::from_str(&text).context(RECORD)
    }

    /// A line for each cell, so that a change shows.
    pub(super) fn to_json(&self) -> Result<String> {
        let cells = self.cells.iter().map(serde_json::to_string);
        let cells = cells.collect::<Result<Vec<_>, _>>()?.join(",\n");
        let date = serde_json::to_string(&self.date)?;
        let commit = serde_json::to_string(&self.commit)?;
        Ok(format!(
            "{{\n\"date\": {date},\n\"commit\": {commit},\n\"cells\": [\n{cells}\n]\n}}\n"
        ))
    }
}

fn output(root: &Path, program: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(program).args(args).current_dir(root).output();
    let output = output.with_context(|| format!("running {program}"))?;
    ensure!(
        output.status.success(),
        "{program} {}: {}",
        args.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).with_context(|| format!("{program}'s output"))?;
    Ok(text.trim().to_owned())
}
