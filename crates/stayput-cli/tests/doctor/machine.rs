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
