//! The contract, with nothing behind it: experiments exist on Linux only.

use anyhow::Result;
use stayput_sys::PageRange;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Command;

pub(crate) fn unavailable() -> Option<String> {
    Some(format!(
        "the experiments need Linux; this is {}",
        std::env::consts::OS
    ))
}

pub(crate) fn swap_on(_: &Path) -> io::Result<()> {
    unsupported()
}

pub(crate) fn swap_off(_: &Path) -> io::Result<()> {
    unsupported()
}

pub(crate) fn open_direct(_: &Path) -> io::Result<File> {
    unsupported()
}

pub(crate) fn create_dir(_: &Path) -> io::Result<()> {
    unsupported()
}

pub(crate) fn create_file(_: &Path) -> io::Result<File> {
    unsupported()
}

pub(crate) fn tie_to_parent(_: &mut Command) {}

pub(crate) fn leave_terminal() -> io::Result<()> {
    unsupported()
}

pub(crate) fn allow_tracers() {}

pub(crate) fn page_out(_: PageRange) -> io::Result<()> {
    unsupported()
}

pub(crate) fn kill(_: u32) -> io::Result<()> {
    unsupported()
}

pub(crate) struct Window;

impl Window {
    pub(crate) fn open() -> io::Result<Self> {
        unsupported()
    }

    pub(crate) fn read(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        unsupported()
    }
}

pub(crate) fn read_process(_: u32, _: u64, _: &mut [u8]) -> io::Result<usize> {
    unsupported()
}

pub(crate) struct Tracer;

impl Tracer {
    pub(crate) fn attach(_: u32) -> io::Result<Self> {
        unsupported()
    }

    pub(crate) fn read(&self, _: u64, _: &mut [u8]) -> io::Result<usize> {
        unsupported()
    }
}

pub(crate) fn in_fork_child(_: impl FnOnce() -> Result<()>) -> Result<()> {
    unsupported().map_err(Into::into)
}

pub(crate) fn is_refusal(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}

fn unsupported<T>() -> io::Result<T> {
    Err(io::ErrorKind::Unsupported.into())
}
