//! One observation of an experiment, beside what was to be expected.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What is expected where the documentation promises nothing.
pub(crate) const ANYTHING: &str = "anything";
/// What is observed where nothing was tried.
pub(crate) const SKIPPED: &str = "skipped";

/// A cell, as guests print it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Printed")]
pub(crate) struct Cell {
    pub(crate) experiment: String,
    pub(crate) subject: String,
    /// Whether it shows that the experiment can see what it looks for.
    pub(crate) is_control: bool,
    /// The kernel's release.
    pub(crate) kernel: String,
    pub(crate) expected: String,
    pub(crate) observed: String,
    /// What runs it again.
    pub(crate) command: String,
    /// What the observation rests on.
    pub(crate) figures: Map<String, Value>,
}

impl Cell {
    pub(crate) fn is_as_expected(&self) -> bool {
        self.expected == self.observed || self.expected == ANYTHING
    }
}

/// The forms of a cell that are read: a control is marked or named one.
#[derive(Deserialize)]
struct Printed {
    experiment: String,
    subject: String,
    #[serde(alias = "role")]
    is_control: Control,
    kernel: String,
    expected: String,
    observed: String,
    command: String,
    figures: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Control {
    Marked(bool),
    Named(Role),
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Control,
    Subject,
}

impl From<Printed> for Cell {
    fn from(printed: Printed) -> Self {
        let is_control = match printed.is_control {
            Control::Marked(is_control) => is_control,
            Control::Named(role) => matches!(role, Role::Control),
        };
        Self {
            experiment: printed.experiment,
            subject: printed.subject,
            is_control,
            kernel: printed.kernel,
            expected: printed.expected,
            observed: printed.observed,
            command: printed.command,
            figures: printed.figures,
        }
    }
}

/// What is wrong with cells: one that is not as expected; an experiment on a
/// kernel without a control, in which not finding something proves nothing.
pub(crate) fn failures(cells: &[Cell]) -> Vec<String> {
    let mut failures: Vec<_> = cells.iter().filter_map(failure).collect();
    let mut seen = Vec::new();
    for cell in cells {
        let run = (&cell.experiment, &cell.kernel);
        if seen.contains(&run) {
            continue;
        }
        seen.push(run);
        let mut same = cells
            .iter()
            .filter(|other| (&other.experiment, &other.kernel) == run);
        if !same.any(|cell| cell.is_control) {
            failures.push(format!("{} on {}: no control ran", run.0, run.1));
        }
    }
    failures
}

fn failure(cell: &Cell) -> Option<String> {
    let what = if cell.is_control { "the control " } else { "" };
    (!cell.is_as_expected()).then(|| {
        format!(
            "{} on {}: {what}{}: expected {}, observed {} ({})",
            cell.experiment, cell.kernel, cell.subject, cell.expected, cell.observed, cell.command
        )
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn cell(experiment: &str, subject: &str, words: [&str; 2]) -> Cell {
        Cell {
            experiment: experiment.to_owned(),
            subject: subject.to_owned(),
            is_control: subject == "heap",
            kernel: "6.12".to_owned(),
            expected: words[0].to_owned(),
            observed: words[1].to_owned(),
            command: "run".to_owned(),
            figures: Map::new(),
        }
    }

    #[test]
    fn what_is_expected_beside_a_control_passes() {
        let cells = [
            cell("swap", "heap", ["found", "found"]),
            cell("swap", "secret", ["not found", "not found"]),
        ];
        assert_eq!(failures(&cells), [""; 0]);
    }

    #[test]
    fn a_control_that_does_not_leak_fails() {
        let cells = [cell("swap", "heap", ["found", "not found"])];
        let failures = failures(&cells);
        assert_eq!(failures.len(), 1);
        assert!(failures[0].contains("the control heap"), "{failures:?}");
    }

    #[test]
    fn an_experiment_without_a_control_fails() {
        let cells = [
            cell("swap", "heap", ["found", "found"]),
            cell("kcore", "secret", ["not found", "not found"]),
        ];
        assert_eq!(failures(&cells), ["kcore on 6.12: no control ran"]);
    }

    #[test]
    fn a_leak_fails() {
        let cells = [
            cell("swap", "heap", ["found", "found"]),
            cell("swap", "secret", ["not found", "found"]),
        ];
        assert_eq!(failures(&cells).len(), 1);
    }
}
