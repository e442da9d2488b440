//! `stayput spec`, as its users run it.

mod check;
mod diff;
mod read;
#[path = "../support/run.rs"]
mod run;
mod schema;
#[path = "../../../stayput-spec/tests/support/seed.rs"]
mod seed;
mod show;

use run::{output, stayput};
use schema::assert_valid;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

/// Where the reader's own tests have their inputs.
const INPUTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../stayput-spec/tests/inputs");

fn input(name: &str) -> String {
    format!("{INPUTS}/{name}")
}

/// Standard output and exit code; nothing on standard error.
fn spec(args: &[&str]) -> (String, Option<i32>) {
    let (stdout, stderr, code) = output(stayput().arg("spec").args(args));
    assert_eq!(stderr, "", "{args:?}");
    (stdout, code)
}

/// The same as JSON, held against its schema.
fn spec_json(args: &[&str], schema: &str) -> (Value, Option<i32>) {
    let (stdout, code) = spec(&[args, &["--format", "json"]].concat());
    let value = serde_json::from_str(&stdout).unwrap_or_else(|why| panic!("{why}: {stdout}"));
    assert_valid(&value, schema);
    (value, code)
}

/// Exit code 2, nothing on standard output, and words that help.
fn assert_refused(args: &[&str], words: &[&str]) {
    let (stdout, stderr, code) = output(stayput().arg("spec").args(args));
    assert_eq!((code, &*stdout), (Some(2), ""), "{args:?}: {stderr}");
    for word in words {
        assert!(stderr.contains(word), "{args:?}: no {word:?} in {stderr}");
    }
}

/// Standard output and exit code of a command that reads this on standard input.
fn spec_reading(text: &str, args: &[&str]) -> (String, Option<i32>) {
    let mut command = stayput();
    let command = command.arg("spec").args(args);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.spawn().expect("the command runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(text.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let stdout = String::from_utf8(output.stdout).expect("UTF-8");
    (stdout, output.status.code())
}
