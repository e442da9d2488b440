//! Where `crate::terminal` has no terminal behind it: off the Unixes, so far.

use super::imp::unsupported;
use std::fs::File;
use std::io;

#[cfg(all(windows, not(stayput_backend = "unsupported")))]
pub(crate) fn standard_input() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(io::stdin().as_handle().try_clone_to_owned()?.into())
}

#[cfg(not(all(windows, not(stayput_backend = "unsupported"))))]
pub(crate) fn standard_input() -> io::Result<File> {
    Err(unsupported("unbuffered standard input"))
}

#[derive(Debug)]
pub(crate) struct Terminal(File);

impl Terminal {
    pub(crate) fn open() -> io::Result<Self> {
        Err(unsupported("a terminal with echo off"))
    }

    pub(crate) fn file(&self) -> &File {
        &self.0
    }
}
