//! The report for people.

use clap::builder::styling::{AnsiColor, Style};
use stayput_doctor::{Check, Remedy, Report, Verdict};
use std::fmt::Write;

/// The report as text: a line for each check, what to do, the verdict.
pub(super) fn render(report: &Report, verbose: bool, coloured: bool) -> String {
    let mut text = String::new();
    for (at, check) in report.checks.iter().enumerate() {
        line(&mut text, check, coloured);
        let is_amiss = matches!(check.verdict, Verdict::Warn | Verdict::Fail);
        if verbose || is_amiss {
            evidence(&mut text, check);
        }
        if let Some(wanted) = &check.remedy {
            // One setting often cures several findings.
            let mut before = report.checks[..at].iter();
            match before.find(|earlier| earlier.remedy.as_ref() == Some(wanted)) {
                Some(same) => put(
                    &mut text,
                    format_args!("{INDENT}remedy: as for {}", same.id.id()),
                ),
                None => remedy(&mut text, wanted),
            }
        }
    }
    verdict(&mut text, report);
    text
}

const INDENT: &str = "      ";

fn remedy(text: &mut String, remedy: &Remedy) {
    if remedy.ways.len() < 2 {
        return put(text, format_args!("{INDENT}remedy: {}", remedy.text));
    }
    let advice = match remedy.advice.as_str() {
        "" => "one of",
        advice => advice,
    };
    put(text, format_args!("{INDENT}remedy: {advice}:"));
    for way in &remedy.ways {
        put(text, format_args!("{INDENT}  - {}", way.text));
    }
}

fn line(text: &mut String, check: &Check, coloured: bool) {
    let style = if coloured {
        style(check.verdict)
    } else {
        Style::new()
    };
    let word = check.verdict.id().to_uppercase();
    let (id, finding) = (check.id.id(), &check.finding);
    put(
        text,
        format_args!("{style}{word}{style:#}  {id}: {finding}"),
    );
}

fn style(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Warn => AnsiColor::Yellow,
        Verdict::Fail => AnsiColor::Red,
        Verdict::Skip => AnsiColor::BrightBlack,
    };
    colour.on_default()
}

fn evidence(text: &mut String, check: &Check) {
    let facts = check.evidence.iter();
    let facts: Vec<_> = facts
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    if !facts.is_empty() {
        put(text, format_args!("{INDENT}evidence: {}", facts.join(" ")));
    }
}

fn verdict(text: &mut String, report: &Report) {
    let summary = &report.summary;
    let word = if summary.passed { "PASSED" } else { "FAILED" };
    put(
        text,
        format_args!(
            "\n{word}: {} pass, {} warn, {} fail, {} skip",
            summary.pass, summary.warn, summary.fail, summary.skip
        ),
    );
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string can't fail.
    let _ = writeln!(text, "{arguments}");
}
