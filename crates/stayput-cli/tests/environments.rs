//! Machines that lack something: `stayput prove` skips what it can't do, by name.
//!
//! The files that tell are replaced by bind mounts in a mount namespace of the
//! test's own; the machine's stay as they are.

#[path = "support/run.rs"]
mod run;

use assert_cmd::cargo::cargo_bin;
use run::{alone, cells, is_root, library, report};
use serde_json::Value;
use std::process::Command;

/// Runs `prove` after `preparation`, a line of shell, in a mount namespace.
fn prove_after(preparation: &str, args: &str) -> (Value, Option<i32>) {
    let dir = tempfile::tempdir().expect("a directory");
    let line = format!("{preparation} && exec \"$0\" prove {args} --format json");
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "sh", "-c", &line])
        .arg(cargo_bin("stayput"))
        .env("STAYPUT_PRELOAD", library());
    report(command.current_dir(dir.path()))
}

fn assert_skipped(report: &Value, channel: &str, why: &str) {
    for cell in cells(report, "channel", channel) {
        assert_eq!(cell["outcome"], "skipped", "{cell}");
        assert!(
            cell["skipped"]
                .as_str()
                .is_some_and(|said| said.contains(why)),
            "{cell}"
        );
    }
}

#[test]
fn a_piped_core_pattern_is_not_changed() {
    if !is_root("a_piped_core_pattern_is_not_changed") {
        return;
    }
    let preparation = "echo '|/bin/dump %p' >pattern && \
        mount --bind pattern /proc/sys/kernel/core_pattern";
    let (report, code) = prove_after(preparation, "--only core,fork");
    assert_eq!(code, Some(0), "fork ran: {report:#}");
    assert_skipped(
        &report,
        "core",
        "core_pattern (|/bin/dump %p) sends core dumps to a program",
    );
}

#[test]
fn no_core_files_with_a_hard_limit_of_zero() {
    let mut command = Command::new("prlimit");
    command
        .args(["--core=0:0"])
        .arg(cargo_bin("stayput"))
        .args(["prove", "--only", "core,fork"]);
    let (report, code) = report(&mut command);
    assert_eq!(code, Some(0), "fork ran: {report:#}");
    assert_skipped(&report, "core", "RLIMIT_CORE is 0");
}

#[test]
fn zswap_keeps_pages_from_the_disk() {
    let test = "zswap_keeps_pages_from_the_disk";
    if !is_root(test) {
        return;
    }
    let zswap = "/sys/module/zswap/parameters/enabled";
    if !std::path::Path::new(zswap).exists() {
        eprintln!("SKIPPED {test}: this kernel has no zswap");
        return;
    }
    let preparation = format!("echo Y >on && mount --bind on {zswap}");
    let (report, code) = prove_after(&preparation, "--only swap");
    assert_eq!(code, Some(1), "no channel ran: {report:#}");
    assert_skipped(&report, "swap", "zswap is on");
}

#[test]
fn memory_backed_files_hold_no_swap() {
    if !is_root("memory_backed_files_hold_no_swap") {
        return;
    }
    let preparation = "mkdir memory && mount -t tmpfs none memory";
    let (report, code) = prove_after(preparation, "--only swap --dir memory");
    assert_eq!(code, Some(1), "no channel ran: {report:#}");
    assert_skipped(&report, "swap", "(tmpfs) can't hold swap");
}

#[test]
fn without_a_control_group_the_victims_page_themselves_out() {
    let _alone = alone();
    if !is_root("without_a_control_group_the_victims_page_themselves_out") {
        return;
    }
    let preparation = "for m in $(awk '$3 ~ /^cgroup/ {print $2}' /proc/self/mounts); do \
        umount $m || exit 9; done";
    let (report, code) = prove_after(preparation, "--only swap");
    assert_eq!(code, Some(0), "{report:#}");
    for cell in cells(&report, "channel", "swap") {
        assert_eq!(
            cell["evidence"]["reclaimed_by"], "madvise(MADV_PAGEOUT)",
            "{cell}"
        );
    }
    assert!(cells(&report, "outcome", "leaked").count() > 3);
}

#[test]
fn no_debugger_no_gcore() {
    let mut command = Command::new(cargo_bin("stayput"));
    command
        .args(["prove", "--only", "gcore,gcore-all,fork"])
        .env("PATH", "/nonexistent");
    let (report, code) = report(&mut command);
    assert_eq!(code, Some(0), "fork ran: {report:#}");
    for channel in ["gcore", "gcore-all"] {
        assert_skipped(&report, channel, "gdb");
    }
}
