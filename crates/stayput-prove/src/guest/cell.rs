//! Cells as lines of text.

use crate::observation::Evidence;
use crate::storage::{Kind, Storage};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::env;
use std::fs;

/// A marker was found.
pub(super) const FOUND: &str = "found";
/// It was not.
pub(super) const NOT_FOUND: &str = "not found";

/// What goes before a cell that lacks what is on the disk.
const SEEN: &str = "SEEN ";

/// One observation, beside what was to be expected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Cell {
    pub(super) experiment: String,
    pub(super) subject: String,
    /// Whether it shows that the experiment can see what it looks for.
    pub(super) is_control: bool,
    /// The kernel's release.
    kernel: String,
    pub(super) expected: String,
    pub(super) observed: Option<String>,
    /// What runs it again.
    command: String,
    pub(super) figures: Evidence,
}

impl Cell {
    pub(super) fn new(experiment: &str, subject: &str, expected: &str) -> Result<Self> {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").context("the release")?;
        // The kernel puts what stands on its command line there.
        let word = |name| env::var(name).with_context(|| format!("{name} is not set"));
        Ok(Self {
            experiment: experiment.to_owned(),
            subject: subject.to_owned(),
            is_control: false,
            kernel: kernel.trim().to_owned(),
            expected: expected.to_owned(),
            observed: None,
            command: format!("vm/run {} {}", word("GUEST")?, word("RELEASE")?),
            figures: Evidence::default(),
        })
    }

    /// A cell about markers in `storage`; raw storages that leak are controls.
    pub(super) fn of(experiment: &str, storage: Storage, leaks: bool) -> Result<Self> {
        let expected = if leaks { FOUND } else { NOT_FOUND };
        Ok(Self {
            is_control: leaks && storage.kind() == Kind::Raw,
            ..Self::new(experiment, storage.id(), expected)?
        })
    }

    pub(super) fn control(self) -> Self {
        Self {
            is_control: true,
            ..self
        }
    }

    pub(super) fn with(self, figures: Evidence) -> Self {
        Self {
            figures: self.figures.and(figures),
            ..self
        }
    }

    /// Leaves it to the host to look at the disk.
    pub(super) fn seen(&self) -> Result<()> {
        println!("{SEEN}{}", serde_json::to_string(self)?);
        Ok(())
    }

    /// Completes it.
    pub(super) fn result(mut self, observed: &str) -> Result<()> {
        self.observed = Some(observed.to_owned());
        println!("RESULT {}", serde_json::to_string(&self)?);
        Ok(())
    }

    /// Reads a line that [`seen`](Self::seen) has printed; none for other lines.
    pub(super) fn read(line: &str) -> Option<Result<Self>> {
        let json = line.strip_prefix(SEEN)?;
        Some(serde_json::from_str(json).with_context(|| format!("a broken line: {line}")))
    }
}

/// The word for so many hits.
pub(super) fn word(hits: u64) -> &'static str {
    if hits > 0 { FOUND } else { NOT_FOUND }
}
