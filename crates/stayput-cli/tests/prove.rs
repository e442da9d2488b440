//! What `stayput prove` finds, and how it says so.

#[path = "support/run.rs"]
mod run;

use run::{
    alone, cells, copy_for_everybody, is_root, library, open_to_everybody, output, prove, report,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn every_cell_is_there_and_every_claim_holds() {
    let _alone = alone();
    let (report, code) = report(&mut prove());
    assert_eq!(code, Some(0), "{report:#}");
    assert_has_published_form(&report);
    assert_eq!(
        (&report["schema"], &report["summary"]["passed"]),
        (&1.into(), &true.into())
    );
    let ids = |list: &str| ids(&report[list], "id");
    let cells_there = report["cells"].as_array().expect("cells");
    let pairs: BTreeSet<_> = cells_there
        .iter()
        .map(|cell| (cell["storage"].to_string(), cell["channel"].to_string()))
        .collect();
    assert_eq!(pairs.len(), cells_there.len(), "no cell twice");
    assert_eq!(
        cells_there.len(),
        ids("channels").len() * ids("storages").len()
    );
    for cell in cells_there {
        check_cell(cell);
    }
    let root = is_root("every_cell_is_there_and_every_claim_holds: swap");
    assert!(!root || cells(&report, "channel", "swap").any(|cell| cell["outcome"] == "leaked"));
}

#[test]
fn a_run_without_anything_of_stayputs_says_why_it_failed() {
    let (stdout, stderr, code) = output(prove().args(["--only=fork", "--rows=heap"]));
    assert_eq!((code, stderr.as_str()), (Some(1), ""), "{stdout}");
    assert!(stdout.contains("it takes a control and one of"), "{stdout}");
}

/// Every outcome rests on something, and agrees with its expectation.
fn check_cell(cell: &Value) {
    let markers = |name: &str| cell["evidence"][name].as_u64();
    let found = markers("found").map(|found| found + markers("found_from_inside").unwrap_or(0));
    match cell["outcome"].as_str().expect("an outcome") {
        "leaked" => {
            assert_eq!(cell["expected"], "must-leak", "{cell}");
            assert!(found > Some(0), "{cell}");
        }
        "limit" => {
            assert_eq!(cell["expected"], "documented-limit", "{cell}");
            assert!(found > Some(0), "{cell}");
        }
        "safe" => assert!(found == Some(0) && markers("held") > Some(0), "{cell}"),
        "skipped" => assert_ne!(cell["skipped"].as_str().unwrap_or_default(), "", "{cell}"),
        other => panic!("{other}: {cell}"),
    }
    assert_ne!(cell["why"].as_str().unwrap_or_default(), "", "{cell}");
}

#[test]
fn swap_evidence_agrees_with_the_kernel() {
    let _alone = alone();
    if !is_root("swap_evidence_agrees_with_the_kernel") {
        return;
    }
    let (report, _) = report(prove().args(["--only", "swap"]));
    for cell in cells(&report, "channel", "swap") {
        let evidence = &cell["evidence"];
        if cell["storage"] == "sealed" {
            // Encrypted bytes may well go to disk.
            assert!(
                evidence["pages_swapped_by_pagemap"].as_u64() > Some(0),
                "{cell}"
            );
            assert_eq!(evidence["found_on_pages"], 0, "{cell}");
            continue;
        }
        assert_eq!(
            evidence["found_on_pages"], evidence["pages_swapped_by_pagemap"],
            "{cell}"
        );
        let flags = evidence["vm_flags"].as_str().expect("flags");
        let locked = flags.split(' ').any(|flag| flag == "lo");
        assert_eq!(locked, cell["outcome"] == "safe", "{cell}");
        assert_eq!(locked, evidence["madvise_pageout"] == "EINVAL", "{cell}");
    }
}

#[test]
fn without_root_swap_is_skipped_by_name_and_the_rest_runs() {
    if !is_root("without_root_swap_is_skipped_by_name_and_the_rest_runs") {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let copy = dir.path().join("stayput");
    let only = "--only=swap,core,proc-mem,vm-readv,ptrace,fork,residue";
    open_to_everybody(dir.path());
    copy_for_everybody(&copy);
    std::fs::copy(library(), dir.path().join("libstayput.so")).expect("a library");
    let nobody = |limit: &str| {
        let mut command = Command::new("prlimit");
        command
            .arg(format!("--memlock={limit}:{limit}"))
            .arg("setpriv");
        command.args([
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--inh-caps=-all",
        ]);
        command
            .arg("--bounding-set=-all")
            .arg(&copy)
            .args(["prove", only])
            .current_dir("/");
        command
    };
    let (report, code) = report(&mut nobody("65536"));
    assert_eq!(code, Some(0), "{report:#}");
    for cell in cells(&report, "channel", "swap") {
        assert!(
            cell["skipped"]
                .as_str()
                .is_some_and(|why| why.contains("needs root")),
            "{cell}"
        );
    }
    for channel in ["fork", "residue"] {
        assert!(cells(&report, "channel", channel).all(|cell| cell["outcome"] != "skipped"));
    }
    let (text, _, code) = output(nobody("65536").arg("--require-all"));
    assert_eq!(code, Some(1), "a skip fails with --require-all: {text}");
    assert!(
        text.contains("FAILED") && text.contains("needs root"),
        "{text}"
    );
    let (text, _, code) = output(&mut nobody("0"));
    assert_eq!(code, Some(1), "nothing of stayput's could be had: {text}");
    assert!(
        text.contains("RLIMIT_MEMLOCK") && text.contains("Remedy"),
        "{text}"
    );
}

#[test]
fn rows_and_channels_can_be_chosen_and_controls_stay() {
    let mut command = prove();
    command.args(["--only", "fork,residue", "--rows", "secret-mem"]);
    let (report, code) = report(&mut command);
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!(ids(&report["channels"], "id"), ["fork", "residue"]);
    let storages = ids(&report["storages"], "id");
    assert!(storages.contains(&"heap") && storages.contains(&"secret-mem"));
    assert!(!storages.contains(&"secret"));
}

fn ids<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    let list = list.as_array().expect("a list").iter();
    list.map(|entry| entry[field].as_str().expect("a name"))
        .collect()
}

#[test]
fn text_names_limits_and_evidence() {
    let mut command = prove();
    command.args(["--only", "fork", "--verbose"]);
    let (text, errors, code) = output(&mut command);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{text}");
    for part in [
        "two raw locks on one page",
        "Documented limits",
        "the child has an unlocked copy [region::lock]",
        "zero_bytes=",
        "errors=[\"EFAULT\"]",
        "PASSED: 1 of 1 channels ran",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(
        !text.contains('\u{1b}'),
        "no escapes where there is no terminal"
    );
}

#[test]
fn a_terminal_gets_colours_and_a_bar_unless_refused() {
    let program = assert_cmd::cargo::cargo_bin("stayput");
    let on_terminal = |redirect: &str, no_color: &str| {
        let line = format!("{} prove --only fork {redirect}", program.display());
        let mut command = Command::new("script");
        command
            .args(["-qec", &line, "/dev/null"])
            .env("NO_COLOR", no_color)
            .env("TERM", "xterm");
        output(&mut command).0
    };
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("SKIPPED a_terminal_gets_colours_and_a_bar_unless_refused: no script(1)");
        return;
    }
    assert!(
        on_terminal("2>/dev/null", "").contains("\u{1b}[38;5;"),
        "coloured"
    );
    assert!(
        !on_terminal("2>/dev/null", "1").contains('\u{1b}'),
        "refused"
    );
    assert!(
        on_terminal(">/dev/null", "").contains("a fork child"),
        "a bar"
    );
}

fn assert_has_published_form(report: &Value) {
    let schema = include_str!("../../../docs/schema/prove.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<_> = validator.iter_errors(report).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!validator.is_valid(&serde_json::json!({ "schema": 1 })));
}
