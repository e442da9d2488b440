//! `stayput prove`: run the experiments, print the matrix.

use crate::arguments::{Format, Prove};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use stayput_prove::{Channel, Expectation, Outcome, Report, Skipped, Storage, Verdict};
use std::env;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

pub(crate) fn run(options: &Prove, format: Format) -> io::Result<ExitCode> {
    let channels = if options.only.is_empty() {
        &Channel::ALL[..]
    } else {
        &options.only
    };
    let bar = progress_bar(channels.len());
    let report = stayput_prove::run(channels, |channel| {
        bar.set_message(channel.title());
        bar.inc(1);
    })?;
    bar.finish_and_clear();
    let mut out = io::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?,
        Format::Text => print(&mut out, &report, channels, options.verbose)?,
    }
    let incomplete = options.require_all && !report.skipped().is_empty();
    Ok(ExitCode::from(u8::from(!report.holds() || incomplete)))
}

/// Shown on a terminal only; indicatif sees to that.
fn progress_bar(channels: usize) -> ProgressBar {
    let bar = ProgressBar::new(channels as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    bar
}

fn print(
    out: &mut impl Write,
    report: &Report,
    channels: &[Channel],
    verbose: bool,
) -> io::Result<()> {
    writeln!(out, "{}", matrix(report, channels))?;
    writeln!(
        out,
        "leaked: a control, as it must   safe: not found   limit: found, and documented\n\
         LEAKED: a claim that does not hold   NO LEAK: a control that proves nothing"
    )?;
    for Skipped {
        channels,
        rows,
        why,
    } in report.skipped()
    {
        let channels = list(channels.iter().map(|channel| channel.title()));
        let rows = list(rows.iter().map(|row| row.title()));
        writeln!(out, "skipped: {channels} for {rows}: {why}")?;
    }
    if verbose {
        evidence(out, report)?;
    }
    let verdict = if report.holds() {
        "every control leaked, every claim held"
    } else {
        "NOT PROVED: see the cells in capitals, or what was skipped"
    };
    writeln!(out, "\n{verdict}")
}

fn list<'a>(titles: impl Iterator<Item = &'a str>) -> String {
    titles.collect::<Vec<_>>().join(", ")
}

fn matrix(report: &Report, channels: &[Channel]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Disabled);
    let colour = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
    if !colour {
        table.force_no_tty();
    }
    let titles = channels.iter().map(|channel| channel.title());
    table.set_header(["storage"].into_iter().chain(titles));
    for storage in Storage::ALL {
        let cells = channels
            .iter()
            .map(|&channel| match report.cell(storage, channel) {
                Some(cell) => spelled(cell.verdict),
                None => Cell::new("-"),
            });
        table.add_row([Cell::new(storage.title())].into_iter().chain(cells));
    }
    table
}

fn spelled(verdict: Verdict) -> Cell {
    match verdict {
        Verdict::Control => Cell::new("leaked").fg(Color::DarkGrey),
        Verdict::Holds => Cell::new("safe").fg(Color::Green),
        Verdict::DocumentedLimit => Cell::new("limit").fg(Color::Yellow),
        Verdict::LimitNotSeen => Cell::new("safe").fg(Color::Yellow),
        Verdict::Broken => Cell::new("LEAKED")
            .fg(Color::Red)
            .add_attribute(Attribute::Bold),
        Verdict::ControlFailed => Cell::new("NO LEAK")
            .fg(Color::Red)
            .add_attribute(Attribute::Bold),
        Verdict::Skipped => Cell::new("skipped").fg(Color::DarkGrey),
    }
}

fn evidence(out: &mut impl Write, report: &Report) -> io::Result<()> {
    for cell in &report.cells {
        let evidence = match &cell.outcome {
            Outcome::Leaked(evidence) | Outcome::Safe(evidence) => evidence.as_str(),
            Outcome::Skipped(_) => continue,
        };
        let why = match cell.expectation {
            Expectation::Limit(why) => format!(" ({why})"),
            _ => String::new(),
        };
        writeln!(
            out,
            "{}, {}: {evidence}{why}",
            cell.channel.title(),
            cell.storage.title()
        )?;
    }
    Ok(())
}
