//! What two specifications disagree on, and what the kernel refutes.

#[path = "support/random_specs.rs"]
mod random_specs;
#[path = "support/seed.rs"]
mod seed;

use proptest::prelude::*;
use stayput_spec::contract::{SPECS, spec};
use stayput_spec::diff::{Change, Difference, Judgement, Verdict, against_kernel, specifications};
use stayput_spec::language::{Expr, Spec};
use stayput_spec::read;
use std::borrow::Cow;

const REFUTED: &str = include_str!("inputs/refuted.c");

fn mlock2() -> Spec {
    spec("mlock2").expect("it is in the contract").clone()
}

fn judge(spec: &Spec) -> Vec<Judgement> {
    against_kernel(spec).expect("the contract has the call")
}

/// The verdict, the place and the clause of each judgement.
fn points(judgements: &[Judgement]) -> Vec<(&'static str, &str, &'static str)> {
    let mut points = Vec::new();
    for Judgement {
        place,
        verdict,
        clause,
        ..
    } in judgements
    {
        let id = clause.map_or("(none)", |clause| clause.id);
        points.push((verdict.name(), place.as_str(), id));
    }
    points
}

#[test]
fn the_contract_agrees_with_itself() {
    for spec in &SPECS {
        assert_eq!(points(&judge(spec)), [], "{}", spec.name);
        assert_eq!(specifications(spec, spec), [], "{}", spec.name);
    }
}

#[test]
fn calls_outside_the_family_are_not_judged() {
    assert!(against_kernel(&Spec::new("sys_mmap".into())).is_none());
}

#[test]
fn the_published_specification_differs_where_it_must() {
    let name = "the_published_specification_differs_where_it_must";
    let Some(text) = seed::read_seed(name, "mlock2-api-specification.txt") else {
        return;
    };
    let published = &read::text(&text).specs.remove(0).spec;
    let judgements = judge(published);
    let points = points(&judgements);
    for expected in [
        ("silent", "Errors, ENOMEM", "mlock.error.enomem.limit"),
        ("silent", "Errors, ENOMEM", "mlock.error.enomem.prot-none"),
        (
            "silent",
            "Errors, ENOMEM",
            "mlock.error.enomem.beyond-file-end",
        ),
        ("silent", "Behaviour", "mlock.precedence.eperm-first"),
        (
            "silent",
            "Behaviour",
            "mlock2.precedence.einval-before-eperm",
        ),
        (
            "refuted",
            "Parameters, len",
            "mlock.parameter.len.zero-with-offset",
        ),
        (
            "refuted",
            "Parameters, len",
            "mlock.parameter.len.wraps-to-zero",
        ),
        ("silent", "Behaviour", "mlock.error.enomem.hole"),
        ("silent", "Errors, EINVAL", "mlock.error.einval.wraps"),
        ("refuted", "Signals, SIGBUS", "mlock.signal.no-sigbus"),
    ] {
        assert!(points.contains(&expected), "{expected:?} in {points:#?}");
    }
    // What it does say isn't held against it.
    for said in [
        "mlock.error.enomem.map-count",
        "mlock.effect.does-not-stack",
    ] {
        assert!(points.iter().all(|(_, _, id)| *id != said), "{points:#?}");
    }
    let hole = points
        .iter()
        .filter(|(_, place, id)| *place == "Errors, ENOMEM" && *id == "mlock.error.enomem.hole");
    assert_eq!(hole.count(), 0, "it names holes");
}

#[test]
fn every_refutation_of_mlock2_is_found() {
    let reading = read::text(REFUTED);
    assert_eq!(reading.findings, []);
    let judgements = judge(reading.spec("mlock2").expect("it is there"));
    let refuted: Vec<_> = points(&judgements)
        .into_iter()
        .filter(|(verdict, ..)| *verdict == "refuted")
        .map(|(_, place, id)| (place, id))
        .collect();
    let expected = [
        ("Parameters, start", "mlock.parameter.start.rounded-down"),
        ("Parameters, len", "mlock.parameter.len.wraps-to-zero"),
        ("Parameters, len", "mlock.parameter.len.zero"),
        ("Parameters, len", "mlock.parameter.len.zero-with-offset"),
        ("Parameters, flags", "mlock2.error.einval.unknown-flags"),
        ("Errors, EFAULT", "mlock.error.enomem.outside-user-space"),
        ("Errors, EPERM", "mlock.error.enomem.limit"),
        ("Signals, FATAL_SIGNALS", "mlock.error.eintr.fatal-signal"),
        (
            "Signals, SIGALRM",
            "mlock.signal.nonfatal-does-not-interrupt",
        ),
        ("Signals, SIGBUS", "mlock.signal.no-sigbus"),
    ];
    assert_eq!(refuted, expected);
    let partial = |judgement: &Judgement| matches!(&judgement.verdict, Verdict::Silent { about, .. } if about.contains("partial"));
    assert!(!judgements.iter().any(partial), "its notes say so");
}

