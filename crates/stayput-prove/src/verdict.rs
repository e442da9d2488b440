//! From what was seen to what it means.

use crate::channel::Channel;
use crate::expectation::{Expectation, Expected, expectation};
use crate::observation::{Evidence, Finding, Observation};
use crate::storage::{Kind, Storage};
use serde::Serialize;

/// What a cell of the matrix says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// A control was found, as it must be.
    Leaked,
    /// Nothing was found.
    Safe,
    /// Found, and the documentation says that it would be.
    Limit,
    /// Found where it must not be: a failure.
    Breach,
    /// A control was not found, so the experiment proves nothing: a failure.
    Missed,
    /// Not looked for.
    Skipped,
}

/// A cell of the matrix, judged.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Cell {
    /// The row.
    pub storage: Storage,
    /// The column.
    pub channel: Channel,
    /// What came out.
    pub outcome: Outcome,
    /// What should have.
    #[serde(flatten)]
    pub expectation: Expectation,
    /// Why it was skipped, if it was.
    pub skipped: Option<String>,
    /// What the outcome rests on.
    pub evidence: Evidence,
}

/// The whole matrix in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Whether it ends well: every control that ran leaked, nothing leaked that
    /// must not, at least one channel ran; and no skips, where none is allowed.
    pub passed: bool,
    /// Channels that ran: one of stayput's storages in them at least, beside a
    /// control.
    pub channels_run: usize,
    /// Cells by outcome.
    pub leaked: usize,
    /// Cells by outcome.
    pub safe: usize,
    /// Cells by outcome.
    pub limits: usize,
    /// Cells by outcome.
    pub breaches: usize,
    /// Cells by outcome.
    pub missed: usize,
    /// Cells by outcome.
    pub skipped: usize,
}

/// Whether a skipped cell is a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Skips {
    /// It is not.
    #[default]
    Allowed,
    /// It is.
    Forbidden,
}

/// Judges findings by the table of expectations.
pub(crate) fn judge(findings: Vec<Finding>) -> Vec<Cell> {
    judge_by(findings, expectation)
}

fn judge_by(
    findings: Vec<Finding>,
    expectation: impl Fn(Storage, Channel) -> Expectation,
) -> Vec<Cell> {
    let mut cells: Vec<Cell> = findings
        .into_iter()
        .map(|finding| {
            let expectation = expectation(finding.storage, finding.channel);
            cell(finding, expectation)
        })
        .collect();
    for channel in Channel::ALL {
        void_without_control(&mut cells, channel);
    }
    cells.sort_by_key(|cell| (cell.storage, cell.channel));
    cells
}

/// The numbers, and whether they are good.
#[must_use]
pub fn summarize(cells: &[Cell], skips: Skips) -> Summary {
    let count = |outcome| cells.iter().filter(|cell| cell.outcome == outcome).count();
    let mut summary = Summary {
        passed: false,
        channels_run: Channel::ALL
            .into_iter()
            .filter(|&channel| has_run(cells, channel))
            .count(),
        leaked: count(Outcome::Leaked),
        safe: count(Outcome::Safe),
        limits: count(Outcome::Limit),
        breaches: count(Outcome::Breach),
        missed: count(Outcome::Missed),
        skipped: count(Outcome::Skipped),
    };
    summary.passed = summary.channels_run > 0
        && summary.breaches + summary.missed == 0
        && (skips == Skips::Allowed || summary.skipped == 0);
    summary
}

/// Whether `channel` says anything about stayput. Its control ran too: without
/// one all its cells are skipped.
pub(crate) fn has_run(cells: &[Cell], channel: Channel) -> bool {
    cells.iter().any(|cell| {
        cell.channel == channel
            && cell.storage.kind() == Kind::Stayput
            && cell.outcome != Outcome::Skipped
    })
}

fn cell(finding: Finding, expectation: Expectation) -> Cell {
    let (outcome, skipped, evidence) = match finding.observation {
        Observation::Ran { leaked, evidence } => {
            (outcome(leaked, expectation.expected), None, evidence)
        }
        Observation::Skipped { why } => (Outcome::Skipped, Some(why), Evidence::default()),
    };
    Cell {
        storage: finding.storage,
        channel: finding.channel,
        outcome,
        expectation,
        skipped,
        evidence,
    }
}

fn outcome(leaked: bool, expected: Expected) -> Outcome {
    match (leaked, expected) {
        (true, Expected::MustLeak) => Outcome::Leaked,
        (true, Expected::MustNotLeak) => Outcome::Breach,
        (true, Expected::DocumentedLimit) => Outcome::Limit,
        (false, Expected::MustLeak) => Outcome::Missed,
        (false, Expected::MustNotLeak | Expected::DocumentedLimit) => Outcome::Safe,
    }
}

