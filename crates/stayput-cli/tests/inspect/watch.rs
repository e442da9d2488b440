//! The live view, on a terminal that script(1) makes.

use crate::probe::{Probe, Running};
use std::fs;
use std::io::{Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

const OTHER_SCREEN: &str = "\u{1b}[?1049h";
const FIRST_SCREEN: &str = "\u{1b}[?1049l";
const SHOW_CURSOR: &str = "\u{1b}[?25h";
/// Begins each drawing.
const DRAWING: &str = "\u{1b}[?2026h";

/// `stayput inspect PID --watch 0.1` and all that it has drawn.
struct View {
    terminal: Child,
    output: ChildStdout,
    drawn: String,
}

impl View {
    /// Draws twice at least: it is live. `None` without script(1), said so.
    fn open(test: &str, process: &Running) -> Option<Self> {
        let program = assert_cmd::cargo::cargo_bin("stayput");
        let line = format!(
            "stty rows 40 columns 120; exec {} inspect {} --watch 0.1 --sort size",
            program.display(),
            process.id()
        );
        let mut command = Command::new("script");
        command
            .args(["-qec", &line, "/dev/null"])
            .env("TERM", "xterm");
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut terminal) = piped.spawn() else {
            eprintln!("SKIPPED {test}: no script(1)");
            return None;
        };
        let output = terminal.stdout.take().expect("piped");
        let mut view = Self {
            terminal,
            output,
            drawn: String::new(),
        };
        while view.drawn.matches(DRAWING).count() < 3 {
            assert!(view.read(), "ended after {}", view.drawn);
        }
        Some(view)
    }

    fn read(&mut self) -> bool {
        let mut bytes = [0; 4096];
        let count = self.output.read(&mut bytes).expect("a terminal");
        self.drawn += &String::from_utf8_lossy(&bytes[..count]);
        count > 0
    }

    /// Reads to the end; the exit code, after the terminal was seen to be restored.
    fn end(mut self) -> Option<i32> {
        while self.read() {}
        let code = self.terminal.wait().expect("our child").code();
        let entered = self
            .drawn
            .find(OTHER_SCREEN)
            .expect("it uses the other screen");
        let left = self.drawn.rfind(FIRST_SCREEN).expect("it goes back");
        let shown = self
            .drawn
            .rfind(SHOW_CURSOR)
            .expect("the cursor is shown again");
        assert!(entered < left && entered < shown);
        assert!(
            self.drawn.rfind(DRAWING) < Some(left),
            "nothing is drawn after that"
        );
        code
    }
}

/// The process of this name below another.
fn below(id: u32, name: &str) -> Option<u32> {
    let own = fs::read_to_string(format!("/proc/{id}/comm")).ok()?;
    if own.trim_end() == name {
        return Some(id);
    }
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).ok()?;
    let mut children = children.split_whitespace().filter_map(|id| id.parse().ok());
    children.find_map(|child| below(child, name))
}

#[test]
fn it_redraws_until_a_key_ends_it() {
    let test = "it_redraws_until_a_key_ends_it";
    let Some(probe) = Probe::compile(test, "probe", &[]) else {
        return;
    };
    let process = probe.start(&["many", "1000"]);
    let Some(mut view) = View::open(test, &process) else {
        return;
    };
    for part in ["q ends", "RLIMIT_MEMLOCK", "libc.so.6", "more"] {
        assert!(view.drawn.contains(part), "no {part:?} in {}", view.drawn);
    }
    let keys = view.terminal.stdin.as_mut().expect("piped");
    keys.write_all(b"q").expect("a terminal");
    assert_eq!(view.end(), Some(0));
}

#[test]
fn a_signal_and_the_end_of_the_process_restore_the_terminal() {
    let test = "a_signal_and_the_end_of_the_process_restore_the_terminal";
    let Some(probe) = Probe::compile(test, "probe", &[]) else {
        return;
    };
    let process = probe.start(&["kinds"]);
    let Some(view) = View::open(test, &process) else {
        return;
    };
    let stayput = below(view.terminal.id(), "stayput").expect("it runs");
    let stayput = libc::pid_t::try_from(stayput).expect("a process number");
    // SAFETY: a process below our own child.
    assert_eq!(unsafe { libc::kill(stayput, libc::SIGTERM) }, 0);
    assert_eq!(view.end(), Some(0));

    let view = View::open(test, &process).expect("as before");
    drop(process);
    assert_eq!(view.end(), Some(2), "what it watched has ended");
}
