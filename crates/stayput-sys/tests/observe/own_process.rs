//! Tests that touch limits, count locked bytes or fork run in a process of their
//! own: the test binary again, with this one test.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::env;
use std::io;
use std::process::{Command, Output};

const MARK: &str = "STAYPUT_TEST_IN_OWN_PROCESS";

/// Runs `body` in a new process. `test` is the calling test's name.
pub(crate) fn own_process(test: &str, body: impl FnOnce()) {
    if env::var(MARK).is_ok_and(|running| running == test) {
        return body();
    }
    let Some(output) = run_again(test) else {
        return;
    };
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    eprint!("{err}");
    assert!(
        output.status.success() && out.contains("1 passed"),
        "{test} failed in its own process: {}\n{out}",
        output.status
    );
}

/// Says that a test did not run, and why.
pub(crate) fn skip(test: &str, why: impl std::fmt::Display) {
    eprintln!("SKIPPED {test}: {why}");
}

fn run_again(test: &str) -> Option<Output> {
    let exe = env::current_exe().expect("the test binary has a path");
    let answer = command(&exe)
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(MARK, test)
        .output();
    match answer {
        Ok(output) => Some(output),
        // ENOEXEC: an emulator runs us, and the kernel doesn't know to ask it.
        Err(error) if error.raw_os_error() == Some(8) && cfg!(unix) => {
            skip(test, "this binary can't be started here but by its runner");
            None
        }
        Err(error) => panic!("{test} did not start: {error}"),
    }
}

/// `program` by cargo's runner for this target, if the environment names one and
/// the system could not start it otherwise.
pub(crate) fn command(program: &std::path::Path) -> Command {
    let target = env::consts::ARCH.to_uppercase();
    let runner = env::var(format!("CARGO_TARGET_{target}_UNKNOWN_LINUX_GNU_RUNNER"));
    let Some(runner) = runner.ok().filter(|_| cfg!(unix)) else {
        return Command::new(program);
    };
    let mut words = runner.split_whitespace();
    let mut command = Command::new(words.next().expect("a runner is not blank"));
    command.args(words).arg(program);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The raw error number of a refused call.
pub(crate) fn errno(answer: io::Result<()>) -> Option<i32> {
    answer
        .expect_err("the call was to be refused")
        .raw_os_error()
}
