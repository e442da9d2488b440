//! Runs a case of a program in a process of its own.

use crate::compiler::{compile, succeed, workshop};
use std::env;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;

/// As `tests/c/check.h` has it.
const SKIPPED: i32 = 77;

/// A program in C with several cases.
pub(crate) struct Program {
    name: &'static str,
    path: OnceLock<PathBuf>,
}

impl Program {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self {
            name,
            path: OnceLock::new(),
        }
    }

    /// Compiled once.
    fn path(&self) -> &PathBuf {
        self.path.get_or_init(|| compile(self.name))
    }

    /// Expects the case to pass.
    pub(crate) fn passes(&self, case: &str) {
        let mut command = command_of(wrapper().chain([self.path().into(), case.into()]));
        self.check(case, &self.output(&mut command));
    }

    /// Expects the case to end by the signal, with words on standard error.
    pub(crate) fn ends(&self, case: &str, signal: i32, words: &str) {
        let without_core = ["prlimit".into(), "--core=0".into()];
        let case_of = [self.path().into(), case.into()];
        let mut command = command_of(without_core.into_iter().chain(wrapper()).chain(case_of));
        let output = self.output(&mut command);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(signal), "{case}: {stderr}");
        assert!(
            stderr.contains(words),
            "{case}: {words:?} is not in {stderr:?}"
        );
    }

    /// Expects the case to pass for user 65534, with these limits on locked memory,
    /// soft and hard; what it printed.
    pub(crate) fn passes_unprivileged(&self, case: &str, soft: u64, hard: u64) -> Option<String> {
        // SAFETY: geteuid has no preconditions.
        if unsafe { libc::geteuid() } != 0 {
            eprintln!(
                "SKIPPED {} {case}: needs root to drop privileges",
                self.name
            );
            return None;
        }
        // The build directory may be out of that user's reach. By `cp`: a file that
        // this process writes is busy while any of its forks lives.
        let scratch = tempfile::tempdir().expect("a directory");
        let copies = [self.path().clone(), workshop().join("libstayput.so.0")];
        succeed(
            Command::new("cp")
                .arg("-L")
                .args(copies)
                .arg(scratch.path()),
        );
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(scratch.path(), open).expect("one's own directory");
        let mut command = Command::new("prlimit");
        command
            .arg(format!("--memlock={soft}:{hard}"))
            .args([
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
            ])
            .args(["--inh-caps=-all", "--bounding-set=-all"])
            .args(wrapper())
            .current_dir(scratch.path())
            .arg(scratch.path().join(self.name))
            .arg(case);
        let output = self.output(&mut command);
        self.check(case, &output);
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn output(&self, command: &mut Command) -> Output {
        let output = command.output();
        output.unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    fn check(&self, case: &str, output: &Output) {
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.code() == Some(SKIPPED) {
            eprintln!("SKIPPED {} {case}: {}", self.name, stderr.trim());
            return;
        }
        assert!(
            output.status.success(),
            "{case} ({}): {stderr}",
            output.status
        );
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.ends_with(&format!("done: {case}\n")), "{printed}");
    }
}

/// A program to run each case under, with its arguments: valgrind, for one.
fn wrapper() -> impl Iterator<Item = OsString> {
    let wrapper = env::var("STAYPUT_CASES_UNDER").unwrap_or_default();
    let words: Vec<_> = wrapper.split_whitespace().map(OsString::from).collect();
    words.into_iter()
}

/// A command of its words.
fn command_of(mut words: impl Iterator<Item = OsString>) -> Command {
    let mut command = Command::new(words.next().expect("a program"));
    command.args(words);
    command
}
