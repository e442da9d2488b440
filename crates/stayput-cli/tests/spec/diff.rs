//! `spec diff`.

use crate::seed::read_seed;
use crate::{INPUTS, assert_refused, input, spec, spec_json, spec_reading};
use serde_json::Value;

fn of<'a>(json: &'a Value, list: &str) -> &'a [Value] {
    let found = json["comparisons"][0][list].as_array();
    found.unwrap_or_else(|| panic!("no {list}: {json:#}"))
}

#[test]
fn the_same_has_no_differences() {
    let (text, code) = spec(&["diff", "mlock", "mlock"]);
    assert_eq!(
        (code, &*text),
        (
            Some(0),
            "--- mlock\n+++ mlock\n\nsys_mlock\n\ndifferences: 0\n"
        )
    );
    let (text, code) = spec(&["diff", "mlock2", "kernel"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.ends_with("refuted: 0, not said: 0\n"), "{text}");
}

#[test]
fn two_calls_are_compared_clause_by_clause() {
    let (text, code) = spec(&["diff", "mlock", "mlock2"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("Summary: Since\n- 2.0\n+ 4.4\n"), "{text}");
    let (json, code) = spec_json(&["diff", "mlock", "mlock2"], "spec-diff");
    assert_eq!(code, Some(1));
    let flags = of(&json, "differences")
        .iter()
        .find(|one| one["item"] == "flags");
    assert_eq!(flags.expect("mlock has none")["change"], "only_right");
}

#[test]
fn several_are_compared_by_name() {
    let (json, code) = spec_json(&["diff", &input("refuted.c"), "munlock"], "spec-diff");
    assert_eq!(code, Some(1));
    let names = json["comparisons"].as_array().expect("a list").iter();
    let names: Vec<_> = names
        .map(|one| (&one["name"], one["only_in"].is_string()))
        .collect();
    let expected = [(&"sys_mlock2".into(), true), (&"sys_munlock".into(), false)];
    assert_eq!(names, expected);
    let (text, _) = spec(&["diff", "munlock", &input("refuted.c")]);
    assert!(text.contains("\nsys_mlock2\n\nonly in "), "{text}");
}

#[test]
fn the_kernel_refutes_what_is_wrong() {
    let (text, code) = spec(&["diff", &input("refuted.c"), "kernel"]);
    assert_eq!(code, Some(1));
    let refuted = "refuted: Parameters, len\n- Valid from 1 to LONG_MAX\n+ A length within a page";
    assert!(text.contains(refuted), "{text}");
    assert!(!text.contains("on this kernel"), "nothing was probed");
    let (json, code) = spec_json(&["diff", &input("refuted.c"), "kernel"], "spec-diff");
    assert_eq!(code, Some(1));
    let judgements = of(&json, "judgements");
    assert!(judgements.iter().all(|one| one["on_this_kernel"].is_null()));
    let ids = judgements.iter().map(|one| &one["clause"]["id"]);
    assert!(
        ids.into_iter()
            .any(|id| id == "mlock.error.enomem.outside-user-space")
    );
}

#[test]
fn probes_confirm_what_refutes() {
    let Some(text) = read_seed(
        "probes_confirm_what_refutes",
        "mlock2-api-specification.txt",
    ) else {
        return;
    };
    let args = ["diff", "-", "kernel", "--probe", "--format", "json"];
    let (stdout, code) = spec_reading(&text, &args);
    assert_eq!(code, Some(1));
    let json: Value = serde_json::from_str(&stdout).expect("JSON");
    crate::assert_valid(&json, "spec-diff");
    let judgements = of(&json, "judgements");
    for id in [
        "mlock.parameter.len.wraps-to-zero",
        "mlock.parameter.len.zero-with-offset",
        "mlock.error.enomem.limit",
        "mlock.precedence.eperm-first",
        "mlock.error.enomem.hole",
    ] {
        let judgement = judgements.iter().find(|one| one["clause"]["id"] == id);
        let seen = &judgement.unwrap_or_else(|| panic!("no {id}: {json:#}"))["on_this_kernel"];
        assert_eq!(seen["verdict"], "confirmed", "{id}: {seen}");
        assert_eq!(seen["seen"], seen["expected"], "{id}");
    }
}

#[test]
fn wrong_operands_are_explained() {
    assert_refused(
        &["diff", "mlok", "mlock"],
        &["`mlok`", "a file", "munlockall", "cannot read"],
    );
    assert_refused(&["diff", "kernel", "mlock"], &["`kernel`", "second"]);
    assert_refused(
        &["diff", "mlock", "mlock2", "--probe"],
        &["--probe", "`kernel`"],
    );
    assert_refused(&["diff", INPUTS, "kernel"], &["sys_flat", "munlockall"]);
    assert_refused(
        &["diff", "mlock", "mlock2", "--format", "markdown"],
        &["spec diff", "text"],
    );
}
