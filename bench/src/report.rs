//! The tables, in Markdown.

use crate::contest::{Spread, Standing};
use crate::peers::OURS;
use crate::rows::{Figure, Row, Scale, Target};
use comfy_table::{CellAlignment, Table, presets::ASCII_MARKDOWN};

/// A row that ran, with everybody's standing.
pub(crate) struct Result<'a> {
    pub(crate) row: &'a Row,
    pub(crate) standings: Vec<Standing>,
}

/// What ours must reach beside what it reached.
pub(crate) fn targets(results: &[Result<'_>]) -> String {
    let mut table = new_table(["work", "must reach", "reached", "middle half", ""]);
    for Result { row, standings } in results {
        let Some(ours) = standings.iter().find(|standing| standing.name == OURS) else {
            continue;
        };
        for figure in row.figures {
            let Some(target) = figure.target else {
                continue;
            };
            let spread = ours.figures.get(figure.name).copied();
            table.add_row([
                format!("{}{}", row.title, part(row, figure)),
                shown_target(figure.scale, target),
                spread.map_or("nothing".into(), |s| shown(figure.scale, s.median)),
                spread.map_or(String::new(), |s| middle_half(figure.scale, s)),
                verdict(target, spread).into(),
            ]);
        }
    }
    table.to_string()
}

/// Everybody's figures in one row, best first.
pub(crate) fn everybody(Result { row, standings }: &Result<'_>) -> String {
    let headings = row.figures.iter().map(heading);
    let headings = ["".into()].into_iter().chain(headings);
    let mut table = new_table(headings.chain(["locked".into(), "samples".into()]));
    for column in 1..=row.figures.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for standing in sorted(row, standings) {
        let figures = row.figures.iter().map(|figure| {
            let spread = standing.figures.get(figure.name);
            spread.map_or("–".into(), |s| shown(figure.scale, s.median))
        });
        let rest = [
            standing.locked().map_or(String::new(), share),
            standing.samples.len().to_string(),
        ];
        table.add_row(
            [standing.name.to_owned()]
                .into_iter()
                .chain(figures)
                .chain(rest),
        );
    }
    let said = standings.iter().filter_map(|standing| {
        Some(format!(
            "- {} said: {}\n",
            standing.name,
            standing.refusal()?
        ))
    });
    format!(
        "### {}\n\n{table}\n\n{}",
        row.title,
        said.collect::<String>()
    )
}

/// Best first; who has no figure comes last.
pub(crate) fn sorted<'a>(row: &Row, standings: &'a [Standing]) -> Vec<&'a Standing> {
    let figure = &row.figures[0];
    let more_is_better = match figure.target {
        Some(Target::AtLeast(_)) => true,
        Some(Target::AtMost(_)) | None => false,
    };
    let key = |standing: &&Standing| {
        let value = standing
            .figures
            .get(figure.name)
            .map(|spread| spread.median);
        value.map_or(
            f64::INFINITY,
            |value| if more_is_better { -value } else { value },
        )
    };
    let mut sorted: Vec<&Standing> = standings.iter().collect();
    sorted.sort_by(|a, b| key(a).total_cmp(&key(b)));
    sorted
}

/// A number with as many digits as are worth something.
pub(crate) fn shown(scale: Scale, value: f64) -> String {
    let number = match value.abs() {
        magnitude if magnitude >= 1e5 => format!("{value:.0}"),
        magnitude if value.fract() == 0.0 && scale == Scale::Plain => {
            return format!("{magnitude}");
        }
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    };
    match scale {
        Scale::Plain => number,
        Scale::Ratio | Scale::Inverse => number + " ×",
    }
}

fn new_table(header: impl IntoIterator<Item = impl Into<String>>) -> Table {
    let mut table = Table::new();
    table.load_preset(ASCII_MARKDOWN);
    table.set_header(header.into_iter().map(Into::into).collect::<Vec<String>>());
    table
}

fn part(row: &Row, figure: &Figure) -> String {
    if row.figures.len() == 1 {
        String::new()
    } else {
        format!(": {}", figure.name)
    }
}

fn heading(figure: &Figure) -> String {
    match figure.scale {
        Scale::Inverse => "throughput".to_owned(),
        Scale::Plain | Scale::Ratio => figure.name.to_owned(),
    }
}

fn shown_target(scale: Scale, target: Target) -> String {
    match target {
        Target::AtMost(bound) => format!("≤ {}", shown(scale, bound)),
        Target::AtLeast(bound) => format!("≥ {}", shown(scale, bound)),
    }
}

fn middle_half(scale: Scale, spread: Spread) -> String {
    if spread.low == spread.high {
        return "always".to_owned();
    }
    format!(
        "{} to {}",
        shown(scale, spread.low),
        shown(scale, spread.high)
    )
}

/// Where the bound lies within the middle half, another run may say otherwise.
fn verdict(target: Target, spread: Option<Spread>) -> &'static str {
    match spread {
        None => "not measured",
        Some(spread) if target.is_met(spread.median) => "met",
        Some(spread) if target.is_met(spread.low) || target.is_met(spread.high) => {
            "not met, by less than the noise"
        }
        Some(_) => "NOT MET",
    }
}

fn share(share: f64) -> String {
    match share {
        1.0 => "yes".to_owned(),
        0.0 => "NO".to_owned(),
        share => format!("{:.0} % only", (share * 100.0).floor()),
    }
}