#[test]
fn a_judgement_says_what_the_text_and_what_the_kernel_does() {
    let reading = read::text(REFUTED);
    let judgements = judge(reading.spec("munlock").expect("it is there"));
    let all: String = judgements.iter().map(|one| format!("{one}\n")).collect();
    for words in [
        "refuted: Errors, EPERM\n- No privilege: The caller may not unlock.\n+ munlock looks at \
         neither limit nor capability",
        "munlock.return.needs-no-permission, observed, since 2.6.9",
        "refuted: Parameters, len\n- Valid from 1 to LONG_MAX",
        "silent: Errors, ENOMEM\n  says nothing of this: a page of the range is not mapped \
         (looked for not mapped, unmapped)",
    ] {
        assert!(all.contains(words), "{words:?} in {all}");
    }
}

#[test]
fn a_number_no_clause_has_is_refuted() {
    let mut wrong = mlock2();
    wrong.errors.to_mut()[0].symbol = "EDOM".into();
    let judgements = judge(&wrong);
    assert!(points(&judgements).contains(&("refuted", "Errors, EDOM", "(none)")));
}

#[test]
fn a_specification_that_says_nothing_is_silent_on_every_topic() {
    for spec in &SPECS {
        let silent = judge(&Spec::new(spec.name.clone()));
        assert!(silent.len() >= 2, "{}: {silent:#?}", spec.name);
        assert!(
            silent.iter().all(|one| one.verdict.name() == "silent"),
            "{silent:#?}"
        );
    }
}

#[test]
fn one_changed_field_is_one_difference() {
    let left = mlock2();
    let mut right = left.clone();
    right.parameters.to_mut()[1].range = Some((Expr::new("0"), Expr::new("LONG_MAX")));
    let expected = Difference {
        section: "Parameters",
        item: Some("len".to_owned()),
        field: Some("Range"),
        change: Change::Changed {
            left: "0 to ULONG_MAX".to_owned(),
            right: "0 to LONG_MAX".to_owned(),
        },
    };
    let differences = specifications(&left, &right);
    assert_eq!(differences, [expected]);
    let text = "Parameters, len: Range\n- 0 to ULONG_MAX\n+ 0 to LONG_MAX";
    assert_eq!(differences[0].to_string(), text);
}

#[test]
fn causes_of_one_number_are_compared_by_cause() {
    let left = mlock2();
    let mut right = left.clone();
    let gone = right.errors.to_mut().remove(3);
    right.errors.to_mut().reverse();
    let differences = specifications(&left, &right);
    let [only] = &differences[..] else {
        panic!("{differences:#?}")
    };
    assert_eq!(
        (only.section, only.item.as_deref()),
        ("Errors", Some(&*gone.symbol))
    );
    let (left, right) = only.change.sides();
    assert!(left.is_some_and(|left| left.contains(&*gone.description)));
    assert_eq!(right, None);
}

#[test]
fn white_space_is_no_difference() {
    let left = mlock2();
    let mut right = left.clone();
    right.notes = right
        .notes
        .map(|notes| Cow::Owned(notes.replace(' ', "\n  ")));
    assert_eq!(specifications(&left, &right), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn sides_change_places(
        left in random_specs::spec(random_specs::in_kernel_doc()),
        right in random_specs::spec(random_specs::in_kernel_doc()),
    ) {
        let there = specifications(&left, &right);
        let back = specifications(&right, &left);
        let count = |all: &[Difference], name| {
            all.iter().filter(|one| one.change.name() == name).count()
        };
        prop_assert_eq!(count(&there, "only_left"), count(&back, "only_right"));
        prop_assert_eq!(count(&there, "changed"), count(&back, "changed"));
        prop_assert_eq!(specifications(&left, &left), []);
    }
}
