//! A verdict in writing.

mod json;
mod junit;
mod tap;
mod text;

use crate::verdict::{ClauseVerdict, Status, Verdict};

/// How a verdict is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object, `"schema": 1`.
    Json,
    /// `JUnit` XML: a test case for each clause, one for the random run.
    Junit,
    /// Test Anything Protocol, version 14, likewise.
    Tap,
}

impl Verdict {
    /// The verdict in the given format, ended by a line break.
    #[must_use]
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Text => text::render(self),
            Format::Json => json::render(self),
            Format::Junit => junit::render(self),
            Format::Tap => tap::render(self),
        }
    }
}

/// One line of a report in a test format.
struct Case {
    group: &'static str,
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Skipped(String),
    Failed(String),
}

fn cases(verdict: &Verdict) -> Vec<Case> {
    let clauses = verdict.clauses.iter().map(|clause| Case {
        group: "clauses",
        name: clause.id.clone(),
        outcome: match &clause.status {
            Status::Confirmed => Outcome::Passed,
            Status::Refuted => Outcome::Failed(difference(clause)),
            Status::Skipped(why) => Outcome::Skipped(why.clone()),
            Status::Cited(why) => Outcome::Skipped(format!("cited: {why}")),
            Status::Broken(why) => Outcome::Failed(format!("the probe broke: {why}")),
        },
    });
    let random = verdict.random.iter().map(|report| Case {
        group: "random",
        name: format!("random sequences, seed {}", report.seed),
        outcome: if report.agrees() {
            Outcome::Passed
        } else {
            Outcome::Failed(text::counterexamples(report))
        },
    });
    clauses.chain(random).collect()
}

/// Expectation and observation side by side, where they part.
fn difference(clause: &ClauseVerdict) -> String {
    let longest = clause.expected.len().max(clause.seen.len());
    let missing = || "nothing".to_owned();
    (0..longest)
        .map(|at| {
            let expected = clause.expected.get(at).cloned().unwrap_or_else(missing);
            let seen = clause.seen.get(at).cloned().unwrap_or_else(missing);
            (expected, seen)
        })
        .filter(|(expected, seen)| expected != seen)
        .map(|(expected, seen)| format!("expected: {expected}; seen: {seen}"))
        .collect::<Vec<_>>()
        .join("\n")
}
