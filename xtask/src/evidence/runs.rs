//! Cells from what the tools print as JSON.

use crate::cell::{ANYTHING, Cell, SKIPPED};
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use std::fs;

/// The cells of a run, whatever made it.
pub(super) fn cells(run: Value) -> Result<Vec<Cell>> {
    let has = |name: &str| run.get(name).is_some();
    if has("results") {
        let results = run["results"].clone();
        serde_json::from_value(results).context("expected cells as results")
    } else if has("storages") && has("channels") {
        proved(&run)
    } else if has("clauses") {
        checked(&run)
    } else if run["schema"] == "stayput-soak/1" {
        soaked(&run)
    } else {
        bail!("neither prove's, spec check's, a guest's, the soak's nor the tests' form")
    }
}

/// `stayput prove --format json` (`docs/schema/prove.json`).
fn proved(run: &Value) -> Result<Vec<Cell>> {
    let kernel = text(&run["system"], "kernel")?;
    let cells = run["cells"]
        .as_array()
        .context("expected a list of cells")?;
    let cell = |cell: &Value| {
        let channel = text(cell, "channel")?;
        let expected = match text(cell, "expected")? {
            "must-leak" => "found",
            "must-not-leak" => "not found",
            "documented-limit" => ANYTHING,
            other => bail!("an expectation unheard of: {other}"),
        };
        let observed = match text(cell, "outcome")? {
            "leaked" | "limit" | "breach" => "found",
            "safe" | "missed" => "not found",
            "skipped" => SKIPPED,
            other => bail!("an outcome unheard of: {other}"),
        };
        let mut figures = object(&cell["evidence"]);
        figures.insert("why".to_owned(), cell["why"].clone());
        if observed == SKIPPED {
            figures.insert("skipped".to_owned(), cell["skipped"].clone());
        }
        Ok(Cell {
            experiment: format!("prove {channel}"),
            subject: text(cell, "storage")?.to_owned(),
            is_control: expected == "found",
            kernel: kernel.to_owned(),
            expected: expected.to_owned(),
            observed: observed.to_owned(),
            command: format!("stayput prove --only {channel}"),
            figures,
        })
    };
    cells.iter().map(cell).collect()
}

/// `stayput spec check --format json` (`docs/schema/spec-check.json`).
fn checked(run: &Value) -> Result<Vec<Cell>> {
    let agrees = run["agrees"].as_bool().context("expected `agrees`")?;
    let mut figures = object(&run["counts"]);
    let random = object(&run["random"]);
    for name in ["sequences", "steps", "seed"] {
        if let Some(value) = random.get(name) {
            figures.insert(name.to_owned(), value.clone());
        }
    }
    Ok(vec![Cell {
        experiment: "spec check".to_owned(),
        subject: "contract and model".to_owned(),
        is_control: false,
        kernel: text(run, "kernel")?.to_owned(),
        expected: "agree".to_owned(),
        observed: if agrees { "agree" } else { "disagree" }.to_owned(),
        command: "stayput spec check".to_owned(),
        figures,
    }])
}

/// What `ci/soak.sh` writes.
fn soaked(run: &Value) -> Result<Vec<Cell>> {
    let kernel =
        fs::read_to_string("/proc/sys/kernel/osrelease").context("the kernel's release")?;
    let seconds = &run["seconds"];
    let findings = run["findings"].as_array().context("expected findings")?;
    let swapped = run["most_swapped"]["control"].as_u64().unwrap_or(0);
    let cell = |subject: &str, is_control, words: [&str; 2], figures| Cell {
        experiment: "soak".to_owned(),
        subject: subject.to_owned(),
        is_control,
        kernel: kernel.trim().to_owned(),
        expected: words[0].to_owned(),
        observed: words[1].to_owned(),
        command: format!("ci/soak.sh {seconds}"),
        figures,
    };
    let observed = match findings.len() {
        0 => "nothing found".to_owned(),
        number => format!("{number} findings"),
    };
    let out = if swapped > 0 {
        "swapped"
    } else {
        "never swapped"
    };
    let control = object(&json!({ "most_swapped": swapped }));
    let words = ["nothing found", observed.as_str()];
    Ok(vec![
        cell("memory that is not locked", true, ["swapped", out], control),
        cell("pool, process and region locks", false, words, object(run)),
    ])
}

fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    let text = value.get(name).and_then(Value::as_str);
    text.with_context(|| format!("expected the text `{name}`"))
}

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proved_cell(expected: &str, outcome: &str) -> Cell {
        let run = json!({
            "system": { "kernel": "6.18" }, "storages": [], "channels": [],
            "cells": [{
                "channel": "swap", "storage": "heap", "expected": expected, "outcome": outcome,
                "why": "because", "skipped": "no disk", "evidence": { "found": 1 }
            }]
        });
        cells(run).expect("prove's form").remove(0)
    }

    #[test]
    fn outcomes_are_told_by_what_was_seen() {
        let leaked = proved_cell("must-leak", "leaked");
        assert!(leaked.is_control && leaked.is_as_expected());
        assert!(!proved_cell("must-leak", "missed").is_as_expected());
        assert!(!proved_cell("must-not-leak", "breach").is_as_expected());
        assert!(proved_cell("must-not-leak", "safe").is_as_expected());
        assert!(proved_cell("documented-limit", "limit").is_as_expected());
        let skipped = proved_cell("must-not-leak", "skipped");
        assert_eq!(
            (skipped.observed.as_str(), &skipped.figures["skipped"]),
            (SKIPPED, &json!("no disk"))
        );
    }

    #[test]
    fn a_soak_with_findings_or_without_pressure_is_not_as_expected() {
        let soak = |swapped: u64, findings: &[&str]| {
            let run = json!({
                "schema": "stayput-soak/1", "seconds": 1, "findings": findings,
                "most_swapped": { "control": swapped }
            });
            cells(run).expect("the soak's form")
        };
        assert!(soak(1, &[]).iter().all(Cell::is_as_expected));
        assert!(!soak(0, &[])[0].is_as_expected());
        assert!(!soak(1, &["a lock was lost"])[1].is_as_expected());
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        assert!(cells(json!({ "what": 1 })).is_err());
    }
}
