//! What was found, held against what was expected.

use crate::expectation::{Channel, Expectation, Storage, expectation};
use serde::Serialize;

/// What one experiment found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "evidence")]
pub enum Outcome {
    /// The marker was found.
    Leaked(String),
    /// It was not, though it was looked for.
    Safe(String),
    /// The experiment did not run, for this reason.
    Skipped(String),
}

/// What that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// A control that leaked, as it must.
    Control,
    /// A claim that holds.
    Holds,
    /// A leak that the documentation names.
    DocumentedLimit,
    /// A documented limit that did not show on this machine.
    LimitNotSeen,
    /// A claim that does not hold.
    Broken,
    /// A control that did not leak: the channel proves nothing.
    ControlFailed,
    /// Nothing was looked for.
    Skipped,
}

/// One experiment: a row and a column of the matrix.
#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    /// The row.
    pub storage: Storage,
    /// The column.
    pub channel: Channel,
    /// What had to be found.
    pub expectation: Expectation,
    /// What was found.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// What that means.
    pub verdict: Verdict,
}

/// All experiments of one run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of this report's shape.
    pub schema: u32,
    /// One for each experiment that is part of the table.
    pub cells: Vec<Cell>,
}

/// Experiments that did not run, for one reason.
#[derive(Clone, Debug)]
pub struct Skipped<'a> {
    /// The columns concerned.
    pub channels: Vec<Channel>,
    /// The rows concerned.
    pub rows: Vec<Storage>,
    /// The reason.
    pub why: &'a str,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self {
            schema: 1,
            cells: Vec::new(),
        }
    }

    /// Notes a channel's outcomes. Where its control did not run, nothing else
    /// there counts.
    pub(crate) fn note(&mut self, channel: Channel, outcome: impl Fn(Storage) -> Outcome) {
        let control = match outcome(Storage::Heap) {
            Outcome::Skipped(why) => Some(why),
            _ => None,
        };
        for storage in Storage::ALL {
            let expectation = expectation(storage, channel);
            if expectation == Expectation::NotAsked {
                continue;
            }
            let outcome = match &control {
                Some(why) => Outcome::Skipped(why.clone()),
                None => outcome(storage),
            };
            let verdict = judge(expectation, &outcome);
            self.cells.push(Cell {
                storage,
                channel,
                expectation,
                outcome,
                verdict,
            });
        }
    }

    /// Whether every control leaked, every claim held, and at least one claim of
    /// ours was put to the test.
    #[must_use]
    pub fn holds(&self) -> bool {
        let held = |cell: &Cell| cell.verdict == Verdict::Holds && cell.storage.is_stayput();
        let bad = |cell: &Cell| matches!(cell.verdict, Verdict::Broken | Verdict::ControlFailed);
        self.cells.iter().any(held) && !self.cells.iter().any(bad)
    }

    /// What was skipped, one entry for each reason.
    #[must_use]
    pub fn skipped(&self) -> Vec<Skipped<'_>> {
        let mut skipped: Vec<Skipped<'_>> = Vec::new();
        for cell in &self.cells {
            let Outcome::Skipped(why) = &cell.outcome else {
                continue;
            };
            let known = skipped.iter().position(|skipped| skipped.why == why);
            let known = known.unwrap_or_else(|| {
                skipped.push(Skipped {
                    channels: Vec::new(),
                    rows: Vec::new(),
                    why,
                });
                skipped.len() - 1
            });
            let Skipped { channels, rows, .. } = &mut skipped[known];
            if !channels.contains(&cell.channel) {
                channels.push(cell.channel);
            }
            if !rows.contains(&cell.storage) {
                rows.push(cell.storage);
            }
        }
        skipped
    }

    /// The cell of a row and a column, if it is part of the table.
    #[must_use]
    pub fn cell(&self, storage: Storage, channel: Channel) -> Option<&Cell> {
        self.cells
            .iter()
            .find(|cell| cell.storage == storage && cell.channel == channel)
    }
}

fn judge(expectation: Expectation, outcome: &Outcome) -> Verdict {
    match (expectation, outcome) {
        (_, Outcome::Skipped(_)) | (Expectation::NotAsked, _) => Verdict::Skipped,
        (Expectation::MustLeak, Outcome::Leaked(_)) => Verdict::Control,
        (Expectation::MustLeak, Outcome::Safe(_)) => Verdict::ControlFailed,
        (Expectation::MustNotLeak, Outcome::Leaked(_)) => Verdict::Broken,
        (Expectation::MustNotLeak, Outcome::Safe(_)) => Verdict::Holds,
        (Expectation::Limit(_), Outcome::Leaked(_)) => Verdict::DocumentedLimit,
        (Expectation::Limit(_), Outcome::Safe(_)) => Verdict::LimitNotSeen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcome: impl Fn(Storage) -> Outcome) -> Report {
        let mut report = Report::new();
        report.note(Channel::Swap, outcome);
        report
    }

    fn leaked() -> Outcome {
        Outcome::Leaked("seen".into())
    }

    fn as_expected(storage: Storage) -> Outcome {
        match expectation(storage, Channel::Swap) {
            Expectation::MustLeak | Expectation::Limit(_) => leaked(),
            _ => Outcome::Safe("looked".into()),
        }
    }

    #[test]
    fn what_is_expected_holds() {
        assert!(report(as_expected).holds());
    }

    #[test]
    fn a_leak_of_ours_does_not() {
        let leak = |storage| match storage {
            Storage::Secret => leaked(),
            other => as_expected(other),
        };
        assert!(!report(leak).holds());
    }

    #[test]
    fn a_control_that_does_not_leak_does_not() {
        let silent = |storage| match storage {
            Storage::TwoLocks => Outcome::Safe("looked".into()),
            other => as_expected(other),
        };
        assert!(!report(silent).holds());
    }

    #[test]
    fn nothing_that_ran_is_nothing_shown() {
        let skipped = report(|_| Outcome::Skipped("no root".into()));
        assert!(!skipped.holds());
        assert_eq!(skipped.skipped().len(), 1);
    }

    #[test]
    fn controls_alone_show_nothing_about_us() {
        let only_controls = |storage: Storage| match storage {
            ours if ours.is_stayput() => Outcome::Skipped("limit 0".into()),
            control => as_expected(control),
        };
        assert!(!report(only_controls).holds());
    }

    #[test]
    fn without_its_control_a_channel_counts_for_nothing() {
        let no_control = report(|storage| match storage {
            Storage::Heap => Outcome::Skipped("no heap".into()),
            other => as_expected(other),
        });
        assert!(
            no_control
                .cells
                .iter()
                .all(|cell| cell.verdict == Verdict::Skipped)
        );
    }
}
