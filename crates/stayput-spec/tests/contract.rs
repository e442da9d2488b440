//! The contract is whole: ids, evidence, expectations, and the specifications made from it.

use stayput_spec::contract::{
    Call, Evidence, Expect, Part, SPECS, clause, clauses, clauses_of, spec,
};
use std::collections::HashSet;

#[test]
fn ids_are_unique_and_well_formed() {
    let mut seen = HashSet::new();
    for clause in clauses() {
        assert!(seen.insert(clause.id), "{} is there twice", clause.id);
        let parts: Vec<&str> = clause.id.split('.').collect();
        assert!(parts.len() >= 3, "{}: call.part.point", clause.id);
        assert!(
            clause.calls.iter().any(|call| call.name() == parts[0]),
            "{} is named after a call it doesn't hold for",
            clause.id
        );
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        assert!(clause.id.chars().all(plain), "{}", clause.id);
    }
}

#[test]
fn every_clause_says_where_since_when_and_how_it_is_known() {
    for clause in clauses() {
        let id = clause.id;
        for text in [clause.title, clause.text, clause.since, clause.source] {
            assert!(!text.trim().is_empty(), "{id}");
            assert!(!text.contains("  "), "{id}: a broken line in {text:?}");
        }
        assert!(
            clause.since.starts_with(|c: char| c.is_ascii_digit()),
            "{id}"
        );
        let probed = !matches!(clause.evidence, Evidence::Cited(_));
        assert_eq!(probed, !clause.scenario.is_empty(), "{id}: scenario");
        assert_eq!(probed, !clause.expect.is_empty(), "{id}: expectation");
        if let Evidence::Cited(why) | Evidence::Traced(why) = clause.evidence {
            assert!(!why.is_empty(), "{id}");
        }
    }
}

#[test]
fn an_error_clause_expects_its_error() {
    for clause in clauses() {
        if let Part::Error(errno) = clause.part {
            assert!(
                clause.id.contains(&errno.symbol().to_lowercase()),
                "{}",
                clause.id
            );
            assert!(
                clause.expect.is_empty() || clause.expect.contains(&Expect::Fails(errno)),
                "{}",
                clause.id
            );
        }
    }
}

#[test]
fn precedence_names_error_clauses() {
    for clause in clauses() {
        for id in clause.precedes {
            let later = stayput_spec::contract::clause(id);
            assert!(
                later.is_some_and(|later| matches!(later.part, Part::Error(_))),
                "{} precedes {id}, which is no error clause",
                clause.id
            );
        }
    }
}

#[test]
fn every_flip_differs() {
    for clause in clauses() {
        for expect in clause.expect {
            assert_ne!(*expect, expect.flipped(), "{}", clause.id);
        }
    }
}

#[test]
fn declared_counts_are_true() {
    for spec in &SPECS {
        assert_eq!(spec.count_mismatches(), [], "{}", spec.name);
    }
}

#[test]
fn every_error_number_of_a_probed_clause_is_in_the_specification() {
    for call in [
        Call::Mlock,
        Call::Mlock2,
        Call::Munlock,
        Call::Mlockall,
        Call::Munlockall,
    ] {
        let spec = spec(call.name()).expect("the call has a specification");
        for clause in clauses_of(call) {
            let Part::Error(errno) = clause.part else {
                continue;
            };
            if clause.expect.is_empty() || clause.calls[0] != call {
                continue;
            }
            assert!(
                spec.errors.iter().any(|case| case.symbol == errno.symbol()),
                "{}: {errno} is missing in {}",
                clause.id,
                spec.name
            );
        }
    }
}

#[test]
fn clauses_are_found_by_id_and_by_call() {
    assert!(clause("mlock2.error.einval.unknown-flags").is_some());
    assert!(clause("mlock2.error.none").is_none());
    let shared = "mlock.error.enomem.hole";
    for call in [Call::Mlock, Call::Mlock2] {
        assert!(clauses_of(call).any(|clause| clause.id == shared), "{call}");
    }
    assert!(clauses_of(Call::Munlock).all(|clause| clause.id != shared));
}
