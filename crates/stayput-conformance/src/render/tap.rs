//! Test Anything Protocol, version 14.

use super::{Case, Outcome, cases};
use crate::verdict::Verdict;
use std::fmt::Write as _;

pub(super) fn render(verdict: &Verdict) -> String {
    let cases = cases(verdict);
    let mut out = format!("TAP version 14\n1..{}\n", cases.len());
    for (number, case) in cases.iter().enumerate() {
        write(&mut out, number + 1, case);
    }
    out
}

fn write(out: &mut String, number: usize, case: &Case) {
    let name = escape(&case.name);
    // Writing to a String cannot fail.
    let _ = match &case.outcome {
        Outcome::Passed => writeln!(out, "ok {number} - {name}"),
        Outcome::Skipped(why) => {
            writeln!(
                out,
                "ok {number} - {name} # SKIP {}",
                escape(&one_line(why))
            )
        }
        Outcome::Failed(how) => {
            let _ = writeln!(out, "not ok {number} - {name}\n  ---\n  message: |");
            for line in how.lines() {
                let _ = writeln!(out, "    {line}");
            }
            writeln!(out, "  ...")
        }
    };
}

/// `#` begins a directive, and so must not stand in a description.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}

fn one_line(text: &str) -> String {
    text.replace('\n', " ")
}
