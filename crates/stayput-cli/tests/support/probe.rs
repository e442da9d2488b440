//! The C program with known memory, compiled once for each test.

#![allow(dead_code, reason = "each test file uses what it needs")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use tempfile::TempDir;

/// The compiled program, in a directory of its own that every user may enter.
pub(crate) struct Probe {
    pub(crate) dir: TempDir,
    pub(crate) path: PathBuf,
}

impl Probe {
    /// Compiles it under this name with these options; without a C compiler says
    /// that `test` is skipped.
    pub(crate) fn compile(test: &str, name: &str, options: &[&str]) -> Option<Self> {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/programs/probe.c");
        let dir = tempfile::tempdir().expect("a directory");
        crate::run::open_to_everybody(dir.path());
        let path = dir.path().join(name);
        let mut compiler = Command::new("cc");
        compiler.args(["-O1", "-Wall", "-Werror", "-pthread", "-o"]);
        match compiler.arg(&path).arg(source).args(options).output() {
            Err(error) => {
                eprintln!("SKIPPED {test}: no C compiler: {error}");
                None
            }
            Ok(output) => {
                let errors = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{errors}");
                Some(Self { dir, path })
            }
        }
    }

    pub(crate) fn start(&self, words: &[&str]) -> Running {
        Running::start(Command::new(&self.path).args(words))
    }
}

/// A process that has said that it is ready, and ends when this is dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// What it said.
    pub(crate) line: String,
    stdin: Option<ChildStdin>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().expect("it runs");
        let mut line = String::new();
        let output = child.stdout.take().expect("piped");
        BufReader::new(output).read_line(&mut line).expect("a line");
        assert!(!line.is_empty(), "it ended before it was ready");
        Self {
            stdin: child.stdin.take(),
            child,
            line: line.trim_end().to_owned(),
        }
    }

    /// Waits for its end, without ending its input.
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.child.wait().expect("our child")
    }

    pub(crate) fn id(&self) -> String {
        self.child.id().to_string()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.child.wait().expect("our child");
    }
}
