//! The controlling terminal with echo off, and standard input without a buffer.
//!
//! For secrets that are typed or piped in: what the standard library reads from
//! standard input goes through a buffer on the heap and stays there.

use crate::backends::terminal as imp;
use std::fs::File;
use std::io::{self, Read, Write};

/// Standard input, unbuffered: a duplicate of its descriptor. What
/// [`std::io::stdin`] has read ahead is not seen here.
///
/// # Errors
/// The system's error (no descriptor left, standard input closed); `Unsupported`
/// where standard input is no file.
pub fn standard_input() -> io::Result<File> {
    imp::standard_input()
}

/// The controlling terminal, which does not show what is typed while this lives.
/// Lines are edited by the terminal as usual; the end of a line is not shown either.
///
/// The terminal is as before when this is dropped, when the process exits, and while
/// a signal ends or stops it: signals with their default effect, and those of faults
/// and `abort`, are caught, the terminal is restored, and the signal takes its effect.
/// A process that goes on after a stop has the echo off again. Signals for which the
/// program has a handler are left to it. `SIGKILL`, `SIGSTOP` and `_exit` can't be
/// helped.
///
/// ```no_run
/// use std::io::{Read, Write};
/// # fn main() -> std::io::Result<()> {
/// let mut terminal = stayput_sys::terminal::QuietTerminal::open()?;
/// terminal.write_all(b"Password: ")?;
/// let mut line = [0; 256]; // lock it
/// let len = terminal.read(&mut line)?;
/// terminal.write_all(b"\n")?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct QuietTerminal(imp::Terminal);

impl QuietTerminal {
    /// Opens `/dev/tty` and turns its echo off.
    ///
    /// # Errors
    /// `ResourceBusy` while another one lives in this process; `ENXIO` or `ENOTTY`
    /// without a controlling terminal; `Unsupported` off the Unixes.
    ///
    /// # References
    /// tty(4), termios(3), sigaction(2).
    pub fn open() -> io::Result<Self> {
        imp::Terminal::open().map(Self)
    }
}

impl Read for QuietTerminal {
    fn read(&mut self, place: &mut [u8]) -> io::Result<usize> {
        self.0.file().read(place)
    }
}

impl Write for QuietTerminal {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.file().flush()
    }
}
