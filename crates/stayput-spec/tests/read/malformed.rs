//! Wrong sources: every error names its line and macro, and what was written is kept.

use stayput_spec::read::{self, Finding, FindingKind};

fn errors(text: &str) -> Vec<Finding> {
    read::text(text).errors().cloned().collect()
}

/// One error, at this line and macro, and the words it must have.
fn assert_error(text: &str, line: u32, name: &str, words: &str) {
    let errors = errors(text);
    let [error] = &errors[..] else {
        panic!("one error: {errors:#?}")
    };
    assert_eq!((error.line, &*error.name), (line, name), "{error}");
    let message = error.to_string();
    assert!(message.contains(words), "{message:?} has no {words:?}");
    assert!(
        message.starts_with(&format!("line {line}: {name}")),
        "{message}"
    );
}

fn block(body: &str) -> String {
    format!("DEFINE_KERNEL_API_SPEC(sys_x)\n{body}\nKAPI_END_SPEC;\n")
}

#[test]
fn a_wrong_number_of_arguments() {
    assert_error(
        &block("KAPI_ERROR(0, -EINVAL, \"EINVAL\")"),
        2,
        "KAPI_ERROR",
        "5 arguments",
    );
    assert_error(
        &block("KAPI_DESCRIPTION()"),
        2,
        "KAPI_DESCRIPTION",
        "1 argument",
    );
}

#[test]
fn something_else_where_a_string_belongs() {
    let text = block("\nKAPI_DESCRIPTION(unquoted)");
    assert_error(&text, 3, "KAPI_DESCRIPTION", "expected a string");
    let reading = read::text(&text);
    let unknown = &reading.specs[0].spec.unknown[0];
    assert_eq!(
        (&*unknown.name, unknown.arguments.as_deref()),
        ("KAPI_DESCRIPTION", Some("unquoted"))
    );
}

#[test]
fn a_false_count() {
    assert_error(
        &block("KAPI_ERROR_COUNT(3)"),
        1,
        "KAPI_ERROR_COUNT",
        "declares 3, but there are 0",
    );
    assert_error(
        &block("KAPI_ERROR_COUNT(many)"),
        2,
        "KAPI_ERROR_COUNT",
        "one number",
    );
}

#[test]
fn a_false_count_in_a_comment() {
    let comment = |count| {
        format!(
            "/**\n * f - F\n *\n * context: process\n * lock-count: {count}\n */\nint f(void);\n"
        )
    };
    assert_error(
        &comment("2"),
        1,
        "lock-count",
        "declares 2, but there are 0",
    );
    assert_error(&comment("some"), 5, "lock-count", "one number");
}

#[test]
fn a_wrong_index() {
    let text = block("KAPI_LOCK(1, \"l\", KAPI_LOCK_MUTEX)\nKAPI_LOCK_END");
    assert_error(
        &text,
        2,
        "KAPI_LOCK",
        "its index is 1, but its position is 0",
    );
}

#[test]
fn ends_that_are_missing() {
    assert_error(
        "DEFINE_KERNEL_API_SPEC(sys_x)\nKAPI_NOTES(\"n\")",
        1,
        "DEFINE_KERNEL_API_SPEC",
        "KAPI_END_SPEC",
    );
    let two = "DEFINE_KERNEL_API_SPEC(sys_a)\nDEFINE_KERNEL_API_SPEC(sys_b)\nKAPI_END_SPEC;\n";
    assert_error(two, 1, "DEFINE_KERNEL_API_SPEC", "the block has no end");
    assert_eq!(read::text(two).specs.len(), 2);
    let code = "DEFINE_KERNEL_API_SPEC(sys_a)\nSYSCALL_DEFINE0(a)\n{\n\treturn f(1);\n}\n";
    assert_error(code, 1, "DEFINE_KERNEL_API_SPEC", "the block has no end");
    assert_error(
        &block("KAPI_NOTES(\"n\""),
        2,
        "KAPI_NOTES",
        "closing parenthesis",
    );
}

