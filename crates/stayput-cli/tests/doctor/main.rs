//! `stayput doctor`, as its users run it.

mod limits;
mod machine;
mod output;
#[path = "../support/run.rs"]
mod run;
#[path = "../../../stayput/tests/support/seccomp.rs"]
mod seccomp;

use assert_cmd::cargo::cargo_bin;
use jsonschema::Validator;
use serde_json::Value;
use std::process::Command;

/// Drops `CAP_IPC_LOCK` for good: the limit counts.
const WITHOUT_IPC_LOCK: [&str; 3] = [
    "setpriv",
    "--bounding-set=-ipc_lock",
    "--inh-caps=-ipc_lock",
];

/// Runs `doctor --format json` under a command such as `prlimit`; checks the
/// form, and that the exit code is the report's.
fn doctor_under(before: &[&str], args: &[&str]) -> Value {
    let stayput = cargo_bin("stayput");
    let mut words = before.to_vec();
    words.push(stayput.to_str().expect("UTF-8"));
    words.extend(["doctor", "--format", "json"]);
    let (stdout, stderr, code) = run::output(Command::new(words[0]).args(&words[1..]).args(args));
    let report: Value =
        serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}{stderr}"));
    let errors: Vec<_> = schema()
        .iter_errors(&report)
        .map(|it| it.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}: {report:#}");
    let passed = report["summary"]["passed"] == true;
    assert_eq!(code, Some(i32::from(!passed)), "{report:#}");
    report
}

fn doctor(args: &[&str]) -> Value {
    doctor_under(&[], args)
}

fn schema() -> Validator {
    let schema = include_str!("../../../../docs/schema/doctor.json");
    let schema = serde_json::from_str(schema).expect("JSON");
    jsonschema::validator_for(&schema).expect("a schema")
}

fn check<'a>(report: &'a Value, id: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["id"] == id);
    found.unwrap_or_else(|| panic!("no {id}: {report:#}"))
}

fn verdict<'a>(report: &'a Value, id: &str) -> &'a str {
    check(report, id)["verdict"].as_str().expect("a word")
}

/// Without `CAP_IPC_LOCK`, with these soft and hard limits.
fn doctor_limited(memlock: &str, args: &[&str]) -> Value {
    let memlock = format!("--memlock={memlock}");
    let mut before = vec!["prlimit", &memlock];
    before.extend(WITHOUT_IPC_LOCK);
    doctor_under(&before, args)
}
