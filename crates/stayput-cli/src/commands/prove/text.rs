//! The matrix for people.

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Attribute, Cell as TableCell, Color, ContentArrangement, Table};
use stayput_prove::{Cell, Channel, Kind, Outcome, Report};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The report as text: the matrix, then what needs words.
pub(super) fn render(report: &Report, verbose: bool, coloured: bool) -> String {
    let mut text = format!("{}\n\n{LEGEND}", table(report, coloured));
    failures(report, &mut text);
    reasons(report, Outcome::Limit, "Documented limits", &mut text);
    reasons(report, Outcome::Skipped, "Skipped", &mut text);
    if verbose {
        evidence(report, &mut text);
    }
    verdict(report, &mut text);
    text
}

const LEGEND: &str = "\
leaked  a control was found, as it must be    safe     nothing was found
LEAKED  found where it must not be            limit    found, as the documentation says
MISSED  a control was not found               skipped  not looked for, see below
";

const NOTHING_RAN: &str = "
No channel says anything: it takes a control and one of stayput's storages that both ran
";

fn table(report: &Report, coloured: bool) -> Table {
    let mut table = Table::new();
    table.load_preset(UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if coloured {
        table.enforce_styling();
    }
    let names = report.channels.iter().map(|column| heading(column.id));
    table.set_header(["storage"].into_iter().chain(names));
    for row in &report.storages {
        let cells = report.channels.iter().map(|column| {
            let cell = report.cell(row.id, column.id);
            match cell {
                Some(cell) if coloured => styled(cell.outcome),
                Some(cell) => TableCell::new(word(cell.outcome)),
                None => TableCell::new(""),
            }
        });
        let title = match row.kind {
            Kind::Stayput if coloured => TableCell::new(row.title).add_attribute(Attribute::Bold),
            _ => TableCell::new(row.title),
        };
        table.add_row([title].into_iter().chain(cells));
    }
    table
}

/// A channel's name, short enough for a column.
fn heading(channel: Channel) -> &'static str {
    match channel {
        Channel::ProcMem => "/proc mem",
        Channel::VmReadv => "vm_readv",
        Channel::GcoreAll => "gcore -a",
        other => other.id(),
    }
}

fn styled(outcome: Outcome) -> TableCell {
    let cell = TableCell::new(word(outcome));
    match outcome {
        Outcome::Safe => cell.fg(Color::Green),
        Outcome::Limit => cell.fg(Color::Yellow),
        Outcome::Breach | Outcome::Missed => cell.fg(Color::Red).add_attribute(Attribute::Bold),
        Outcome::Skipped => cell.fg(Color::DarkGrey),
        _ => cell,
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Leaked => "leaked",
        Outcome::Safe => "safe",
        Outcome::Limit => "limit",
        Outcome::Breach => "LEAKED",
        Outcome::Missed => "MISSED",
        Outcome::Skipped => "skipped",
        _ => "?",
    }
}

fn failures(report: &Report, text: &mut String) {
    let failed = |cell: &&Cell| matches!(cell.outcome, Outcome::Breach | Outcome::Missed);
    let mut lines = report.cells.iter().filter(failed).peekable();
    if lines.peek().is_some() {
        text.push_str("\nFailures\n");
    }
    for cell in lines {
        let (storage, channel) = (cell.storage.title(), cell.channel.title());
        let what = match cell.outcome {
            Outcome::Missed => "the control was not found, so this channel proves nothing",
            _ => "found, though it must not be",
        };
        let why = cell.expectation.why;
        line(
            text,
            format_args!("  {storage}, {channel}: {what} (expected: {why})"),
        );
    }
}

/// Cells with this outcome, put together by reason.
fn reasons(report: &Report, outcome: Outcome, title: &str, text: &mut String) {
    let mut groups: BTreeMap<&str, Vec<&Cell>> = BTreeMap::new();
    for cell in report.with(outcome) {
        let why = cell.skipped.as_deref().unwrap_or(cell.expectation.why);
        groups.entry(why).or_default().push(cell);
    }
    if !groups.is_empty() {
        line(text, format_args!("\n{title}"));
    }
    for (why, cells) in groups {
        let channels = unique(cells.iter().map(|cell| heading(cell.channel)));
        let storages = unique(cells.iter().map(|cell| cell.storage.title()));
        let storages = match storages.len() {
            all if all == report.storages.len() => "all storages".to_owned(),
            _ => storages.join(", "),
        };
        line(
            text,
            format_args!("  {}: {why} [{storages}]", channels.join(", ")),
        );
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut unique = Vec::new();
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    unique
}

fn evidence(report: &Report, text: &mut String) {
    for column in &report.channels {
        line(text, format_args!("\nEvidence: {}", column.title));
        for cell in report.cells.iter().filter(|cell| cell.channel == column.id) {
            let facts = cell
                .evidence
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            let facts = facts.collect::<Vec<_>>().join(" ");
            let (storage, outcome) = (cell.storage.title(), word(cell.outcome));
            let why = cell.skipped.as_deref().unwrap_or(cell.expectation.why);
            line(text, format_args!("  {storage}: {outcome} ({why})"));
            if !facts.is_empty() {
                line(text, format_args!("    {facts}"));
            }
        }
    }
}

fn verdict(report: &Report, text: &mut String) {
    let summary = &report.summary;
    if summary.channels_run == 0 {
        text.push_str(NOTHING_RAN);
    }
    let verdict = if summary.passed { "PASSED" } else { "FAILED" };
    line(
        text,
        format_args!(
            "\n{verdict}: {} of {} channels ran; {} controls leaked, {} cells safe, {} documented \
         limits, {} leaks that must not be, {} controls missed, {} skipped",
            summary.channels_run,
            report.channels.len(),
            summary.leaked,
            summary.safe,
            summary.limits,
            summary.breaches,
            summary.missed,
            summary.skipped,
        ),
    );
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string can't fail.
    let _ = writeln!(text, "{arguments}");
}
