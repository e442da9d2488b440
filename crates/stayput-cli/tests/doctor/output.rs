//! Forms of output, and wrong uses.

use crate::run::{is_root, output, stayput};
use crate::{WITHOUT_IPC_LOCK, doctor, schema};
use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

#[test]
fn the_schema_refuses_what_is_not_a_report() {
    let validator = schema();
    let mut report = doctor(&[]);
    assert!(validator.is_valid(&report));
    report["checks"][0]["verdict"] = "good".into();
    assert!(!validator.is_valid(&report));
}

#[test]
fn every_check_is_in_the_report_once() {
    let report = doctor(&[]);
    let checks = report["checks"].as_array().expect("checks");
    let mut ids: Vec<_> = checks.iter().map(|check| check["id"].as_str()).collect();
    let guide = include_str!("../../../../docs/doctor.md");
    for id in ids.iter().flatten() {
        assert!(
            guide.contains(&format!("| `{id}` |")),
            "{id} is not in the guide"
        );
    }
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), all), (13, 13));
    let summary = &report["summary"];
    let counted: u64 = ["pass", "warn", "fail", "skip"]
        .iter()
        .filter_map(|verdict| summary[*verdict].as_u64())
        .sum();
    assert_eq!(counted, 13);
}

#[test]
fn text_says_the_same_and_each_remedy_once() {
    if !is_root("text_says_the_same_and_each_remedy_once") {
        return;
    }
    let (stdout, stderr, code) = output(
        Command::new("prlimit")
            .arg("--memlock=65536:65536")
            .args(WITHOUT_IPC_LOCK)
            .arg(cargo_bin("stayput"))
            .args(["doctor", "--require", "1MiB"]),
    );
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    assert!(
        stdout.contains("FAIL  memlock-limit: 64.0 KiB may be locked"),
        "{stdout}"
    );
    assert!(stdout.contains("remedy: as for memlock-limit"), "{stdout}");
    assert_eq!(
        stdout.matches("raise RLIMIT_MEMLOCK: ").count(),
        1,
        "{stdout}"
    );
    assert!(stdout.contains("\nFAILED: "), "{stdout}");
}

/// The textfile collector may look at any moment: never at half a file.
#[test]
fn metrics_go_to_a_file_in_one_step() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("stayput.prom");
    fs::write(&file, "old").expect("a file");
    let before = identity(&file);
    let (stdout, stderr, code) = output(
        stayput()
            .args(["doctor", "--format", "prometheus", "--output"])
            .arg(&file),
    );
    assert!(matches!(code, Some(0 | 1)), "{stderr}");
    assert_eq!((stdout.as_str(), stderr.as_str()), ("", ""));
    assert_ne!(identity(&file), before, "another file took the name");
    let names = fs::read_dir(dir.path()).expect("a directory");
    assert_eq!(names.count(), 1, "nothing else is left");
    let text = fs::read_to_string(&file).expect("metrics");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').expect("a name and a value");
        assert!(
            name.starts_with("stayput_") && !name.contains("} "),
            "a timestamp: {line}"
        );
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    assert!(
        text.contains("stayput_doctor_check{check=\"memlock-limit\",verdict=\""),
        "{text}"
    );
}

fn identity(file: &Path) -> u64 {
    fs::metadata(file).expect("a file").ino()
}

#[test]
fn metrics_say_what_the_report_says() {
    if !is_root("metrics_say_what_the_report_says") {
        return;
    }
    let (text, stderr, code) = output(
        Command::new("prlimit")
            .arg("--memlock=4096:8192")
            .args(WITHOUT_IPC_LOCK)
            .arg(cargo_bin("stayput"))
            .args(["doctor", "--format", "prometheus", "--require", "64KiB"]),
    );
    assert_eq!((code, stderr.as_str()), (Some(1), ""));
    for line in [
        "stayput_doctor_check{check=\"memlock-limit\",verdict=\"pass\"} 0.0",
        "stayput_doctor_check{check=\"memlock-limit\",verdict=\"fail\"} 1.0",
        "stayput_doctor_passed 0.0",
        "stayput_memlock_limit_bytes{limit=\"soft\"} 4096.0",
        "stayput_memlock_limit_bytes{limit=\"hard\"} 8192.0",
        "stayput_memlock_held_bytes 0.0",
        "stayput_ipc_lock_effective 0.0",
        "stayput_required_bytes 65536.0",
    ] {
        assert!(text.lines().any(|it| it == line), "no {line} in {text}");
    }
    let of_lock = |line: &&str| line.starts_with("stayput_doctor_check{check=\"lock\"");
    let lock: Vec<_> = text.lines().filter(of_lock).collect();
    let ones = lock.iter().filter(|line| line.ends_with(" 1.0"));
    assert_eq!((lock.len(), ones.count()), (4, 1), "one verdict of four");
}

#[test]
fn no_limit_is_infinite() {
    if !is_root("no_limit_is_infinite") {
        return;
    }
    // The first process of a machine has none.
    let args = ["doctor", "--format", "prometheus", "--pid", "1"];
    let (text, _, _) = output(stayput().args(args));
    let limits = fs::read_to_string("/proc/1/limits").expect("readable by all");
    if !limits
        .lines()
        .any(|it| it.starts_with("Max locked memory         unlimited"))
    {
        eprintln!("SKIPPED no_limit_is_infinite: process 1 has a limit");
        return;
    }
    let name = "stayput_memlock_limit_bytes{limit=\"soft\"} ";
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    // Any spelling that Go's ParseFloat takes.
    assert_eq!(
        value.and_then(|it| it.parse().ok()),
        Some(f64::INFINITY),
        "{text}"
    );
}

#[test]
fn wrong_uses_say_what_to_do() {
    for (args, words) in [
        (&["--require", "0"][..], "expected more than nothing"),
        (&["--require", "lots"], "64KiB"),
        (&["--require", "-1"], "64KiB"),
        (
            &["--pid", "1073741824"],
            "expected the number of a running process",
        ),
        (&["--pid", "self"], "--pid"),
        (&["--pid", "-1"], "--pid"),
        (&["--fail-on", "pass"], "warn, fail"),
        (
            &["--output", "/nonexistent/x.prom"],
            "expected a file in a directory",
        ),
        (&["extra"], "extra"),
    ] {
        let (stdout, stderr, code) = output(stayput().arg("doctor").args(args));
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(stderr.contains(words), "{args:?}: {stderr}");
    }
    let (_, stderr, code) = output(stayput().args(["prove", "--format", "prometheus"]));
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("expected --format with one of text, json"),
        "{stderr}"
    );
}

#[test]
fn the_hidden_part_refuses_strangers() {
    let (stdout, stderr, code) = output(stayput().args(["__stayput-doctor-trial", "nonsense"]));
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(stderr.contains("expected"), "{stderr}");
}
