//! What passes through: environment, exit codes, signals, limits, a capability.

use crate::probe::{Probe, Running};
use crate::run::output;
use crate::{
    Installed, child, give_ipc_lock, installed, library, may_lock, stayput_run, unprivileged,
};
use assert_cmd::cargo::cargo_bin;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

#[test]
fn the_library_takes_itself_out_of_the_environment() {
    let test = "the_library_takes_itself_out_of_the_environment";
    let Some(probe) = Probe::compile(test, "probe", &[]) else {
        return;
    };
    let path = probe.path.to_str().expect("UTF-8");
    let words = ["--no-dump", "--", path, "environment"];
    let override_seen = format!("main: STAYPUT_PRELOAD={}\n", library().display());
    assert_eq!(output(&mut stayput_run(&words)).0, override_seen);
    let mut other = stayput_run(&words);
    other.env("LD_PRELOAD", "/lib/x86_64-linux-gnu/libm.so.6");
    let (seen, ..) = output(&mut other);
    let rest = "LD_PRELOAD=/lib/x86_64-linux-gnu/libm.so.6\n";
    for line in [&format!("main: {rest}"), &format!("child: {rest}")] {
        assert!(seen.contains(line), "no {line:?} in {seen}");
    }
    assert!(!seen.contains("STAYPUT_RUN"), "{seen}");
    assert_eq!(
        seen.matches("libstayput").count(),
        1,
        "STAYPUT_PRELOAD alone: {seen}"
    );
    let following = ["--no-dump", "--children", "--", path, "environment"];
    let (seen, ..) = output(&mut stayput_run(&following));
    assert!(
        seen.contains("child: STAYPUT_RUN=no-dump,children\n"),
        "{seen}"
    );
    assert!(seen.contains("libstayput_capi.so\n"), "{seen}");
}

#[test]
fn exit_codes_and_signals_pass_through() {
    for options in [&["--no-dump", "--"][..], &["--"]] {
        let run = |line: &str| {
            let words: Vec<_> = options.iter().copied().chain(["sh", "-c", line]).collect();
            let mut shell = Command::new("sh");
            // A shell's view: it gives 128 + N for a program that a signal ended.
            shell
                .args(["-c", "\"$@\"; exit $?", "sh"])
                .arg(cargo_bin("stayput"));
            output(
                shell
                    .env("STAYPUT_PRELOAD", library())
                    .arg("run")
                    .args(words),
            )
            .2
        };
        assert_eq!(run("exit 7"), Some(7));
        assert_eq!(run("kill -USR1 $$"), Some(128 + libc::SIGUSR1));
        assert_eq!(run("kill -KILL $$"), Some(128 + libc::SIGKILL));
    }
    let trap = "trap 'exit 9' TERM; echo ready; read unused; while :; do sleep 0.1; done";
    let mut running = Running::start(&mut stayput_run(&["--no-dump", "--", "sh", "-c", trap]));
    let id = libc::pid_t::try_from(running.child.id()).expect("a process number");
    // SAFETY: our own child, which was not waited for.
    assert_eq!(unsafe { libc::kill(id, libc::SIGTERM) }, 0);
    assert_eq!(
        running.end().code(),
        Some(9),
        "the program has got the signal"
    );
}

