//! Which process, and what is refused.

use crate::inspect;
use crate::probe::Probe;
use crate::run::{copy_for_everybody, is_root, open_to_everybody, output, stayput};
use std::fs;
use std::process::Command;

#[test]
fn a_process_is_found_by_its_name() {
    let name = format!("probe-{}", std::process::id() % 100_000);
    let Some(probe) = Probe::compile("a_process_is_found_by_its_name", &name, &[]) else {
        return;
    };
    let (_, stderr, code) = output(stayput().args(["inspect", &name]));
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("no process is called") && stderr.contains(&name),
        "{stderr}"
    );
    let first = probe.start(&["kinds"]);
    assert_eq!(inspect(&[&name])["process"]["id"].to_string(), first.id());
    let second = probe.start(&["many", "2"]);
    let (_, stderr, code) = output(stayput().args(["inspect", &name]));
    assert_eq!(code, Some(2));
    for part in ["2 processes", &first.id(), &second.id(), "many 2"] {
        assert!(stderr.contains(part), "no {part:?} in {stderr}");
    }
    assert_eq!(inspect(&["self"])["process"]["name"], "stayput");
}

#[test]
fn what_can_not_be_looked_at_is_explained() {
    let (_, stderr, code) = output(stayput().args(["inspect", "4194304"]));
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("no process 4194304") && stderr.contains("ps -e"),
        "{stderr}"
    );
    let (_, stderr, code) = output(stayput().args(["inspect", "2"]));
    assert_eq!(code, Some(2));
    let expected = if fs::read_to_string("/proc/2/comm").is_ok_and(|name| name == "kthreadd\n") {
        "a thread of the kernel"
    } else {
        "process 2"
    };
    assert!(stderr.contains(expected), "{stderr}");
}

#[test]
fn without_privilege_it_says_what_is_needed() {
    if !is_root("without_privilege_it_says_what_is_needed") {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let copy = dir.path().join("stayput");
    open_to_everybody(dir.path());
    copy_for_everybody(&copy);
    let mut command = Command::new("setpriv");
    command.args([
        "--reuid=65534",
        "--clear-groups",
        "--inh-caps=-all",
        "--bounding-set=-all",
    ]);
    let id = std::process::id().to_string();
    let (_, stderr, code) = output(command.arg(&copy).args(["inspect", &id]).current_dir("/"));
    assert_eq!(code, Some(2));
    for part in [&id, "another user", "CAP_SYS_PTRACE", "sudo"] {
        assert!(stderr.contains(part), "no {part:?} in {stderr}");
    }
}

#[test]
fn wrong_arguments_are_explained() {
    for (words, parts) in [
        (&["inspect"][..], &["PID|self|NAME"][..]),
        (&["inspect", ""], &["expected a process number"]),
        (
            &["inspect", "self", "--sort=colour"],
            &["colour", "resident"],
        ),
        (&["inspect", "self", "--only=big"], &["big", "swapped"]),
        (
            &["inspect", "self", "--min-size=big"],
            &["expected a size such as"],
        ),
        (&["inspect", "self", "--watch=0"], &["expected seconds"]),
        (&["inspect", "self", "--watch"], &["needs a terminal"]),
        (
            &["inspect", "self", "--watch", "--format=json"],
            &["--format text"],
        ),
        (
            &["inspect", "self", "--watch", "--svg=x"],
            &["cannot be used with"],
        ),
    ] {
        let (stdout, stderr, code) = output(stayput().args(words));
        assert_eq!(
            (code, stdout.as_str()),
            (Some(2), ""),
            "{words:?}: {stderr}"
        );
        for part in parts {
            assert!(stderr.contains(part), "{words:?}: no {part:?} in {stderr}");
        }
    }
}
