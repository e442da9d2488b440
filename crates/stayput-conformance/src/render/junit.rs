//! `JUnit` XML, as the Ant task wrote it and as every CI reads it.

use super::{Case, Outcome, cases};
use crate::verdict::Verdict;
use std::fmt::Write as _;

pub(super) fn render(verdict: &Verdict) -> String {
    let cases = cases(verdict);
    let failed = cases
        .iter()
        .filter(|c| matches!(c.outcome, Outcome::Failed(_)));
    let skipped = cases
        .iter()
        .filter(|c| matches!(c.outcome, Outcome::Skipped(_)));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<testsuite name=\"stayput spec check, Linux {}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
        escape(&verdict.kernel),
        cases.len(),
        failed.count(),
        skipped.count()
    );
    for case in &cases {
        write(&mut out, case);
    }
    out.push_str("</testsuite>\n");
    out
}

fn write(out: &mut String, case: &Case) {
    let (group, name) = (case.group, escape(&case.name));
    let _ = write!(out, "  <testcase classname=\"{group}\" name=\"{name}\"");
    let _ = match &case.outcome {
        Outcome::Passed => writeln!(out, "/>"),
        Outcome::Skipped(why) => {
            writeln!(out, "><skipped message=\"{}\"/></testcase>", escape(why))
        }
        Outcome::Failed(how) => writeln!(
            out,
            "><failure message=\"the kernel differs\">{}</failure></testcase>",
            escape(how)
        ),
    };
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
