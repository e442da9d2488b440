//! Programs that are not run.

use crate::probe::Probe;
use crate::run::{copy_for_everybody, open_to_everybody, output};
use crate::{assert_refused, give_ipc_lock, installed, may_lock, stayput_run, unprivileged};
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn programs_that_load_no_library_are_refused() {
    let test = "programs_that_load_no_library_are_refused";
    let Some(fixed) = Probe::compile(test, "fixed", &["-static"]) else {
        return;
    };
    let path = fixed.path.to_str().expect("UTF-8");
    let parts = [
        "fixed is statically linked",
        "exec resets it",
        "dynamically linked",
    ];
    assert_refused(
        &mut stayput_run(&["--lock-all", "--", path, "exec"]),
        125,
        &parts,
    );
    assert_refused(
        &mut stayput_run(&["--no-dump", "--", path, "exec"]),
        125,
        &parts,
    );
    let (stdout, ..) = output(&mut stayput_run(&["--no-core", "--", path, "exec"]));
    assert_eq!(stdout, "exec unlocked\n", "what needs no library works");
    let Some(small) = Probe::compile(test, "small", &[]) else {
        return;
    };
    // Another machine's: the ELF header says AArch64.
    let mut bytes = fs::read(&small.path).expect("our own");
    bytes[18] = 183; // e_machine: EM_AARCH64
    fs::write(&small.path, bytes).expect("our own");
    let path = small.path.to_str().expect("UTF-8");
    let parts = ["Aarch64", "STAYPUT_PRELOAD"];
    assert_refused(&mut stayput_run(&["--lock-all", "--", path]), 125, &parts);
}

#[test]
fn programs_with_privileges_of_their_own_are_refused() {
    let test = "programs_with_privileges_of_their_own_are_refused";
    if !may_lock(test) {
        return;
    }
    let ours = installed();
    let program = ours.dir.path().join("true");
    let copied = Command::new("cp").arg("/bin/true").arg(&program).status();
    assert!(copied.expect("coreutils").success());
    let path = program.to_str().expect("UTF-8");
    let words = ["--lock-all", "--onfault", "--", path];
    let refused = |owner: &str, mode: &str, parts: &[&str]| {
        for (tool, change) in [("chown", owner), ("chmod", mode)] {
            let status = Command::new(tool).arg(change).arg(&program).status();
            assert!(status.expect("coreutils").success());
        }
        assert_refused(&mut stayput_run(&words), 125, parts);
    };
    refused("65534:65534", "4755", &["set-uid", "AT_SECURE"]);
    refused("0:65534", "2755", &["set-gid", "AT_SECURE"]);
    // Root becomes itself: nothing is gained, the loader loads as ever.
    let status = Command::new("chown").arg("0:0").arg(&program).status();
    assert!(status.expect("coreutils").success());
    open_to_everybody(&program);
    assert_eq!(output(&mut stayput_run(&words)).2, Some(0));
    if give_ipc_lock(test, &program) {
        let mut nobody = unprivileged("8388608:8388608", &ours.program, &words);
        assert_refused(&mut nobody, 125, &["file capabilities", "AT_SECURE"]);
        assert_eq!(
            output(&mut stayput_run(&words)).2,
            Some(0),
            "root gains nothing"
        );
    }
}

#[test]
fn silence_is_failure() {
    let silent = "/lib/x86_64-linux-gnu/libm.so.6";
    if !Path::new(silent).exists() {
        eprintln!("SKIPPED silence_is_failure: no {silent}");
        return;
    }
    let mut ends = stayput_run(&["--lock-all", "--", "true"]);
    assert_refused(
        ends.env("STAYPUT_PRELOAD", silent),
        125,
        &["ended", "was the library loaded"],
    );
    let mut stays = stayput_run(&["--lock-all", "--wait=0.3", "--", "sleep", "1000"]);
    assert_refused(stays.env("STAYPUT_PRELOAD", silent), 125, &["gave no sign"]);
}

