//! `spec check`.

use crate::run::is_root;
use crate::{output, spec, spec_json};
use assert_cmd::cargo::cargo_bin;
use stayput_spec::contract::clauses;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

#[test]
fn this_kernel_and_the_contract_agree() {
    let args = ["check", "--sequences", "8", "--seed", "5"];
    let (json, code) = spec_json(&args, "spec-check");
    for clause in json["clauses"].as_array().expect("clauses") {
        if clause["verdict"] == "skipped" {
            eprintln!("SKIPPED {}: {}", clause["id"], clause["reason"]);
        }
    }
    assert_eq!((code, &json["agrees"]), (Some(0), &true.into()), "{json:#}");
    assert_eq!(
        json["clauses"].as_array().map(Vec::len),
        Some(clauses().count())
    );
    let random = &json["random"];
    assert_eq!(
        (&random["seed"], &random["sequences"]),
        (&5.into(), &8.into())
    );
    assert!(random["steps"].as_u64() > Some(100), "{random}");
}

/// A limit too small for a probe is a reason to skip it: it refutes nothing.
#[test]
fn a_small_limit_refutes_nothing() {
    if std::fs::metadata("/proc/self").expect("Linux").uid() != 0 {
        eprintln!("SKIPPED a_small_limit_refutes_nothing: needs root, to give the capability up");
        return;
    }
    for (limit, confirms) in [("0", false), ("4096", false), ("65536", true)] {
        let output = Command::new("prlimit")
            .arg(format!("--memlock={limit}"))
            .args(["setpriv", "--inh-caps=-all", "--bounding-set=-ipc_lock"])
            .arg(assert_cmd::cargo::cargo_bin("stayput"))
            .args(["spec", "check", "--sequences", "0"])
            .output()
            .expect("util-linux");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "limit {limit}: {said}");
        assert!(
            !said.contains("\nrefuted") && !said.contains("\nbroken"),
            "{said}"
        );
        assert_eq!(
            said.contains("\nconfirmed"),
            confirms,
            "limit {limit}: {said}"
        );
    }
}

#[test]
fn test_formats_have_every_clause() {
    let count = clauses().count();
    let (tap, code) = spec(&["check", "--sequences", "0", "--format", "tap"]);
    assert_eq!(code, Some(0), "{tap}");
    assert!(
        tap.starts_with(&format!("TAP version 14\n1..{count}\n")),
        "{tap}"
    );
    assert_eq!(tap.matches("\nok ").count(), count);
    let (junit, code) = spec(&["check", "--sequences", "0", "--format", "junit"]);
    assert_eq!(code, Some(0), "{junit}");
    assert_eq!(junit.matches("<testcase ").count(), count);
}

/// Where tracefs can be had, in a mount namespace of the test's own.
#[test]
fn a_probe_that_is_killed_leaves_no_trace_buffer() {
    const NO_TRACEFS: i32 = 9;
    // Prints which buffer it was, and whether that is still there a while later.
    const SCRIPT: &str = r#"
        mount -t tracefs none /sys/kernel/tracing 2>/dev/null || exit 9
        cd /sys/kernel/tracing/instances || exit 9
        killed=
        for _ in 1 2 3 4 5; do
            STAYPUT_MARK=$$ "$0" spec check --sequences 0 >/dev/null 2>&1 &
            while [ -z "$killed" ] && kill -0 $! 2>/dev/null; do
                for made in stayput-probe-*; do
                    probe=${made##*-}
                    # Not one that somebody else has started.
                    ! grep -qzx "STAYPUT_MARK=$$" "/proc/$probe/environ" 2>/dev/null ||
                        ! kill -KILL "$probe" || killed=$made
                done
            done
            wait
            [ -z "$killed" ] || break
        done
        for _ in $(seq 100); do
            [ -d "$killed" ] || break
            sleep 0.1
        done
        echo "killed: $killed"
        [ ! -d "$killed" ] || { echo "still there"; rmdir "$killed"; }
    "#;
    let test = "a_probe_that_is_killed_leaves_no_trace_buffer";
    if !is_root(test) {
        return;
    }
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", SCRIPT]);
    let (stdout, stderr, code) = output(command.arg(cargo_bin("stayput")));
    if code == Some(NO_TRACEFS) {
        eprintln!("SKIPPED {test}: this kernel has no tracefs");
        return;
    }
    assert!(
        stdout.contains("killed: stayput-probe-"),
        "{stdout}{stderr}"
    );
    assert!(!stdout.contains("still there"), "{stdout}{stderr}");
}
