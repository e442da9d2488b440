//! What carries memory away: swap and core dumps.

use crate::run::is_root;
use crate::{check, doctor_under};
use serde_json::Value;

/// Files that tell are replaced in a mount namespace of the test's own.
fn doctor_after(preparation: &str) -> Value {
    let dir = tempfile::tempdir().expect("a directory");
    let line = format!(
        "cd {} && {preparation} && exec \"$@\"",
        dir.path().display()
    );
    doctor_under(&["unshare", "--mount", "sh", "-c", &line, "sh"], &[])
}

#[test]
fn unencrypted_swap_and_piped_dumps_are_warnings() {
    if !is_root("unencrypted_swap_and_piped_dumps_are_warnings") {
        return;
    }
    let report = doctor_after(
        "printf 'Filename Type Size Used Priority\\n/dev/sda2 partition 1024 8 -2\\n' >swaps && \
         echo '|/usr/lib/systemd/systemd-coredump %P' >pattern && \
         mount --bind swaps /proc/swaps && mount --bind pattern /proc/sys/kernel/core_pattern",
    );
    let swap = check(&report, "swap-devices");
    assert_eq!(swap["verdict"], "warn", "{swap:#}");
    assert_eq!(swap["evidence"]["areas"][0]["name"], "/dev/sda2");
    assert_eq!(swap["evidence"]["areas"][0]["used"], 8192);
    let core = check(&report, "core-pattern");
    assert_eq!(core["verdict"], "warn", "{core:#}");
    assert!(
        core["finding"]
            .as_str()
            .is_some_and(|it| it.contains("program"))
    );
}

/// Linux 6.16: `@` sends dumps to a socket, and sets the limit aside as a pipe does.
#[test]
fn dumps_that_go_to_a_socket_are_a_warning_and_dumps_that_go_nowhere_are_none() {
    let test = "dumps_that_go_to_a_socket_are_a_warning_and_dumps_that_go_nowhere_are_none";
    if !is_root(test) {
        return;
    }
    let mount = "mount --bind pattern /proc/sys/kernel/core_pattern && ulimit -c 0";
    let report = doctor_after(&format!("echo '@/run/coredump.socket' >pattern && {mount}"));
    let core = check(&report, "core-pattern");
    assert_eq!(core["verdict"], "warn", "{core:#}");
    assert!(
        core["finding"]
            .as_str()
            .is_some_and(|it| it.contains("socket"))
    );
    let nowhere = "echo >pattern && echo 0 >uses_pid && \
        mount --bind pattern /proc/sys/kernel/core_pattern && \
        mount --bind uses_pid /proc/sys/kernel/core_uses_pid && \
        { ulimit -S -c 1 || true; }";
    let report = doctor_after(nowhere);
    let core = check(&report, "core-pattern");
    assert_eq!(core["verdict"], "pass", "{core:#}");
}

#[test]
fn zram_is_no_warning() {
    if !is_root("zram_is_no_warning") {
        return;
    }
    let report = doctor_after(
        "printf 'Filename Type Size Used Priority\\n/dev/zram0 partition 1024 8 100\\n' >swaps && \
         mount --bind swaps /proc/swaps",
    );
    let swap = check(&report, "swap-devices");
    assert_eq!(swap["evidence"]["areas"][0]["keeps"], "memory", "{swap:#}");
    assert_eq!(swap["verdict"], "pass", "{swap:#}");
}
