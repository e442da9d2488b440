//! What `docs/conformance.md` says of the contract holds of the contract.

use stayput_spec::contract::{self, Evidence};
use stayput_spec::model::Rule;

const DOCUMENT: &str = include_str!("../../../docs/conformance.md");

/// What stands between single backquotes.
fn quoted() -> impl Iterator<Item = &'static str> {
    let lines = DOCUMENT.lines();
    lines.flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// `mlock.effect.populates` and its like, not `mm/mlock.c` or `docs.md`.
fn looks_like_a_clause(word: &&str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let name = |part: &&str| {
        part.bytes()
            .all(|b| b.is_ascii_lowercase() || b"-_2".contains(&b))
    };
    parts.len() >= 3 && parts.iter().all(name)
}

#[test]
fn every_clause_it_names_exists() {
    let mut named = 0;
    for id in quoted().filter(looks_like_a_clause) {
        assert!(contract::clause(id).is_some(), "{id}: no such clause");
        named += 1;
    }
    assert!(named > 40, "only {named} found: the parser lost its way");
}

#[test]
fn it_lists_exactly_the_cited_clauses_and_their_reasons() {
    let rows = section("### Cited clauses").lines();
    let rows: Vec<&str> = rows.filter(|line| line.starts_with("| `")).collect();
    let cited = contract::clauses().filter_map(|clause| match clause.evidence {
        Evidence::Cited(why) => Some((clause.id, why)),
        _ => None,
    });
    let expected: Vec<String> = cited
        .map(|(id, why)| format!("| `{id}` | {why} |"))
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn it_states_the_counts() {
    let count = |name| {
        contract::clauses()
            .filter(|c| c.evidence.name() == name)
            .count()
    };
    for name in ["observed", "traced", "cited"] {
        let text = format!("{} {name}", count(name));
        assert!(DOCUMENT.contains(&text), "expected `{text}`");
    }
    let rules = format!("{} facts with names", Rule::ALL.len());
    assert!(DOCUMENT.contains(&rules), "expected `{rules}`");
}

#[test]
fn facts_in_which_kernels_differ_are_facts_of_the_model() {
    let known: Vec<String> = Rule::ALL.iter().map(|rule| format!("{rule:?}")).collect();
    let rows = section("### Facts in which kernels differ").lines();
    let facts = rows.filter_map(|row| row.strip_prefix("| `")?.split(" | ").next());
    let names: Vec<&str> = facts.flat_map(|cell| cell.split(['`', ',', ' '])).collect();
    for name in names.iter().filter(|name| !name.is_empty()) {
        assert!(
            known.iter().any(|rule| rule == name),
            "{name}: no such fact"
        );
    }
    for rule in Rule::ALL.into_iter().filter(|rule| rule.since().is_some()) {
        let name = format!("{rule:?}");
        assert!(names.contains(&name.as_str()), "{name} is missing");
    }
}

/// What stands under a heading, up to the next.
fn section(heading: &str) -> &'static str {
    let rest = DOCUMENT.split(heading).nth(1).expect("it has that section");
    rest.split("\n#").next().unwrap_or_default()
}
