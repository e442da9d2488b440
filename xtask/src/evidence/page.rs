//! The page.

use super::claims::{Claim, Claims, TESTS};
use super::record::Record;
use crate::cell::{Cell, SKIPPED};
use crate::lists::distinct;
use std::fmt::Write;

const HEAD: &str = "\
<!-- Written by `cargo xtask evidence` from docs/evidence/. Edit the claims there. -->
# Evidence

What [README.md](../README.md) and [SECURITY.md](../SECURITY.md) claim, and what was seen: the
experiment, its control (what must leak, or hang, for the experiment to prove anything), the result,
the kernel, and the command that runs it again. `ci/evidence.sh` runs them all and writes this page.
";

pub(super) fn render(claims: &Claims, record: &Record) -> String {
    let mut page = HEAD.to_owned();
    let kernels = distinct(record.cells.iter().map(|cell| cell.kernel.as_str()));
    let controls = record.cells.iter().filter(|cell| cell.is_control).count();
    let wrong = record.cells.iter().filter(|cell| !cell.is_as_expected());
    let _ = write!(
        page,
        "\nLast collected on {} at commit `{}`: {} cells, {controls} of them controls, {} not as\n\
         expected; Linux {}.\nAll figures: [cells.json](evidence/cells.json); which claim rests on \
         what:\n[claims.json](evidence/claims.json).\n\n\
         ![What was found where](evidence/matrix.svg)\n",
        record.date,
        record.commit,
        record.cells.len(),
        wrong.count(),
        kernels.join(", "),
    );
    summary(&mut page, claims, record);
    for claim in &claims.claims {
        section(&mut page, claim, record);
    }
    page
}

/// How a claim stands.
#[derive(PartialEq)]
enum Standing {
    Shown,
    /// Something was seen that should not have been.
    Contradicted,
    /// Nothing was looked for, or nothing could be.
    Open,
    /// It says what is not done, or can't be shown.
    Without,
}

impl Standing {
    fn of(claim: &Claim, record: &Record) -> Self {
        let cells = claim.cells(&record.cells);
        let ran = |cell: &&&Cell| cell.observed != SKIPPED && !cell.is_control;
        let mut experiments = claim.experiments.iter();
        let has = |id: &str| {
            let mut ran = cells.iter().filter(ran);
            ran.any(|cell| cell.experiment == id)
        };
        if claim.without.is_some() {
            Self::Without
        } else if cells.iter().filter(ran).any(|cell| !cell.is_as_expected()) {
            Self::Contradicted
        } else if experiments.all(|experiment| has(&experiment.id))
            && (claim.tests.is_empty() || has(TESTS))
        {
            Self::Shown
        } else {
            Self::Open
        }
    }
}

fn summary(page: &mut String, claims: &Claims, record: &Record) {
    let of = |standing| {
        let claims = claims.claims.iter();
        let claims = claims.filter(|claim| Standing::of(claim, record) == standing);
        claims
            .map(|claim| format!("[{}](#{})", claim.id, claim.id))
            .collect::<Vec<_>>()
    };
    let _ = writeln!(page, "\n{} claims:\n", claims.claims.len());
    for (standing, words) in [
        (Standing::Shown, "shown"),
        (Standing::Contradicted, "**contradicted**"),
        (Standing::Open, "**without evidence**"),
        (Standing::Without, "not to be shown here"),
    ] {
        let claims = of(standing);
        if !claims.is_empty() {
            let _ = writeln!(page, "- {} {words}: {}", claims.len(), claims.join(", "));
        }
    }
}

fn section(page: &mut String, claim: &Claim, record: &Record) {
    let said_in = claim.said_in.iter();
    let said_in: Vec<_> = said_in.map(|file| format!("[{file}](../{file})")).collect();
    let _ = write!(
        page,
        "\n<a id=\"{}\"></a>\n## {}\n\nSaid in {}. ",
        claim.id,
        claim.claim,
        said_in.join(" and ")
    );
    let _ = match (Standing::of(claim, record), &claim.without) {
        (_, Some(why)) => writeln!(page, "Not shown: {why}"),
        (Standing::Contradicted, _) => writeln!(page, "**What was seen contradicts it.**"),
        (Standing::Open, _) => writeln!(page, "**Without evidence** so far, in part at least."),
        _ => writeln!(page, "Shown."),
    };
    let cells = claim.cells(&record.cells);
    experiments(page, &cells);
    tests(page, &cells);
}

