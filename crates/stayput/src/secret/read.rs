//! Secrets from files, descriptors, standard input and terminals.
//!
//! What is read goes from the system straight into locked memory. A reader with a
//! buffer of its own (`BufReader`, `std::io::stdin`) leaves a copy there: that is its
//! owner's to wipe.

use super::{SecretBytes, SecretString};
use crate::input;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Room that is made when a reader may have more, at first.
const STEP: usize = 512;

impl SecretBytes {
    /// Everything that `reader` has, in the process-wide pool.
    ///
    /// Any descriptor is a reader as a file: `File::from(owned_fd)`, and for one that
    /// is borrowed `File::from(fd.try_clone_to_owned()?)`.
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// use stayput::SecretBytes;
    /// # let dir = tempfile::tempdir()?;
    /// # let path = dir.path().join("key");
    /// # std::fs::write(&path, b"key")?;
    /// let key = SecretBytes::try_read_from(std::fs::File::open(path)?)?;
    /// assert_eq!(key.expose(), b"key");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The reader's; [`LockError`](crate::LockError), as an [`io::Error`], with the
    /// limit in the way.
    pub fn try_read_from(reader: impl Read) -> io::Result<Self> {
        let mut secret = Self::try_new()?;
        secret.try_append_from(reader)?;
        Ok(secret)
    }

    /// The content of the file at `path`.
    ///
    /// # Errors
    /// As [`SecretBytes::try_read_from`], and those of opening it.
    pub fn try_read_file(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::try_read_from(std::fs::File::open(path)?)
    }

    /// Standard input to its end.
    ///
    /// # Errors
    /// As [`SecretBytes::try_read_from`].
    pub fn try_read_stdin() -> io::Result<Self> {
        Self::try_read_from(input::standard_input()?)
    }

    /// Appends everything that `reader` has; the number of bytes.
    ///
    /// # Errors
    /// As [`SecretBytes::try_read_from`]; what was read before stays.
    pub fn try_append_from(&mut self, mut reader: impl Read) -> io::Result<usize> {
        let before = self.len();
        loop {
            if self.spare().is_empty() {
                self.try_reserve(STEP)?;
            }
            match reader.read(self.spare()) {
                Ok(0) => return Ok(self.len() - before),
                Ok(more) => self.advance(more),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Appends a line without its end (`\n` or `\r\n`), byte by byte, so that nothing
    /// behind it is taken.
    fn try_append_line(&mut self, mut reader: impl Read) -> io::Result<()> {
        let mut is_empty = true;
        loop {
            if self.spare().is_empty() {
                self.try_reserve(STEP)?;
            }
            match reader.read(&mut self.spare()[..1]) {
                Ok(0) if is_empty => return Err(no_line()),
                Ok(0) => return Ok(()),
                Ok(_) => self.advance(1),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            }
            is_empty = false;
            if self.expose().ends_with(b"\n") {
                let end = if self.expose().ends_with(b"\r\n") {
                    2
                } else {
                    1
                };
                self.truncate(self.len() - end);
                return Ok(());
            }
        }
    }
}

impl SecretString {
    /// Everything that `reader` has, as text, in the process-wide pool.
    ///
    /// # Errors
    /// As [`SecretBytes::try_read_from`]; [`ErrorKind::InvalidData`] for what is not
    /// UTF-8.
    pub fn try_read_from(reader: impl Read) -> io::Result<Self> {
        text(SecretBytes::try_read_from(reader)?)
    }

    /// One line from `reader`, without its end. Nothing behind it is read, at the price
    /// of a call for each byte.
    ///
    /// # Errors
    /// As [`SecretString::try_read_from`]; [`ErrorKind::UnexpectedEof`] where there is
    /// no line, not even an empty one.
    pub fn try_read_line_from(reader: impl Read) -> io::Result<Self> {
        let mut line = SecretBytes::try_new()?;
        line.try_append_line(reader)?;
        text(line)
    }

    /// One line from standard input, without its end.
    ///
    /// # Errors
    /// As [`SecretString::try_read_line_from`].
    pub fn try_read_stdin_line() -> io::Result<Self> {
        Self::try_read_line_from(input::standard_input()?)
    }

    /// Shows `prompt` on the terminal (not on standard output) and reads a line that
    /// the terminal does not show.
    ///
    /// The echo is on again afterwards, whatever happens: return, panic, exit, a signal
    /// that ends or stops the process (all but `SIGKILL` and `SIGSTOP`). One prompt at a
    /// time.
    ///
    /// ```no_run
    /// # fn main() -> std::io::Result<()> {
    /// let password = stayput::SecretString::try_prompt("Password: ")?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`SecretString::try_read_line_from`]; the system's error without a terminal;
    /// [`ErrorKind::ResourceBusy`] while another prompt waits; [`ErrorKind::Unsupported`]
    /// off the Unixes.
    pub fn try_prompt(prompt: &str) -> io::Result<Self> {
        Self::try_read_line_from(input::ask(prompt)?)
    }
}

fn text(bytes: SecretBytes) -> io::Result<SecretString> {
    SecretString::from_utf8(bytes)
        .map_err(|error| io::Error::new(ErrorKind::InvalidData, error.to_string()))
}

fn no_line() -> io::Error {
    io::Error::new(
        ErrorKind::UnexpectedEof,
        "expected a line, found the end of the input",
    )
}
