//! `spec list` and `spec show`.

use crate::{assert_refused, input, spec, spec_json, spec_reading};
use serde_json::Value;
use stayput_spec::contract::{SPECS, clauses};

const CALLS: [&str; 5] = ["mlock", "mlock2", "munlock", "mlockall", "munlockall"];

#[test]
fn list_has_the_five_calls() {
    let (text, code) = spec(&["list"]);
    assert_eq!(code, Some(0));
    let names: Vec<_> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(names, CALLS);
    let (json, code) = spec_json(&["list"], "spec-list");
    assert_eq!(code, Some(0));
    let names = json["apis"].as_array().expect("a list").iter();
    let names: Vec<_> = names.filter_map(|api| api["name"].as_str()).collect();
    assert_eq!(names, CALLS.map(|call| format!("sys_{call}")));
}

#[test]
fn list_has_every_clause() {
    let count = clauses().count();
    let (json, code) = spec_json(&["list", "--clauses"], "spec-clauses");
    assert_eq!(code, Some(0));
    assert_eq!(json["clauses"].as_array().map(Vec::len), Some(count));
    let (table, _) = spec(&["list", "--clauses", "--format", "markdown"]);
    assert_eq!(table.lines().count(), count + 2);
    let (text, _) = spec(&["list", "--clauses"]);
    for clause in clauses() {
        assert!(text.contains(&format!("{}\n", clause.id)), "{}", clause.id);
    }
}

#[test]
fn show_has_every_part_in_every_form() {
    for specification in &SPECS {
        let call = specification.call_name();
        for form in ["text", "json", "rst", "markdown", "kernel-doc", "macros"] {
            let (text, code) = spec(&["show", call, "--format", form]);
            assert_eq!(code, Some(0), "{call} {form}");
            let text = unescaped(&text);
            for error in specification.errors.iter() {
                let (condition, description) = (&*error.condition, &*error.description);
                assert!(text.contains(condition), "{call} as {form}: {condition}");
                assert!(
                    text.contains(description),
                    "{call} as {form}: {description}"
                );
            }
        }
    }
}

/// Without escapes, and without the line breaks of wrapped text.
fn unescaped(text: &str) -> String {
    let text = text.replace('\\', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn show_as_json_has_the_fields_of_the_kernels_tool() {
    for call in CALLS {
        spec_json(&["show", call], "spec-show");
    }
    let (json, _) = spec_json(&["show", "sys_mlock2"], "spec-show");
    let details = &json["api_details"];
    let length = &details["parameters"][1];
    assert_eq!(
        (&length["index"], &length["name"]),
        (&1.into(), &"len".into())
    );
    // KAPI_PARAM_IN, KAPI_TYPE_UINT, KAPI_CONSTRAINT_RANGE; ULONG_MAX fits no signed number.
    assert_eq!(length["flags"], 1);
    assert_eq!(length["param_type"], 2);
    assert_eq!(length["constraint_type"], 1);
    assert_eq!(
        (&length["min_value"], &length["max_value"]),
        (&0.into(), &Value::Null)
    );
    assert_eq!(length["range"][1], "ULONG_MAX");
    assert_eq!(details["errors"][0]["error_code"], -22);
    assert_eq!(details["capabilities"][0]["capability"], 14);
    assert_eq!(details["side_effects"][0]["reversible"], true);
}

#[test]
fn source_that_is_shown_is_read_again() {
    for form in ["macros", "kernel-doc"] {
        let (text, _) = spec(&["show", "mlockall", "--format", form]);
        let (again, code) = spec_reading(
            &text,
            &["show", "mlockall", "--from", "-", "--format", form],
        );
        assert_eq!((again, code), (text, Some(0)), "{form}");
    }
}

#[test]
fn clauses_are_shown_by_call() {
    let (json, code) = spec_json(&["show", "mlock2", "--clauses"], "spec-clauses");
    assert_eq!(code, Some(0));
    let clauses = json["clauses"].as_array().expect("a list");
    for clause in clauses {
        let calls = clause["calls"].as_array().expect("calls");
        assert!(calls.contains(&"mlock2".into()), "{clause}");
    }
    assert!(
        clauses
            .iter()
            .any(|it| it["id"] == "mlock.error.enomem.limit")
    );
    assert!(
        clauses
            .iter()
            .any(|it| it["id"] == "mlock2.error.einval.unknown-flags")
    );
    let (text, _) = spec(&["show", "fork", "--clauses"]);
    assert!(text.contains("fork.effect.clears-locks"), "{text}");
}

#[test]
fn what_is_not_there_is_refused() {
    assert_refused(
        &["show", "mlok"],
        &["`mlok`", "mlock, mlock2, munlock", "--from"],
    );
    assert_refused(&["show", "mlok", "--clauses"], &["`mlok`", "mlock, "]);
    let flat = input("flat.c");
    assert_refused(
        &["show", "mlock", "--from", &flat],
        &["`mlock`", "sys_flat"],
    );
    assert_refused(
        &["show", "mlock", "--from", "/nonexistent"],
        &["cannot read /nonexistent"],
    );
    assert_refused(
        &["show", "mlock", "--format", "tap"],
        &["spec show", "tap", "kernel-doc"],
    );
    assert_refused(
        &["list", "--format", "rst"],
        &["spec list", "rst", "text, json"],
    );
}
