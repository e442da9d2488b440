//! Programs that are locked, and what becomes of the lock.

use crate::probe::{Probe, Running};
use crate::run::{open_to_everybody, output};
use crate::{assert_refused, child, may_lock, stayput_run};
use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// The sums, and the mappings that are not locked though they could be.
fn unlocked(id: u32) -> (Value, Vec<Value>) {
    let mut command = Command::new(cargo_bin("stayput"));
    command.args([
        "inspect",
        "--format=json",
        "--only=unlocked",
        &id.to_string(),
    ]);
    let (stdout, stderr, code) = output(&mut command);
    assert_eq!(code, Some(0), "{stderr}");
    let page: Value = serde_json::from_str(&stdout).expect("JSON");
    let rows = page["mappings"].as_array().expect("mappings").clone();
    (page["totals"].clone(), rows)
}

#[test]
fn everything_is_locked_present_and_future() {
    let test = "everything_is_locked_present_and_future";
    let Some(probe) = Probe::compile(test, "probe", &[]) else {
        return;
    };
    if !may_lock(test) {
        return;
    }
    let path = probe.path.to_str().expect("UTF-8");
    let locked = Running::start(&mut stayput_run(&["--lock-all", "--", path, "grow"]));
    let (totals, rows) = unlocked(child(locked.child.id()));
    assert_eq!(rows, Vec::<Value>::new(), "mapped before or after the lock");
    assert_eq!(totals["locked_size"], totals["charged"]);
    assert!(
        totals["locked"].as_u64() > Some(8 << 20),
        "a thread's stack is brought in: {totals}"
    );

    let onfault = stayput_run(&["--lock-all", "--onfault", "--", path, "grow"]);
    let onfault = Running::start(&mut { onfault });
    let (on_touch, rows) = unlocked(child(onfault.child.id()));
    assert_eq!(rows, Vec::<Value>::new());
    assert!(
        on_touch["locked"].as_u64() < totals["locked"].as_u64(),
        "{on_touch}"
    );

    // The control.
    let alone = Running::start(&mut stayput_run(&["--", path, "grow"]));
    let (totals, rows) = unlocked(alone.child.id());
    assert!(totals["charged"] == 0 && rows.len() > 10, "{totals}");
}

#[test]
fn children_are_locked_when_asked_for() {
    let test = "children_are_locked_when_asked_for";
    let Some(probe) = Probe::compile(test, "probe", &[]) else {
        return;
    };
    if !may_lock(test) {
        return;
    }
    let path = probe.path.to_str().expect("UTF-8");
    let (seen, _, code) = output(&mut stayput_run(&["--lock-all", "--", path, "family"]));
    assert_eq!(
        (seen.as_str(), code),
        ("parent locked\nfork unlocked\nexec unlocked\n", Some(0))
    );
    let following = ["--lock-all", "--children", "--", path, "family"];
    let (seen, _, code) = output(&mut stayput_run(&following));
    assert_eq!(
        (seen.as_str(), code),
        ("parent locked\nfork locked\nexec locked\n", Some(0))
    );
}

#[test]
fn a_lock_that_is_lost_is_said() {
    if !may_lock("a_lock_that_is_lost_is_said") {
        return;
    }
    // The new program is still there when it is looked at: it waits for its input.
    let mut replaced = stayput_run(&["--lock-all", "--", "sh", "-c", "exec cat"]);
    let mut replaced = replaced
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    let errors = replaced.stderr.take().expect("piped");
    BufReader::new(errors).read_line(&mut line).expect("a line");
    assert!(
        line.contains("replaced itself") && line.contains("--children"),
        "{line}"
    );
    drop(replaced.stdin.take());
    assert_eq!(replaced.wait().expect("our child").code(), Some(0));

    // As daemons do: the first process ends, its child stays.
    let dir = tempfile::tempdir().expect("a directory");
    let fifo = dir.path().join("fifo");
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("coreutils").success());
    let daemon = format!("(read unused <{}) >&- 2>&- & exit 0", fifo.display());
    let (_, stderr, code) = output(&mut stayput_run(&["--lock-all", "--", "sh", "-c", &daemon]));
    fs::write(&fifo, "end\n").expect("somebody reads");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("left processes behind"), "{stderr}");
    let with_children = ["--lock-all", "--children", "--", "sh", "-c", &daemon];
    let (_, stderr, code) = output(&mut stayput_run(&with_children));
    fs::write(&fifo, "end\n").expect("somebody reads");
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}

#[test]
fn scripts_stand_for_their_interpreters() {
    if !may_lock("scripts_stand_for_their_interpreters") {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let (source, script) = (dir.path().join("source"), dir.path().join("script"));
    let body = "grep -c 'VmLck:.* 0 kB' /proc/$$/status; echo \"$0 $*\"";
    for (line, accepted) in [
        ("#!/bin/sh", true),
        ("#! /usr/bin/env sh", true),
        ("#!/usr/bin/env -S sh -u", true),
        ("#!/usr/bin/env -i sh", false),
    ] {
        // By `cp`: a file that this process writes is busy while any fork of it lives.
        fs::write(&source, format!("{line}\n{body}\n")).expect("our own");
        let copied = Command::new("cp").args([&source, &script]).status();
        assert!(copied.expect("coreutils").success());
        open_to_everybody(&script);
        let path = script.to_str().expect("UTF-8");
        let mut command = stayput_run(&["--lock-all", "--", path, "a", "b c"]);
        if accepted {
            let (stdout, stderr, code) = output(&mut command);
            assert_eq!((code, stderr.as_str()), (Some(0), ""), "{line}");
            assert_eq!(stdout, format!("0\n{path} a b c\n"), "{line}");
        } else {
            assert_refused(&mut command, 125, &["env with options", "INTERPRETER"]);
        }
    }
}
