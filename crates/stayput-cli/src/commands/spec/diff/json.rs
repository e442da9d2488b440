//! `stayput spec diff` as JSON.

use super::comparison::{Comparison, Found};
use serde_json::{Value, json};
use stayput_conformance::ClauseVerdict;
use stayput_spec::contract::Clause;
use stayput_spec::diff::{Difference, Judgement, Verdict};

pub(super) fn render(left: &str, right: &str, comparisons: &[Comparison<'_>]) -> String {
    let object = json!({
        "schema": 1,
        "left": left,
        "right": right,
        "comparisons": comparisons.iter().map(comparison).collect::<Vec<_>>(),
    });
    format!("{object:#}\n")
}

fn comparison(comparison: &Comparison<'_>) -> Value {
    let name = &comparison.name;
    match &comparison.found {
        Found::OnlyIn(side) => json!({ "name": name, "only_in": side }),
        Found::Differences(differences) => json!({
            "name": name,
            "differences": differences.iter().map(difference).collect::<Vec<_>>(),
        }),
        Found::Judgements(judgements) => json!({
            "name": name,
            "judgements": judgements.iter().map(judgement).collect::<Vec<_>>(),
        }),
    }
}

fn difference(difference: &Difference) -> Value {
    let (left, right) = difference.change.sides();
    json!({
        "section": difference.section,
        "item": difference.item,
        "field": difference.field,
        "change": difference.change.name(),
        "left": left,
        "right": right,
    })
}

fn judgement((judgement, seen): &(Judgement, Option<&ClauseVerdict>)) -> Value {
    let (says, about, looked_for) = match &judgement.verdict {
        Verdict::Refuted { says } => (Some(says), None, None),
        Verdict::Silent { about, looked_for } => (None, Some(about), Some(looked_for)),
    };
    json!({
        "verdict": judgement.verdict.name(),
        "place": judgement.place,
        "says": says,
        "about": about,
        "looked_for": looked_for,
        "clause": judgement.clause.map(clause),
        "on_this_kernel": seen.map(|seen| json!({
            "verdict": seen.status.word(),
            "expected": seen.expected,
            "seen": seen.seen,
        })),
    })
}

fn clause(clause: &Clause) -> Value {
    json!({
        "id": clause.id,
        "text": clause.text,
        "evidence": clause.evidence.name(),
        "since": clause.since,
        "source": clause.source,
    })
}
