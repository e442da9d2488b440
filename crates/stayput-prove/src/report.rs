//! The result of a run, as people and programs read it.

use crate::channel::Channel;
use crate::storage::{Kind, Storage};
use crate::verdict::{Cell, Outcome, Skips, Summary, has_run, summarize};
use serde::Serialize;
use std::fs;

/// The version of the JSON form; it grows when a field changes its meaning.
const SCHEMA: u32 = 1;

/// The whole result of a run.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The version of this form.
    pub schema: u32,
    /// The version of the program.
    pub version: &'static str,
    /// Where it ran.
    pub system: System,
    /// The columns.
    pub channels: Vec<Column>,
    /// The rows.
    pub storages: Vec<Row>,
    /// One for each row and column, row by row.
    pub cells: Vec<Cell>,
    /// The numbers.
    pub summary: Summary,
}

/// The system that it ran on.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct System {
    /// The operating system.
    pub os: &'static str,
    /// The kernel's release, where it tells.
    pub kernel: Option<String>,
    /// The processor's architecture.
    pub architecture: &'static str,
}

/// A column.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Column {
    /// The channel.
    pub id: Channel,
    /// Its name for people.
    pub title: &'static str,
    /// Whether it says anything about stayput here.
    pub ran: bool,
}

/// A row.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// The storage.
    pub id: Storage,
    /// Its name for people.
    pub title: &'static str,
    /// Whose it is.
    pub kind: Kind,
}

impl Report {
    pub(crate) fn new(
        channels: &[Channel],
        storages: &[Storage],
        cells: Vec<Cell>,
        skips: Skips,
    ) -> Self {
        let column = |&id: &Channel| Column {
            id,
            title: id.title(),
            ran: has_run(&cells, id),
        };
        let row = |&id: &Storage| Row {
            id,
            title: id.title(),
            kind: id.kind(),
        };
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            system: System::current(),
            channels: channels.iter().map(column).collect(),
            storages: storages.iter().map(row).collect(),
            summary: summarize(&cells, skips),
            cells,
        }
    }

    /// The cell of a row and a column, if both were asked for.
    #[must_use]
    pub fn cell(&self, storage: Storage, channel: Channel) -> Option<&Cell> {
        let mut cells = self.cells.iter();
        cells.find(|cell| (cell.storage, cell.channel) == (storage, channel))
    }

    /// The cells with this outcome.
    pub fn with(&self, outcome: Outcome) -> impl Iterator<Item = &Cell> {
        self.cells
            .iter()
            .filter(move |cell| cell.outcome == outcome)
    }
}

impl System {
    fn current() -> Self {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").ok();
        Self {
            os: std::env::consts::OS,
            kernel: kernel.map(|release| release.trim().to_owned()),
            architecture: std::env::consts::ARCH,
        }
    }
}
