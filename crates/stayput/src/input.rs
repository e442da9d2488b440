//! Where secrets are typed and piped in, with no buffer in between.

use stayput_sys::terminal;
use std::fs::File;
use std::io::{self, Read, Write};

/// Standard input, unbuffered.
pub(crate) fn standard_input() -> io::Result<File> {
    terminal::standard_input()
}

/// The terminal after `prompt` was shown on it, with echo off.
pub(crate) fn ask(prompt: &str) -> io::Result<Answer> {
    let mut terminal = terminal::QuietTerminal::open()?;
    terminal.write_all(prompt.as_bytes())?;
    Ok(Answer(terminal))
}

/// What is typed; its drop ends the line that the terminal did not show the end of.
pub(crate) struct Answer(terminal::QuietTerminal);

impl Read for Answer {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        self.0.read(place)
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        // A terminal that is gone shows no line to end.
        let _ = self.0.write_all(b"\n");
    }
}
