//! `stayput config`. That its settings are right is for their readers to say:
//! `ci/config.sh` asks them.

#[path = "support/run.rs"]
mod run;

use run::{output, stayput};
use serde_json::Value;

const TARGETS: [&str; 4] = ["systemd", "docker", "compose", "kubernetes"];

fn config(args: &[&str]) -> String {
    let (stdout, stderr, code) = output(stayput().arg("config").args(args));
    assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?}");
    stdout
}

#[test]
fn sizes_are_written_in_bytes() {
    for target in TARGETS {
        let text = config(&[target, "--bytes", "64MiB"]);
        assert!(text.contains("67108864"), "{text}");
        assert!(!config(&[target]).contains("67108864"), "{target}");
    }
}

#[test]
fn json_holds_the_same_text() {
    let schema = include_str!("../../../docs/schema/config.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for target in TARGETS {
        let json = config(&[target, "--bytes", "1KiB", "--format", "json"]);
        let json: Value = serde_json::from_str(&json).expect("JSON");
        assert!(validator.is_valid(&json), "{json:#}");
        assert_eq!(json["text"], config(&[target, "--bytes", "1024"]));
        assert_eq!(
            (&json["target"], &json["bytes"]),
            (&target.into(), &1024.into())
        );
    }
    assert!(!validator.is_valid(&serde_json::json!({ "schema": 1 })));
}

#[test]
fn it_goes_into_a_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("memlock.conf");
    let file = file.to_str().expect("UTF-8");
    assert_eq!(config(&["systemd", "--output", file]), "");
    let written = std::fs::read_to_string(file).expect("settings");
    assert_eq!(written, config(&["systemd"]));
}

#[test]
fn wrong_uses_say_what_to_do() {
    for (args, words) in [
        (&[][..], "systemd"),
        (&["nomad"], "systemd, docker, compose, kubernetes"),
        (&["docker", "--bytes", "much"], "64KiB"),
        (&["docker", "--bytes", "0"], "more than nothing"),
        (&["docker", "--format", "prometheus"], "one of text, json"),
        (&["docker", "--output", "/nonexistent/x"], "expected a file"),
    ] {
        let (stdout, stderr, code) = output(stayput().arg("config").args(args));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(stderr.contains(words), "{args:?}: {stderr}");
    }
}
