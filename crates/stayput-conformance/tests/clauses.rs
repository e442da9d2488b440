//! The contract's clauses against the kernel that runs these tests.

use stayput_conformance::check::{Options, check, flips, probed};
use stayput_conformance::{ClauseVerdict, Format, Status, Verdict};
use stayput_spec::contract::{self, Evidence};
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::OnceLock;

/// One check for all tests: the kernel does not change in between.
fn verdict() -> &'static Verdict {
    static VERDICT: OnceLock<Verdict> = OnceLock::new();
    VERDICT.get_or_init(|| {
        let options = Options {
            program: PathBuf::from(env!("CARGO_BIN_EXE_stayput-conformance")),
            ..Options::new(0, 0).expect("the running program has a path")
        };
        check(&options, |_| {}).expect("children run")
    })
}

fn confirmed() -> impl Iterator<Item = &'static ClauseVerdict> {
    let clauses = verdict().clauses.iter();
    clauses.filter(|clause| clause.status == Status::Confirmed)
}

#[test]
fn every_clause_is_probed_or_cited() {
    let probed: HashSet<&str> = probed().collect();
    for clause in contract::clauses() {
        let cited = matches!(clause.evidence, Evidence::Cited(_));
        assert_eq!(cited, !probed.contains(clause.id), "{}", clause.id);
        assert_eq!(cited, clause.expect.is_empty(), "{}", clause.id);
    }
    for id in probed {
        assert!(contract::clause(id).is_some(), "{id}: a probe of no clause");
    }
}

#[test]
fn the_kernel_does_what_the_clauses_say() {
    for clause in &verdict().clauses {
        match &clause.status {
            Status::Skipped(why) => eprintln!("SKIPPED {}: {why}", clause.id),
            Status::Cited(why) => assert!(!why.is_empty(), "{}", clause.id),
            Status::Confirmed => assert!(!clause.seen.is_empty(), "{}", clause.id),
            Status::Refuted | Status::Broken(_) => panic!("{clause:#?}"),
        }
    }
    assert!(verdict().agrees());
    // Unprivileged and old machines skip some, never most.
    assert!(confirmed().count() > 60);
}

#[test]
fn every_flipped_clause_is_caught() {
    let flips = flips(verdict());
    assert_eq!(flips.missed, Vec::<&str>::new());
    assert!(flips.tried > confirmed().count());
}

#[test]
fn the_three_counts_are_printed() {
    let counts = verdict().counts();
    let sum: usize = counts.iter().map(|(_, count)| count).sum();
    assert_eq!(sum, contract::clauses().count());
    let text = verdict().render(Format::Text);
    for (evidence, count) in counts {
        assert!(text.contains(&format!("{count} {evidence}")), "{text}");
    }
}

#[test]
fn every_format_lists_every_clause() {
    let clauses = verdict().clauses.len();
    let json: serde_json::Value =
        serde_json::from_str(&verdict().render(Format::Json)).expect("JSON");
    assert_eq!(json["clauses"].as_array().map(Vec::len), Some(clauses));
    assert_eq!(json["agrees"], true);
    let junit = verdict().render(Format::Junit);
    assert_eq!(junit.matches("<testcase ").count(), clauses);
    assert!(junit.contains(&format!("tests=\"{clauses}\" failures=\"0\"")));
    let tap = verdict().render(Format::Tap);
    assert!(tap.starts_with(&format!("TAP version 14\n1..{clauses}\n")));
    assert_eq!(tap.matches("\nok ").count(), clauses);
}

#[test]
fn a_refuted_clause_fails_in_every_format() {
    let mut broken = verdict().clone();
    let first = broken
        .clauses
        .remove(0)
        .against(vec!["<&> # other".to_owned()]);
    broken.clauses.insert(0, first);
    assert!(!broken.agrees());
    assert!(broken.render(Format::Text).contains("refuted "));
    assert!(broken.render(Format::Json).contains("\"refuted\""));
    let junit = broken.render(Format::Junit);
    assert!(junit.contains("failures=\"1\"") && junit.contains("&lt;&amp;&gt;"));
    assert!(broken.render(Format::Tap).contains("\nnot ok 1 - "));
}