/// Skips what a channel says where none of its controls ran: not finding
/// something proves nothing if nothing was there to be found.
fn void_without_control(cells: &mut [Cell], channel: Channel) {
    let of_channel = |cell: &&mut Cell| cell.channel == channel;
    let mut controls = cells
        .iter()
        .filter(|cell| cell.channel == channel && cell.expectation.expected == Expected::MustLeak);
    if controls
        .clone()
        .any(|control| control.outcome != Outcome::Skipped)
    {
        return;
    }
    let reason = controls.find_map(|control| control.skipped.clone());
    let reason = reason.unwrap_or_else(|| "it was not asked for".to_owned());
    for cell in cells.iter_mut().filter(of_channel) {
        if cell.outcome != Outcome::Skipped {
            cell.outcome = Outcome::Skipped;
            cell.skipped = Some(format!("the control did not run: {reason}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(storage: Storage, channel: Channel, leaked: bool) -> Finding {
        let evidence = Evidence::default();
        let observation = Observation::Ran { leaked, evidence };
        Finding {
            channel,
            storage,
            observation,
        }
    }

    /// What the table expects, everywhere.
    fn good() -> Vec<Finding> {
        let cells = Storage::ALL.into_iter().flat_map(|storage| {
            Channel::ALL
                .into_iter()
                .map(move |channel| (storage, channel))
        });
        cells
            .map(|(storage, channel)| {
                let expected = expectation(storage, channel).expected;
                ran(storage, channel, expected != Expected::MustNotLeak)
            })
            .collect()
    }

    fn passes(findings: Vec<Finding>, skips: Skips) -> bool {
        summarize(&judge(findings), skips).passed
    }

    #[test]
    fn what_is_expected_passes() {
        let summary = summarize(&judge(good()), Skips::Forbidden);
        assert!(summary.passed);
        assert_eq!(summary.channels_run, Channel::ALL.len());
        assert_eq!(summary.skipped + summary.breaches + summary.missed, 0);
    }

    #[test]
    fn each_broken_expectation_fails() {
        for number in 0..good().len() {
            let mut findings = good();
            let Finding {
                channel, storage, ..
            } = findings[number];
            let expected = expectation(storage, channel).expected;
            let leaks = expected != Expected::MustNotLeak;
            findings[number] = ran(storage, channel, !leaks);
            let broken = expected != Expected::DocumentedLimit;
            assert_eq!(
                passes(findings, Skips::Allowed),
                !broken,
                "{storage:?} {channel:?}"
            );
        }
    }

    #[test]
    fn a_table_that_is_wrong_fails_too() {
        let why = "wrong on purpose";
        let wrong = |storage, channel| match (storage, channel) {
            (Storage::Heap, Channel::Core) => Expectation {
                expected: Expected::MustNotLeak,
                why,
            },
            _ => expectation(storage, channel),
        };
        let cells = judge_by(good(), wrong);
        assert!(!summarize(&cells, Skips::Allowed).passed);
    }

    #[test]
    fn skips_fail_only_where_they_are_forbidden() {
        let mut findings = good();
        findings[0].observation = Observation::skipped("no reason");
        assert!(passes(findings.clone(), Skips::Allowed));
        assert!(!passes(findings, Skips::Forbidden));
    }

    #[test]
    fn a_channel_without_a_control_is_skipped() {
        let mut findings = good();
        for finding in &mut findings {
            let expected = expectation(finding.storage, finding.channel).expected;
            if finding.channel == Channel::Swap && expected == Expected::MustLeak {
                finding.observation = Observation::skipped("no disk");
            }
        }
        let cells = judge(findings);
        let mut swap = cells.iter().filter(|cell| cell.channel == Channel::Swap);
        assert!(swap.all(|cell| {
            cell.outcome == Outcome::Skipped
                && cell
                    .skipped
                    .as_ref()
                    .is_some_and(|why| why.contains("no disk"))
        }));
        let summary = summarize(&cells, Skips::Allowed);
        assert_eq!(summary.channels_run, Channel::ALL.len() - 1);
        assert!(summary.passed);
    }

    #[test]
    fn nothing_run_is_no_pass() {
        let mut findings = good();
        for finding in findings.iter_mut().filter(|finding| is_ours(finding)) {
            finding.observation = Observation::skipped("no locks to be had");
        }
        assert!(
            !passes(findings.clone(), Skips::Allowed),
            "only controls ran"
        );
        for finding in &mut findings {
            finding.observation = Observation::skipped("off Linux");
        }
        assert!(!passes(findings, Skips::Allowed));
        assert!(!passes(Vec::new(), Skips::Allowed));
    }

    fn is_ours(finding: &Finding) -> bool {
        finding.storage.kind() == Kind::Stayput
    }
}
