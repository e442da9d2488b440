//! The model against the kernel that runs these tests.

use stayput_conformance::random::{Options, Report, run};
use stayput_spec::model::Rule;
use std::path::PathBuf;
use std::sync::Mutex;

/// This crate's own program is the child: a test's harness has threads.
fn options(sequences: u64, seed: u64) -> Options {
    Options {
        program: PathBuf::from(env!("CARGO_BIN_EXE_stayput-conformance")),
        ..Options::new(sequences, seed).expect("the running program has a path")
    }
}

fn report(options: &Options) -> Report {
    let report = run(options, |_| {}).expect("children run");
    for skipped in &report.skipped {
        eprintln!("SKIPPED part of a random run: {skipped}");
    }
    report
}

#[test]
fn the_model_agrees_with_the_kernel() {
    let report = report(&options(120, 20));
    assert!(report.agrees(), "{:#?}", report.counterexamples);
    if report.skipped.is_empty() {
        assert_eq!(report.tally.never_met(), Vec::<String>::new());
        assert_eq!(report.sequences, 120);
    }
}

#[test]
fn a_seed_means_the_same_run() {
    let first = report(&options(8, 5));
    let again = report(&options(8, 5));
    let other = report(&options(8, 6));
    assert_eq!(first.tally, again.tally);
    assert_ne!(first.tally, other.tally);
}

#[test]
fn every_rule_turned_around_is_noticed() {
    let rules = Mutex::new(Rule::ALL.into_iter());
    let next = || rules.lock().expect("no other worker panics").next();
    let work = || {
        while let Some(rule) = next() {
            assert!(
                noticed(rule),
                "{rule:?}: no sequence shows that it is wrong"
            );
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
}

/// Looks at more and more sequences; the counterexample must be short.
fn noticed(rule: Rule) -> bool {
    [16, 64, 640].into_iter().any(|sequences| {
        let report = report(&Options {
            flip: Some(rule),
            ..options(sequences, 7)
        });
        for example in &report.counterexamples {
            assert!(example.steps.len() <= 15, "{rule:?}: {example:#?}");
        }
        !report.counterexamples.is_empty()
    })
}
