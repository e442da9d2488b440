//! For people.

use super::difference;
use crate::random::Report;
use crate::verdict::{Status, Verdict};
use std::fmt::{self, Write as _};

pub(super) fn render(verdict: &Verdict) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = clauses(&mut out, verdict);
    if let Some(report) = &verdict.random {
        let _ = random(&mut out, report);
    }
    out.push_str(if verdict.agrees() {
        "\nPASSED: kernel and contract agree\n"
    } else {
        "\nFAILED: see what is refuted, broken or a DIFFERENCE above\n"
    });
    out
}

fn clauses(out: &mut String, verdict: &Verdict) -> fmt::Result {
    writeln!(out, "kernel {}", verdict.kernel)?;
    if verdict.clauses.is_empty() {
        return Ok(());
    }
    for clause in &verdict.clauses {
        write!(out, "{:<9} {}", clause.status.word(), clause.id)?;
        match &clause.status {
            Status::Confirmed => writeln!(out, ": {}", clause.seen.join(", "))?,
            Status::Refuted => {
                writeln!(out)?;
                for line in difference(clause).lines() {
                    writeln!(out, "          {line}")?;
                }
            }
            Status::Skipped(why) | Status::Cited(why) | Status::Broken(why) => {
                writeln!(out, ": {why}")?;
            }
        }
    }
    let [observed, traced, cited] = verdict.counts();
    for (evidence, count) in [observed, traced, cited] {
        write!(out, "{count} {evidence}; ")?;
    }
    let with = |word| {
        verdict
            .clauses
            .iter()
            .filter(|c| c.status.word() == word)
            .count()
    };
    let [confirmed, refuted, skipped, broken] =
        ["confirmed", "refuted", "skipped", "broken"].map(with);
    writeln!(
        out,
        "{confirmed} confirmed, {refuted} refuted, {skipped} skipped, {broken} broken"
    )
}

fn random(out: &mut String, report: &Report) -> fmt::Result {
    let tally = &report.tally;
    writeln!(
        out,
        "random: seed {}, {} sequences of up to {} steps",
        report.seed, report.sequences, report.steps
    )?;
    writeln!(
        out,
        "  {} steps compared in {:.1} s ({:.0} a second); {} left open by the model",
        tally.steps,
        report.elapsed.as_secs_f64(),
        report.rate(),
        tally.undetermined
    )?;
    for rule in report.absent() {
        writeln!(out, "  not on this kernel: {rule:?}")?;
    }
    writeln!(out, "  per operation:")?;
    for (name, count) in tally.operations() {
        writeln!(out, "    {name:<26} {count:>9}")?;
    }
    writeln!(out, "  per errno:")?;
    for (errno, count) in tally.errnos() {
        writeln!(out, "    {:<26} {count:>9}", errno.symbol())?;
    }
    writeln!(out, "  per operation and errno:")?;
    for (name, errno, count) in tally.errors() {
        writeln!(out, "    {name:<16} {:<9} {count:>9}", errno.symbol())?;
    }
    writeln!(out, "  per case:")?;
    for (case, count) in tally.cases() {
        writeln!(out, "    {:<26} {count:>9}", format!("{case:?}"))?;
    }
    for skipped in &report.skipped {
        writeln!(out, "  SKIPPED {skipped}")?;
    }
    let never = tally.never_met();
    if !never.is_empty() {
        writeln!(out, "  never met: {}", never.join(", "))?;
    }
    out.push_str(&counterexamples(report));
    Ok(())
}

pub(super) fn counterexamples(report: &Report) -> String {
    let mut out = String::new();
    for example in &report.counterexamples {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "DIFFERENCE {}, sequence {} of seed {}, found after {} steps, shrunk to {}:",
            example.configuration,
            example.sequence,
            report.seed,
            example.found_at,
            example.steps.len()
        );
        for step in &example.steps {
            let _ = writeln!(out, "    {step}");
        }
        let _ = writeln!(out, "  {}", example.difference);
    }
    out
}
