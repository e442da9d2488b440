//! Cells as a table: a row for each subject of an experiment, a column for each kernel.

use crate::cell::Cell;
use crate::lists::distinct;
use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;

pub(super) fn render(cells: &[&Cell]) -> Table {
    let kernels = distinct(cells.iter().map(|cell| cell.kernel.as_str()));
    let mut rows = distinct(
        cells
            .iter()
            .map(|cell| (cell.experiment.as_str(), cell.subject.as_str())),
    );
    // Boots end in any order; subjects keep theirs.
    rows.sort_by_key(|(experiment, _)| *experiment);
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    table.set_header(["experiment", "subject"].into_iter().chain(kernels.clone()));
    for row in rows {
        let here = |kernel: &&str| {
            let here = cells.iter().filter(|cell| {
                (cell.experiment.as_str(), cell.subject.as_str()) == row && cell.kernel == *kernel
            });
            observed(&here.copied().collect::<Vec<_>>())
        };
        let observed = kernels.iter().map(here);
        let names = [row.0, row.1].map(str::to_owned);
        table.add_row(names.into_iter().chain(observed));
    }
    table
}

/// What was seen, how often if more than once, and what of it is wrong.
fn observed(cells: &[&Cell]) -> String {
    let Some(first) = cells.first() else {
        return "-".to_owned();
    };
    let control = if first.is_control { " (control)" } else { "" };
    let words = distinct(cells.iter().map(|cell| cell.observed.as_str()));
    let words: Vec<_> = words
        .into_iter()
        .map(|word| {
            let same = || cells.iter().filter(|cell| cell.observed == word);
            let times = match same().count() {
                1 => String::new(),
                times => format!(" {times} times"),
            };
            let wrong = same().find(|cell| !cell.is_as_expected());
            let wrong = wrong.map(|cell| format!(" FAILED: expected {}", cell.expected));
            format!("{word}{times}{}", wrong.unwrap_or_default())
        })
        .collect();
    words.join("; ") + control
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::tests::cell;

    #[test]
    fn failures_stand_out_and_repeats_are_counted() {
        let cells = [
            cell("swap", "heap", ["found", "found"]),
            cell("swap", "secret", ["not found", "found"]),
            cell("swap", "secret", ["not found", "not found"]),
            cell("swap", "secret", ["not found", "not found"]),
        ];
        let table = render(&cells.iter().collect::<Vec<_>>()).to_string();
        assert!(table.contains("found (control)"), "{table}");
        let row = "found FAILED: expected not found; not found 2 times";
        assert!(table.contains(row), "{table}");
    }
}