/// Locking past a control group's limit is a kill, and no fault of the library's.
#[test]
fn a_program_that_is_killed_while_it_is_locked_was_not_without_its_library() {
    const LIBRARY: &str = r#"
        #include <signal.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        __attribute__((constructor)) static void begin(void) {
            const char *orders = getenv("STAYPUT_RUN");
            const char *number = orders ? strstr(orders, "fd=") : NULL;
            if (!number) return;
            dprintf(atoi(number + strlen("fd=")), "begun\n");
            raise(SIGKILL);
        }
    "#;
    let dir = tempfile::tempdir().expect("a directory");
    let (source, library) = (dir.path().join("begun.c"), dir.path().join("begun.so"));
    std::fs::write(&source, LIBRARY).expect("our own");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]);
    match compiler.arg(&library).arg(&source).status() {
        Err(error) => {
            let test = "a_program_that_is_killed_while_it_is_locked_was_not_without_its_library";
            eprintln!("SKIPPED {test}: no C compiler: {error}");
            return;
        }
        Ok(status) => assert!(status.success()),
    }
    let mut command = stayput_run(&["--lock-all", "--", "true"]);
    command.env("STAYPUT_PRELOAD", &library);
    let (_, stderr, code) = output(&mut command);
    assert_eq!(code, Some(125), "{stderr}");
    assert!(
        stderr.contains("memory ran out") && !stderr.contains("was the library loaded"),
        "{stderr}"
    );
}

/// A warning that nobody reads is no reason to end the program.
#[test]
fn a_reader_that_has_gone_ends_no_program() {
    let full = std::fs::File::options().write(true).open("/dev/full");
    let mut command = stayput_run(&["--lock-all", "--verbose", "--", "sh", "-c", "exit 7"]);
    command.stderr(full.expect("a device of Linux"));
    assert_eq!(command.status().expect("it runs").code(), Some(7));
}

#[test]
fn a_missing_library_is_explained() {
    let dir = tempfile::tempdir().expect("a directory");
    let copy = dir.path().join("stayput");
    copy_for_everybody(&copy);
    let mut command = Command::new(&copy);
    let parts = ["libstayput_capi.so", "cargo build", "STAYPUT_PRELOAD"];
    assert_refused(
        command.args(["run", "--lock-all", "--", "true"]),
        125,
        &parts,
    );
    let mut wrong = stayput_run(&["--lock-all", "--", "true"]);
    let parts = ["STAYPUT_PRELOAD=/nonexistent.so", "expected"];
    assert_refused(wrong.env("STAYPUT_PRELOAD", "/nonexistent.so"), 125, &parts);
    // Beside the program it is found, under the name that it is installed by.
    let ours = installed();
    let mut command = Command::new(&ours.program);
    assert_eq!(
        output(command.args(["run", "--no-dump", "--", "true"])).2,
        Some(0)
    );
}

#[test]
fn a_limit_that_is_too_small_keeps_the_program_from_running() {
    let test = "a_limit_that_is_too_small_keeps_the_program_from_running";
    if !may_lock(test) {
        return;
    }
    let ours = installed();
    let mut command = unprivileged(
        "65536:65536",
        &ours.program,
        &["--lock-all", "--", "echo", "ran"],
    );
    let parts = [
        "not run",
        "could not lock the process",
        "65536 bytes",
        "Remedy",
        "CAP_IPC_LOCK",
        "belongs on stayput",
    ];
    assert_refused(&mut command, 125, &parts);
    let words = ["--lock-all", "--limit=64MiB", "--", "echo", "ran"];
    let mut command = unprivileged("65536:65536", &ours.program, &words);
    assert_refused(
        &mut command,
        125,
        &["64.0 MiB", "hard limit of 64.0 KiB", "CAP_SYS_RESOURCE"],
    );
}

#[test]
fn wrong_arguments_are_explained() {
    let run = |words: &[&str]| stayput_run(words);
    assert_refused(&mut run(&[]), 2, &["<CMD>"]);
    assert_refused(&mut run(&["--onfault", "--", "true"]), 2, &["--lock-all"]);
    assert_refused(
        &mut run(&["--limit=many", "--", "true"]),
        2,
        &["64KiB", "unlimited"],
    );
    assert_refused(
        &mut run(&["--wait=soon", "--", "true"]),
        2,
        &["expected seconds"],
    );
    assert_refused(
        &mut run(&["--format=json", "--", "true"]),
        2,
        &["run has no form json", "one of text"],
    );
    assert_refused(
        &mut run(&["--children", "--", "true"]),
        2,
        &["--children", "--lock-all"],
    );
    for options in [&["--"][..], &["--lock-all", "--"]] {
        let with = |name| Vec::from_iter(options.iter().copied().chain([name]));
        assert_refused(&mut run(&with("nonesuch")), 127, &["nonesuch"]);
        assert_refused(&mut run(&with("/nonesuch/x")), 127, &["/nonesuch/x"]);
        assert_refused(&mut run(&with("/etc/passwd")), 126, &["/etc/passwd"]);
    }
}
