//! `spec check`.

use crate::{spec, spec_json};
use stayput_spec::contract::clauses;

#[test]
fn this_kernel_and_the_contract_agree() {
    let args = ["check", "--sequences", "8", "--seed", "5"];
    let (json, code) = spec_json(&args, "spec-check");
    for clause in json["clauses"].as_array().expect("clauses") {
        if clause["verdict"] == "skipped" {
            eprintln!("SKIPPED {}: {}", clause["id"], clause["reason"]);
        }
    }
    assert_eq!((code, &json["agrees"]), (Some(0), &true.into()), "{json:#}");
    assert_eq!(
        json["clauses"].as_array().map(Vec::len),
        Some(clauses().count())
    );
    let random = &json["random"];
    assert_eq!(
        (&random["seed"], &random["sequences"]),
        (&5.into(), &8.into())
    );
    assert!(random["steps"].as_u64() > Some(100), "{random}");
}

#[test]
fn test_formats_have_every_clause() {
    let count = clauses().count();
    let (tap, code) = spec(&["check", "--sequences", "0", "--format", "tap"]);
    assert_eq!(code, Some(0), "{tap}");
    assert!(
        tap.starts_with(&format!("TAP version 14\n1..{count}\n")),
        "{tap}"
    );
    assert_eq!(tap.matches("\nok ").count(), count);
    let (junit, code) = spec(&["check", "--sequences", "0", "--format", "junit"]);
    assert_eq!(code, Some(0), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), count);
}