#[test]
fn a_string_without_an_end() {
    let text = block("KAPI_NOTES(\"never ends)");
    assert!(
        errors(&text)
            .iter()
            .any(|error| error.line == 2 && error.name == "KAPI_NOTES")
    );
}

#[test]
fn an_end_of_another_part() {
    let text = block("KAPI_LOCK(0, \"l\", KAPI_LOCK_MUTEX)\nKAPI_PARAM_END");
    assert_error(&text, 3, "KAPI_PARAM_END", "not open");
}

#[test]
fn unknown_symbols_and_repeats_are_reported_and_kept() {
    let text = block(
        "KAPI_CONTEXT(KAPI_CTX_PROCESS | KAPI_CTX_DREAM)\nKAPI_NOTES(\"a\")\nKAPI_NOTES(\"b\")",
    );
    let reading = read::text(&text);
    let kinds: Vec<_> = reading.findings.iter().map(|f| (f.line, &f.kind)).collect();
    let dream = FindingKind::UnknownSymbol("KAPI_CTX_DREAM".to_owned());
    assert_eq!(kinds, [(2, &dream), (4, &FindingKind::Repeated)]);
    let spec = &reading.specs[0].spec;
    assert_eq!(spec.context.len(), 2);
    assert_eq!(spec.notes.as_deref(), Some("b"), "C keeps the last");
    assert_eq!(spec.unknown[0].arguments.as_deref(), Some("\"a\""));
}

#[test]
fn a_part_that_is_malformed_loses_nothing() {
    let text = block("KAPI_SIGNAL(0, SIGINT)\nKAPI_SIGNAL_DESC(\"lost?\")\nKAPI_SIGNAL_END");
    let reading = read::text(&text);
    let spec = &reading.specs[0].spec;
    let kept: Vec<_> = spec.unknown.iter().map(|unknown| &*unknown.name).collect();
    assert_eq!(kept, ["KAPI_SIGNAL", "KAPI_SIGNAL_DESC"]);
}

#[test]
fn the_header_of_the_notation_is_no_specification() {
    let header = "#define DEFINE_KERNEL_API_SPEC(func_name) \\\n\tstatic struct s x = { \\\n\t\t.version = 1,\n";
    assert_eq!(read::text(header), read::Reading::default());
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = read::path("/nonexistent/mlock.c".as_ref()).expect_err("no such file");
    assert!(
        error
            .to_string()
            .starts_with("cannot read /nonexistent/mlock.c: "),
        "{error}"
    );
}

#[test]
fn an_error_in_a_file_names_file_line_and_macro() {
    let reading = read::text(&block("\nKAPI_DESCRIPTION(unquoted)"));
    let error = reading.errors().next().expect("an error");
    assert_eq!(
        error.in_file("mm/mlock.c".as_ref()).to_string(),
        "mm/mlock.c:3: KAPI_DESCRIPTION in sys_x: unquoted was given; expected a string; kept as \
         it is"
    );
}

#[test]
fn a_tree_is_read_in_order_of_its_paths() {
    let tree = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/inputs");
    let readings = read::path(tree.as_ref()).expect("the inputs are there");
    let found: Vec<_> = readings
        .iter()
        .map(|file| {
            (
                file.path.file_name().and_then(|name| name.to_str()),
                file.reading.specs.len(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (Some("flat.c"), 1),
            (Some("refuted.c"), 2),
            (Some("short-names.c"), 1)
        ]
    );
}

#[test]
fn a_head_without_an_end_names_no_function() {
    for (head, words) in [
        ("()", "it has no name"),
        ("(sys_x, 2)", "sys_x, 2 was given"),
        ("(sys_x\nKAPI_NOTES(\"lost\"))", "sys_x KAPI_NOTES"),
    ] {
        let text = format!("DEFINE_KERNEL_API_SPEC{head}\nKAPI_END_SPEC;\n");
        assert_error(&text, 1, "DEFINE_KERNEL_API_SPEC", words);
    }
    let text = "DEFINE_KERNEL_API_SPEC(sys_x\nKAPI_END_SPEC;\n";
    assert_error(text, 1, "DEFINE_KERNEL_API_SPEC", "have no end");
}
