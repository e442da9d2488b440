//! What a run met, counted, so that a quiet gap shows.

use serde::{Deserialize, Serialize};
use stayput_spec::model::{Call, Case, Errno, Outcome};

/// Counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Steps compared.
    pub steps: u64,
    /// Steps that the model left open, and that were therefore not made.
    pub undetermined: u64,
    /// Per operation (`Call::NAMES`), then success first and `Errno::ALL` after.
    results: Vec<Vec<u64>>,
    /// Per case (`Case::ALL`).
    cases: Vec<u64>,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            steps: 0,
            undetermined: 0,
            results: vec![vec![0; Errno::ALL.len() + 1]; Call::NAMES.len()],
            cases: vec![0; Case::ALL.len()],
        }
    }

    pub(crate) fn count(&mut self, call: &Call, outcome: &Outcome) {
        self.steps += 1;
        let column = match outcome.result {
            Ok(_) => 0,
            Err(errno) => 1 + Errno::ALL.iter().position(|e| *e == errno).unwrap_or(0),
        };
        self.results[call.index()][column] += 1;
        for case in &outcome.cases {
            self.cases[case.index()] += 1;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        self.undetermined += other.undetermined;
        let rows = self.results.iter_mut().zip(&other.results);
        for (mine, theirs) in rows.flat_map(|(mine, theirs)| mine.iter_mut().zip(theirs)) {
            *mine += theirs;
        }
        for (mine, theirs) in self.cases.iter_mut().zip(&other.cases) {
            *mine += theirs;
        }
    }

    /// Steps per operation.
    pub fn operations(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let sums = self.results.iter().map(|row| row.iter().sum());
        Call::NAMES.into_iter().zip(sums)
    }

    /// Steps per operation and errno, for those that occur.
    pub fn errors(&self) -> impl Iterator<Item = (&'static str, Errno, u64)> {
        Call::NAMES
            .into_iter()
            .zip(&self.results)
            .flat_map(|(name, row)| {
                let errnos = Errno::ALL.into_iter().zip(&row[1..]);
                errnos.map(move |(errno, count)| (name, errno, *count))
            })
            .filter(|(_, _, count)| *count > 0)
    }

    /// Steps per errno, whatever the operation.
    pub fn errnos(&self) -> impl Iterator<Item = (Errno, u64)> {
        Errno::ALL.into_iter().enumerate().map(|(column, errno)| {
            let count = self.results.iter().map(|row| row[column + 1]).sum();
            (errno, count)
        })
    }

    /// Steps per case.
    pub fn cases(&self) -> impl Iterator<Item = (Case, u64)> {
        Case::ALL.into_iter().zip(self.cases.iter().copied())
    }

    /// What a full run must meet and this one did not.
    #[must_use]
    pub fn never_met(&self) -> Vec<String> {
        let operations = self.operations().filter(|(_, n)| *n == 0);
        let errnos = self.errnos().filter(|(_, n)| *n == 0);
        let cases = self.cases().filter(|(_, n)| *n == 0);
        operations
            .map(|(name, _)| name.to_owned())
            .chain(errnos.map(|(errno, _)| errno.to_string()))
            .chain(cases.map(|(case, _)| format!("{case:?}")))
            .collect()
    }
}
