//! One JSON object.

use crate::random::{Counterexample, Report};
use crate::verdict::{ClauseVerdict, Status, Verdict};
use serde_json::{Map, Value, json};

pub(super) fn render(verdict: &Verdict) -> String {
    let counts: Map<String, Value> = verdict
        .counts()
        .into_iter()
        .map(|(evidence, count)| (evidence.to_owned(), count.into()))
        .collect();
    let object = json!({
        "schema": 1,
        "kernel": verdict.kernel,
        "agrees": verdict.agrees(),
        "counts": counts,
        "clauses": verdict.clauses.iter().map(clause).collect::<Vec<_>>(),
        "random": verdict.random.as_ref().map(random),
    });
    format!("{object:#}\n")
}

fn clause(clause: &ClauseVerdict) -> Value {
    let reason = match &clause.status {
        Status::Skipped(why) | Status::Cited(why) | Status::Broken(why) => Some(why),
        Status::Confirmed | Status::Refuted => None,
    };
    json!({
        "id": clause.id,
        "evidence": clause.evidence,
        "verdict": clause.status.word(),
        "expected": clause.expected,
        "seen": clause.seen,
        "reason": reason,
    })
}

fn random(report: &Report) -> Value {
    let tally = &report.tally;
    let named = |pairs: Vec<(String, u64)>| -> Map<String, Value> {
        let entries = pairs.into_iter().map(|(name, count)| (name, count.into()));
        entries.collect()
    };
    let errors = tally.errors().map(|(name, errno, count)| {
        json!({ "operation": name, "errno": errno.symbol(), "count": count })
    });
    json!({
        "seed": report.seed,
        "sequences": report.sequences,
        "steps_per_sequence": report.steps,
        "steps": tally.steps,
        "undetermined": tally.undetermined,
        "seconds": report.elapsed.as_secs_f64(),
        "steps_per_second": report.rate(),
        "operations": named(tally.operations().map(|(n, c)| (n.to_owned(), c)).collect()),
        "errnos": named(tally.errnos().map(|(e, c)| (e.to_string(), c)).collect()),
        "errors": errors.collect::<Vec<_>>(),
        "cases": named(tally.cases().map(|(k, c)| (format!("{k:?}"), c)).collect()),
        "absent": report.absent().map(|rule| format!("{rule:?}")).collect::<Vec<_>>(),
        "never_met": tally.never_met(),
        "skipped": report.skipped,
        "counterexamples": report.counterexamples.iter().map(example).collect::<Vec<_>>(),
    })
}

fn example(example: &Counterexample) -> Value {
    json!({
        "configuration": example.configuration.to_string(),
        "sequence": example.sequence,
        "found_at": example.found_at,
        "steps": example.steps,
        "difference": example.difference,
    })
}
