//! Starting programs: what they inherit, and what becomes of their signals.
//!
//! Not on Windows: exec, ambient capabilities and signals.
#![cfg(all(target_os = "linux", not(stayput_backend = "unsupported")))]

#[path = "observe/own_process.rs"]
mod own_process;

use own_process::own_process;
use stayput_sys::launch::{self, Pipe, Sender, Signals};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn the_pipe_is_inherited_by_the_child_alone() {
    own_process("the_pipe_is_inherited_by_the_child_alone", || {
        let signals = Signals::hold().expect("held");
        let pipe = Pipe::new().expect("a pipe");
        let number = pipe.number().expect("a number");
        let other = Command::new("sh")
            .args(["-c", &format!("echo >&{number}")])
            .output();
        assert!(
            !other.expect("a shell").status.success(),
            "not inherited by others"
        );
        let mut command = Command::new("sh");
        command.args(["-c", &format!("echo told >&{number}; exit 3")]);
        let (mut child, mut answers) = signals.spawn(&mut command, pipe).expect("started");
        let mut said = String::new();
        answers.read_to_string(&mut said).expect("a pipe");
        assert_eq!(said, "told\n");
        // Not by its signal: the harness's other thread holds none back, and one
        // that comes there is ignored. `stayput run` has one thread; its tests see it.
        assert_eq!(child.wait().expect("our child").code(), Some(3));
    });
}

#[test]
fn a_pipe_closes_with_the_last_who_may_write_to_it() {
    own_process("a_pipe_closes_with_the_last_who_may_write_to_it", || {
        let signals = Signals::hold().expect("held");
        let mut command = Command::new("cat");
        command.stdin(Stdio::piped());
        let pipe = Pipe::new().expect("a pipe");
        let (mut child, answers) = signals.spawn(&mut command, pipe).expect("started");
        let closes = |patience| launch::closes(&answers, patience).expect("a pipe");
        assert!(!closes(Duration::from_millis(50)), "it waits for its input");
        drop(child.stdin.take());
        assert!(closes(Duration::from_secs(60)));
        child.wait().expect("our child");
        assert!(closes(Duration::ZERO));
    });
}

#[test]
fn signals_are_held_here_and_not_in_the_child() {
    own_process("signals_are_held_here_and_not_in_the_child", || {
        let signals = Signals::hold().expect("held");
        let mut command = Command::new("sh");
        command.args(["-c", "grep SigBlk /proc/self/status; read never <&0"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let pipe = Pipe::new().expect("a pipe");
        let (mut child, _answers) = signals.spawn(&mut command, pipe).expect("started");
        // To this thread: the harness has others, which hold nothing back.
        // SAFETY: has no preconditions.
        assert_eq!(unsafe { libc::raise(libc::SIGTERM) }, 0);
        let term = Signals::wait().expect("held");
        assert_eq!((term.number, term.sender), (libc::SIGTERM, Sender::Process));
        let mut mask = [0; 25];
        let output = child.stdout.as_mut().expect("piped");
        output.read_exact(&mut mask).expect("a line");
        assert_eq!(&mask, b"SigBlk:\t0000000000000000\n");
        launch::send(&child, term).expect("our child");
        let status = child.wait().expect("our child");
        assert_eq!(
            (status.code(), launch::ended_by(status)),
            (None, Some(libc::SIGTERM))
        );
    });
}

#[test]
fn privileged_files_are_told_from_ordinary_ones() {
    let shell = Path::new("/bin/sh");
    assert_eq!(launch::starts_secure(shell).expect("it exists"), None);
    launch::starts_secure(Path::new("/nonexistent")).expect_err("no such file");
}
