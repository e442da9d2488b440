//! What `stayput inspect` says of processes with known memory.

#[path = "../support/probe.rs"]
mod probe;
#[path = "../support/run.rs"]
mod run;

mod mappings;
mod outputs;
mod targets;
mod watch;

use run::{output, stayput};
use serde_json::Value;
use std::fs;

/// Runs `inspect` with JSON as its output, which follows the published schema.
pub(crate) fn inspect(words: &[&str]) -> Value {
    let (stdout, stderr, code) = output(stayput().args(["inspect", "--format=json"]).args(words));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let page: Value = serde_json::from_str(&stdout).expect("JSON");
    let schema = include_str!("../../../../docs/schema/inspect.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<_> = validator
        .iter_errors(&page)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    page
}

pub(crate) fn rows(page: &Value) -> &Vec<Value> {
    page["mappings"].as_array().expect("mappings")
}

/// The row that starts where the probe says.
pub(crate) fn row(page: &Value, start: u64) -> &Value {
    let start = format!("{start:#x}");
    let found = rows(page).iter().find(|row| row["start"] == start.as_str());
    found.unwrap_or_else(|| panic!("no {start} in {page:#}"))
}

pub(crate) fn has(row: &Value, flag: &str) -> bool {
    row["flags"]
        .as_array()
        .expect("flags")
        .iter()
        .any(|letters| letters == flag)
}

pub(crate) fn address(line: &str) -> u64 {
    u64::from_str_radix(line, 16).expect("an address")
}

/// A sum that the kernel writes into `/proc/PID/status`, in bytes.
pub(crate) fn status(id: &str, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).expect("a process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .expect(name);
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().expect("a size");
    kibibytes * 1024
}
