//! Limits, rights, and locks that are tried.

use crate::run::is_root;
use crate::{check, doctor, doctor_limited, doctor_under, seccomp, verdict};
use std::io::{Read, Write};
use std::process::{Command, Stdio};

#[test]
fn what_does_not_fit_fails_with_the_numbers_and_the_remedy() {
    if !is_root("what_does_not_fit_fails_with_the_numbers_and_the_remedy") {
        return;
    }
    let report = doctor_limited("65536:65536", &["--require", "1MiB"]);
    for id in ["memlock-limit", "lock"] {
        assert_eq!(verdict(&report, id), "fail", "{report:#}");
        let remedy = check(&report, id)["remedy"]["text"]
            .as_str()
            .expect("words");
        assert!(
            remedy.contains("1048576") || remedy.contains("1024"),
            "{remedy}"
        );
    }
    assert_eq!(verdict(&report, "ipc-lock-capability"), "warn");
    assert_eq!(check(&report, "lock")["evidence"]["errno"], 12, "ENOMEM");
    assert_eq!(report["subject"]["soft_limit"], 65536);
    assert_eq!(report["subject"]["capability"], "absent");
}

/// The limit is met exactly, and missed by a page.
#[test]
fn the_lock_is_tried_for_real() {
    if !is_root("the_lock_is_tried_for_real") {
        return;
    }
    let report = doctor_limited("65536:65536", &["--require", "64KiB", "--fail-on", "warn"]);
    let lock = check(&report, "lock");
    assert_eq!(
        (&lock["verdict"], &lock["evidence"]["locked"]),
        (&"pass".into(), &65536.into())
    );
    let report = doctor_limited("65536:65536", &["--require", "65537"]);
    assert_eq!(verdict(&report, "lock"), "fail", "{report:#}");
    assert_eq!(verdict(&report, "memlock-limit"), "fail", "{report:#}");
}

#[test]
fn a_raised_soft_limit_is_a_warning() {
    if !is_root("a_raised_soft_limit_is_a_warning") {
        return;
    }
    let report = doctor_limited("4096:1048576", &["--require", "128KiB"]);
    assert_eq!(report["summary"]["passed"], true, "{report:#}");
    for id in ["memlock-limit", "lock"] {
        assert_eq!(verdict(&report, id), "warn", "{report:#}");
    }
    assert_eq!(check(&report, "lock")["evidence"]["raised_to"], 1_048_576);
    let subject = &report["subject"];
    let limits = (&subject["soft_limit"], &subject["hard_limit"]);
    assert_eq!(limits, (&4096.into(), &1_048_576.into()));
    let strict = ["--require", "128KiB", "--fail-on", "warn"];
    assert_eq!(
        doctor_limited("4096:1048576", &strict)["summary"]["passed"],
        false
    );
}

#[test]
fn nothing_lockable_fails_without_being_asked() {
    if !is_root("nothing_lockable_fails_without_being_asked") {
        return;
    }
    let report = doctor_limited("0:0", &[]);
    assert_eq!(verdict(&report, "memlock-limit"), "fail", "{report:#}");
    assert_eq!(
        verdict(&report, "memfd-secret"),
        "skip",
        "the limit refuses it"
    );
}

#[test]
fn the_capability_lifts_the_limit_but_not_in_a_user_namespace() {
    let test = "the_capability_lifts_the_limit_but_not_in_a_user_namespace";
    if !is_root(test) {
        return;
    }
    let under = ["prlimit", "--memlock=4096:4096"];
    let report = doctor_under(&under, &["--require", "1MiB"]);
    if report["subject"]["capability"] != "effective" {
        eprintln!("SKIPPED {test}: needs CAP_IPC_LOCK");
        return;
    }
    assert_eq!(verdict(&report, "lock"), "pass", "{report:#}");
    let under = ["prlimit", "--memlock=4096:4096", "unshare", "-U", "-r"];
    let report = doctor_under(&under, &["--require", "1MiB"]);
    assert_eq!(report["subject"]["capability"], "without-effect");
    for (id, expected) in [
        ("lock", "fail"),
        ("user-namespace", "warn"),
        ("ipc-lock-capability", "warn"),
    ] {
        assert_eq!(verdict(&report, id), expected, "{id}: {report:#}");
    }
    let remedy = &check(&report, "lock")["remedy"];
    assert!(
        remedy["advice"]
            .as_str()
            .is_some_and(|it| it.contains("initial user namespace"))
    );
}

/// A process that waits until its input ends.
fn with_waiting<T>(before: &[&str], look: impl FnOnce(u32) -> T) -> T {
    let mut command = Command::new(before[0]);
    command.args(&before[1..]).arg("cat");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("util-linux");
    child
        .stdin
        .as_mut()
        .expect("piped")
        .write_all(b"x")
        .expect("open");
    // Its answer: the limits are set by now.
    let mut answer = [0];
    child
        .stdout
        .as_mut()
        .expect("piped")
        .read_exact(&mut answer)
        .expect("an echo");
    let seen = look(child.id());
    drop(child.stdin.take());
    child.wait().expect("it ends with its input");
    seen
}

#[test]
fn another_process_is_looked_at_from_outside() {
    let report = with_waiting(&["prlimit", "--memlock=4096:4096"], |pid| {
        doctor(&["--pid", &pid.to_string(), "--require", "1MiB"])
    });
    assert_eq!(report["subject"]["soft_limit"], 4096, "{report:#}");
    for id in ["lock", "memfd-secret"] {
        assert_eq!(verdict(&report, id), "skip", "{report:#}");
    }
    let expected = match report["subject"]["capability"].as_str() {
        Some("effective") => "pass",
        _ => "fail",
    };
    assert_eq!(verdict(&report, "memlock-limit"), expected, "{report:#}");
}

/// The filter is the spawning thread's, and so its child's.
#[test]
fn what_a_filter_refuses_is_named() {
    let test = "what_a_filter_refuses_is_named";
    if !is_root(test) {
        return;
    }
    let refused = |calls: &'static [libc::c_long]| {
        let doctor = move || {
            for call in calls {
                seccomp::refuse(*call, libc::EPERM);
            }
            doctor(&[])
        };
        let report = std::thread::spawn(doctor).join().expect("no panic");
        let seccomp = check(&report, "seccomp");
        assert_eq!(seccomp["evidence"]["filter"], true, "{seccomp:#}");
        (
            seccomp["verdict"].to_string(),
            seccomp["finding"].to_string(),
        )
    };
    let (verdict, finding) = refused(&[libc::SYS_mlock, libc::SYS_mlockall]);
    assert_eq!(verdict, "\"fail\"", "{finding}");
    assert!(finding.contains("refuses mlock, mlockall"), "{finding}");
    let (verdict, finding) = refused(&[libc::SYS_memfd_secret]);
    assert_eq!(verdict, "\"warn\"", "{finding}");
    let (verdict, finding) = refused(&[libc::SYS_swapon]);
    assert_eq!(verdict, "\"pass\"", "{finding}");
}

/// More than any machine has is refused, not tried, and overflows nothing.
#[test]
fn absurd_sizes_are_refused_by_arithmetic() {
    let report = doctor(&["--require", "18446744073709551615"]);
    let lock = check(&report, "lock");
    assert_eq!(lock["verdict"], "fail", "{lock:#}");
    let finding = lock["finding"].as_str().expect("words");
    assert!(finding.starts_with("not tried"), "{finding}");
}
