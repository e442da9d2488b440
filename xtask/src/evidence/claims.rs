//! What the documents claim, and which experiments that rests on.

use super::record::Record;
use super::{CLAIMS, PAGE};
use crate::cell::Cell;
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// Documents that claim something; they link each claim.
const DOCUMENTS: [&str; 2] = ["README.md", "SECURITY.md"];

/// All claims, in the order of the page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pub(super) claims: Vec<Claim>,
}

/// One claim.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    /// The anchor on the page.
    pub(super) id: String,
    pub(super) claim: String,
    /// The documents that make it.
    pub(super) said_in: Vec<String>,
    #[serde(default)]
    pub(super) experiments: Vec<Experiment>,
    /// Tests, as PACKAGE/TARGET/NAME.
    #[serde(default)]
    pub(super) tests: Vec<String>,
    /// Why there is no evidence, where there can be none.
    #[serde(default)]
    pub(super) without: Option<String>,
}

/// Cells of an experiment.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Experiment {
    pub(super) id: String,
    /// Subjects, or how they begin; none means all.
    #[serde(default)]
    pub(super) subjects: Vec<String>,
}

/// The experiment whose subjects are tests.
pub(super) const TESTS: &str = "test";

impl Claims {
    pub(super) fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(CLAIMS)).context(CLAIMS)?;
        let claims: Self = serde_json::from_str(&text).context(CLAIMS)?;
        for (number, claim) in claims.claims.iter().enumerate() {
            let before = &claims.claims[..number];
            let unique = before.iter().all(|other| other.id != claim.id);
            ensure!(unique, "{CLAIMS}: two claims are called {}", claim.id);
        }
        Ok(claims)
    }

    /// Claims that the documents don't link, and links that lead to no claim.
    pub(super) fn dead_links(&self, root: &Path) -> Result<Vec<String>> {
        let mut findings = Vec::new();
        for document in DOCUMENTS {
            let text = fs::read_to_string(root.join(document)).context(document)?;
            let linked = links(&text);
            for claim in &self.claims {
                let says = claim.said_in.iter().any(|said_in| said_in == document);
                if says && !linked.contains(&claim.id.as_str()) {
                    findings.push(format!("{document} does not link {PAGE}#{}", claim.id));
                }
            }
            let known = |id: &str| self.claims.iter().any(|claim| claim.id == id);
            let dead = linked.into_iter().filter(|id| !known(id));
            findings.extend(dead.map(|id| format!("{document}: {CLAIMS} has no claim {id}")));
        }
        for claim in &self.claims {
            let elsewhere = |said_in: &&String| !DOCUMENTS.contains(&said_in.as_str());
            if claim.said_in.is_empty() || claim.said_in.iter().any(|said_in| elsewhere(&said_in)) {
                findings.push(format!("{}: said in neither of {DOCUMENTS:?}", claim.id));
            }
        }
        Ok(findings)
    }

    /// Cells that a claim rests on and that are not as expected.
    pub(super) fn contradictions(&self, record: &Record) -> Vec<String> {
        let mut findings = Vec::new();
        for claim in &self.claims {
            let wrong = claim.cells(&record.cells);
            let wrong = wrong.iter().filter(|cell| !cell.is_as_expected());
            findings.extend(wrong.map(|cell| {
                let Cell {
                    experiment,
                    subject,
                    kernel,
                    ..
                } = cell;
                format!(
                    "{}: {experiment}, {subject}, on {kernel}: expected {}, observed {}",
                    claim.id, cell.expected, cell.observed
                )
            }));
        }
        findings
    }
}

impl Claim {
    /// What it rests on, controls included.
    pub(super) fn cells<'a>(&self, cells: &'a [Cell]) -> Vec<&'a Cell> {
        cells.iter().filter(|cell| self.rests_on(cell)).collect()
    }

    fn rests_on(&self, cell: &Cell) -> bool {
        if cell.experiment == TESTS {
            return self.tests.contains(&cell.subject);
        }
        self.experiments.iter().any(|experiment| {
            let mut subjects = experiment.subjects.iter();
            experiment.id == cell.experiment
                && (cell.is_control
                    || experiment.subjects.is_empty()
                    || subjects.any(|subject| is_of(&cell.subject, subject)))
        })
    }
}

/// Whether a subject is the one named, or it in some state (after a comma).
fn is_of(subject: &str, name: &str) -> bool {
    let rest = subject.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(", "))
}

/// The claims that a document links.
fn links(text: &str) -> Vec<&str> {
    let link = format!("]({PAGE}#");
    let ends = text.split(&link).skip(1);
    ends.filter_map(|end| end.split_once(')').map(|(id, _)| id))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::tests::cell;

    #[test]
    fn links_are_those_to_the_page() {
        let text = "[a](docs/evidence.md#swap) [b](docs/run.md#x) [c](docs/evidence.md#core).";
        assert_eq!(links(text), ["swap", "core"]);
    }

    #[test]
    fn a_claim_rests_on_its_subjects_and_on_every_control() {
        let claim: Claim = serde_json::from_str(
            r#"{"id": "a", "claim": "", "said_in": [],
                "experiments": [{"id": "swap", "subjects": ["secret"]}]}"#,
        )
        .expect("a claim");
        let cells = ["heap", "secret", "secret, dropped", "secret-mem"]
            .map(|subject| cell("swap", subject, ["a", "a"]));
        let subjects = claim.cells(&cells);
        let subjects: Vec<_> = subjects.iter().map(|cell| cell.subject.as_str()).collect();
        assert_eq!(subjects, ["heap", "secret", "secret, dropped"]);
    }
}
