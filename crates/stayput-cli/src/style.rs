//! Where output goes and how it may look.

use anyhow::{Context, Result};
use std::fmt;
use std::io::{self, IsTerminal, Write};

/// Whether standard output takes colours: a terminal, and `NO_COLOR` is unset or
/// empty (no-color.org).
pub(crate) fn coloured() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !refused && io::stdout().is_terminal()
}

/// The text as terminals and XML may have it: names of processes and files may hold
/// any character, those that steer a terminal too.
pub(crate) fn harmless(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// Prints; a reader that has gone away (`| head`) is no error.
pub(crate) fn print(text: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("printing the results"),
    }
}

/// Says something on standard error. Where nobody can read it (a full disk, a reader that
/// has gone) `eprintln!` would panic, and end the program that `run` looks after.
pub(crate) fn say(words: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "stayput: {words}");
}