#[test]
fn a_terminals_keys_reach_the_program_once() {
    let test = "a_terminals_keys_reach_the_program_once";
    if Command::new("script").arg("--version").output().is_err() {
        eprintln!("SKIPPED {test}: no script(1)");
        return;
    }
    let program = "trap 'echo caught; seen=1' INT; echo ready; \
                   until [ \"$seen\" ]; do sleep 0.1; done; sleep 0.2; echo over; exit 5";
    // A shell in between would be interrupted as well, and end by that.
    let line = format!(
        "exec {} run --no-dump -- sh -c \"$PROGRAM\"",
        cargo_bin("stayput").display()
    );
    // A shell can't trap what is ignored when it starts, as a script's shell has it for
    // what it starts in the background.
    let mut terminal = Command::new("env")
        .args(["--default-signal=INT,QUIT", "script"])
        .args(["-qec", &line, "/dev/null"])
        .env("PROGRAM", program)
        .env("STAYPUT_PRELOAD", library())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut lines = BufReader::new(terminal.stdout.take().expect("piped")).lines();
    let ready = lines.by_ref().map(|line| line.expect("text"));
    assert!(ready.into_iter().any(|line| line.contains("ready")));
    let keys = terminal.stdin.as_mut().expect("piped");
    keys.write_all(b"\x03").expect("a terminal");
    let rest: Vec<_> = lines.map(|line| line.expect("text")).collect();
    let rest = rest.join("\n");
    assert_eq!(rest.matches("caught").count(), 1, "{rest}");
    assert!(rest.contains("over"), "{rest}");
    assert_eq!(terminal.wait().expect("our child").code(), Some(5));
}

#[test]
fn the_program_ends_with_run() {
    let mut running = Running::start(&mut stayput_run(&[
        "--no-dump",
        "--",
        "sh",
        "-c",
        "echo; read x",
    ]));
    let program = child(running.child.id());
    running.child.kill().expect("our child");
    running.child.wait().expect("our child");
    while fs::read_to_string(format!("/proc/{program}/stat"))
        .is_ok_and(|stat| !stat.contains(") Z"))
    {
        std::thread::yield_now();
    }
}

#[test]
fn the_capability_is_passed_on() {
    let test = "the_capability_is_passed_on";
    if !may_lock(test) {
        return;
    }
    let ours = installed();
    let read = ["--", "grep", "-E", "^Cap(Amb|Eff)", "/proc/self/status"];
    let run = |ours: &Installed, words: &[&str]| {
        let mut command = unprivileged("65536:65536", &ours.program, words);
        // Capabilities of a file are bounded too.
        command = {
            let mut again = Command::new("prlimit");
            let words: Vec<_> = command
                .get_args()
                .filter(|word| *word != "--bounding-set=-all")
                .collect();
            again.args(words).current_dir("/");
            again
        };
        output(&mut command)
    };
    let (before, ..) = run(&ours, &read);
    assert_eq!(before.matches("0000000000000000").count(), 2, "{before}");
    let locked = ["--lock-all", "--", "grep", "VmLck", "/proc/self/status"];
    assert_eq!(run(&ours, &locked).2, Some(125), "the limit is too small");
    if !give_ipc_lock(test, &ours.program) {
        return;
    }
    let (after, ..) = run(&ours, &read);
    assert_eq!(after.matches("0000000000004000").count(), 2, "{after}");
    let (stdout, stderr, code) = run(&ours, &locked);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(!stdout.contains(" 0 kB"), "{stdout}");
}

#[test]
fn limits_are_set_and_thread_stacks_minded() {
    let test = "limits_are_set_and_thread_stacks_minded";
    if !may_lock(test) {
        return;
    }
    let ours = installed();
    let soft_and_hard = [
        "--",
        "sh",
        "-c",
        "ulimit -Sl; ulimit -Hl; ulimit -Sc; ulimit -Hc",
    ];
    let run = |words: &[&str]| {
        let words: Vec<_> = words.iter().chain(&soft_and_hard).copied().collect();
        let (stdout, ..) = output(&mut unprivileged("65536:8388608", &ours.program, &words));
        stdout
            .split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(run(&[])[..2], ["8192", "8192"], "the soft limit is raised");
    assert_eq!(run(&["--limit=1MiB"])[..2], ["1024", "8192"]);
    assert_eq!(run(&["--no-core"])[2..], ["0", "0"]);
    let words = ["--lock-all", "--verbose", "--", "true"];
    let (_, stderr, code) = output(&mut unprivileged("65536:8388608", &ours.program, &words));
    assert_eq!(code, Some(0), "{stderr}");
    for part in [
        "thread stacks won't fit",
        "RLIMIT_STACK",
        "locked\n",
        "no CAP_IPC_LOCK to pass on",
    ] {
        assert!(stderr.contains(part), "no {part:?} in {stderr}");
    }
}