/// A row for each experiment on each kernel.
fn experiments(page: &mut String, cells: &[&Cell]) {
    let cells = || {
        cells
            .iter()
            .copied()
            .filter(|cell| cell.experiment != TESTS)
    };
    let runs = distinct(cells().map(|cell| (cell.experiment.as_str(), cell.kernel.as_str())));
    if runs.is_empty() {
        return;
    }
    page.push_str("\n| experiment | Linux | controls | seen | again by |\n|---|---|---|---|---|\n");
    for run in runs {
        let here = cells().filter(|cell| (cell.experiment.as_str(), cell.kernel.as_str()) == run);
        let (controls, subjects): (Vec<_>, Vec<_>) = here.partition(|cell| cell.is_control);
        let commands = controls.iter().chain(&subjects);
        let commands = distinct(commands.map(|cell| format!("`{}`", cell.command)));
        // A long list stands in the file of cells.
        let command = commands.first().map_or("", String::as_str);
        let more = if commands.len() > 1 { ", …" } else { "" };
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {command}{more} |",
            run.0,
            run.1,
            observations(&controls),
            observations(&subjects),
        );
    }
}

/// What was observed, and of which subjects.
fn observations(cells: &[&Cell]) -> String {
    if cells.is_empty() {
        return "none".to_owned();
    }
    let words = distinct(cells.iter().map(|cell| cell.observed.as_str()));
    let words = words.into_iter().map(|word| {
        let same = cells.iter().copied().filter(|cell| cell.observed == word);
        format!("{word}: {}", subjects(&same.collect::<Vec<_>>()))
    });
    words.collect::<Vec<_>>().join("<br>")
}

/// Subjects with their figures, which stand once where they are all alike.
fn subjects(cells: &[&Cell]) -> String {
    let names = distinct(cells.iter().map(|cell| cell.subject.as_str()));
    let mut subjects = Vec::new();
    for name in names {
        let same = cells.iter().filter(|cell| cell.subject == name);
        let same: Vec<_> = same.collect();
        let wrong = same.iter().find(|cell| !cell.is_as_expected());
        let wrong = wrong.map(|cell| format!(" **instead of {}**", cell.expected));
        let times = match same.len() {
            1 => figures(same[0]),
            times => format!(" ({times} times)"),
        };
        subjects.push((format!("{name}{}", wrong.unwrap_or_default()), times));
    }
    let first = subjects[0].1.clone();
    if subjects.len() > 1 && subjects.iter().all(|(_, figures)| *figures == first) {
        let names: Vec<_> = subjects.into_iter().map(|(name, _)| name).collect();
        let each = first.replace(')', " each)");
        return names.join("; ") + &each;
    }
    let subjects = subjects.into_iter().map(|(name, figures)| name + &figures);
    subjects.collect::<Vec<_>>().join("; ")
}

/// The figures that say how much of what was looked for was seen.
fn figures(cell: &Cell) -> String {
    let number = |name: &str| cell.figures.get(name).and_then(serde_json::Value::as_u64);
    let text = |name: &str| cell.figures.get(name).and_then(serde_json::Value::as_str);
    let held = number("held").or(number("dropped"));
    match (number("found"), held, text("error")) {
        (Some(found), Some(held), _) => format!(" ({found} of {held})"),
        (_, _, Some(error)) => format!(" ({error})"),
        _ => String::new(),
    }
}

fn tests(page: &mut String, cells: &[&Cell]) {
    let mut head = "\n| test | Linux | result | again by |\n|---|---|---|---|\n";
    for cell in cells.iter().filter(|cell| cell.experiment == TESTS) {
        let _ = writeln!(
            page,
            "{head}| {} | {} | {} | `{}` |",
            cell.subject, cell.kernel, cell.observed, cell.command
        );
        head = "";
    }
}

#[cfg(test)]
mod tests_of_the_page {
    use super::*;
    use crate::cell::tests::cell;

    fn page(cells: Vec<Cell>) -> String {
        let claims = serde_json::from_str(
            r#"{"claims": [{"id": "swap-claim", "claim": "Not in swap", "said_in": ["SECURITY.md"],
                "experiments": [{"id": "swap", "subjects": ["secret"]}]}]}"#,
        );
        let record = Record {
            date: "2026-01-01".to_owned(),
            commit: "abc".to_owned(),
            cells,
        };
        render(&claims.expect("claims"), &record)
    }

    #[test]
    fn a_claim_without_cells_is_listed_as_such() {
        let page = page(Vec::new());
        assert!(
            page.contains("1 **without evidence**: [swap-claim]"),
            "{page}"
        );
        let control_alone = self::page(vec![cell("swap", "heap", ["found", "found"])]);
        assert!(
            control_alone.contains("1 **without evidence**"),
            "{control_alone}"
        );
    }

    #[test]
    fn what_was_seen_stands_beside_its_control() {
        let heap = cell("swap", "heap", ["found", "found"]);
        let seen = |word| {
            page(vec![
                heap.clone(),
                cell("swap", "secret", ["not found", word]),
            ])
        };
        let good = seen("not found");
        assert!(
            good.contains("- 1 shown: [swap-claim](#swap-claim)"),
            "{good}"
        );
        assert!(
            good.contains("| found: heap | not found: secret |"),
            "{good}"
        );
        let bad = seen("found");
        assert!(bad.contains("1 **contradicted**"), "{bad}");
        assert!(bad.contains("secret **instead of not found**"), "{bad}");
        assert!(seen(SKIPPED).contains("1 **without evidence**"));
    }
}
