//! `spec read`.

use crate::seed::read_seed;
use crate::{INPUTS, assert_refused, input, spec, spec_json, spec_reading};

const MALFORMED: &str = "int before;\nDEFINE_KERNEL_API_SPEC(sys_x)\n\tKAPI_DESCRIPTION(unquoted)\n\
    \tKAPI_ERROR_COUNT(3)\n\tKAPI_SURPRISE(1)\nKAPI_END_SPEC;\n";

#[test]
fn a_tree_is_walked() {
    let (text, code) = spec(&["read", INPUTS]);
    assert_eq!(code, Some(0), "{text}");
    for line in [
        "flat.c:11: sys_flat (kernel-doc): 2 parameters, 2 errors, 1 signal, 1 side effect",
        "refuted.c:2: sys_mlock2 (macros): 3 parameters",
        "short-names.c:34: mood in shorten signal SIGINT: not known, kept as it is",
        "specifications: 4, errors: 0, notes: 2\n",
    ] {
        assert!(text.contains(line), "{line:?} in {text}");
    }
    let (json, code) = spec_json(&["read", INPUTS], "spec-read");
    assert_eq!(code, Some(0));
    assert_eq!(json["files"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_patch_is_read_whole() {
    let (json, code) = spec_json(&["read", &input("every-macro.patch")], "spec-read");
    assert_eq!((code, &json["errors"]), (Some(0), &0.into()));
    let read = &json["files"][0]["specifications"][0];
    assert_eq!(
        (&read["line"], &read["notation"]),
        (&19.into(), &"macros".into())
    );
    let details = &read["api_details"];
    assert_eq!(details["declared_counts"]["KAPI_LOCK_COUNT"], 2);
    assert_eq!(
        details["locks"][0]["descriptions"][1],
        "The second description"
    );
    assert_eq!(details["unknown"].as_array().map(Vec::len), Some(3));
}

#[test]
fn errors_name_file_line_and_macro() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("x.c");
    std::fs::write(&file, MALFORMED).expect("it is written");
    let path = file.to_str().expect("UTF-8");
    let (text, code) = spec(&["read", path]);
    assert_eq!(code, Some(1), "{text}");
    for line in [
        format!("error: {path}:3: KAPI_DESCRIPTION in sys_x: unquoted was given; expected a str"),
        format!("error: {path}:2: KAPI_ERROR_COUNT in sys_x: declares 3, but there are 0"),
        format!("{path}:5: KAPI_SURPRISE in sys_x: not known, kept as it is"),
        "specifications: 1, errors: 2, notes: 1".to_owned(),
    ] {
        assert!(text.contains(&line), "{line:?} in {text}");
    }
    let (json, code) = spec_json(&["read", path], "spec-read");
    assert_eq!((code, &json["errors"]), (Some(1), &2.into()));
}

#[test]
fn standard_input_is_read() {
    let (text, code) = spec_reading(MALFORMED, &["read", "-"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("standard input:2: sys_x (macros)"), "{text}");
}

#[test]
fn no_specification_is_a_finding_and_no_file_an_error() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let (text, code) = spec(&["read", manifest]);
    assert_eq!(code, Some(1));
    assert!(text.contains("expected DEFINE_KERNEL_API_SPEC"), "{text}");
    assert_refused(
        &["read", "/nonexistent"],
        &["cannot read /nonexistent: No such file"],
    );
    assert_refused(&["read"], &["<PATH>"]);
}

#[test]
fn the_published_specification_is_sound() {
    let name = "the_published_specification_is_sound";
    let Some(text) = read_seed(name, "mlock2-api-specification.txt") else {
        return;
    };
    let (report, code) = spec_reading(&text, &["read", "-"]);
    assert_eq!(code, Some(0), "{report}");
    let parts = "sys_mlock2 (macros): 3 parameters, 5 errors, 2 signals, 5 side effects, 5 state \
        transitions, 2 kernel locks, 1 capability\nspecifications: 1, errors: 0, notes: 0\n";
    assert!(report.ends_with(parts), "{report}");
}
