//! No working set that could be asked for or set.

use super::unsupported;
use std::io;

fn lacking<T>() -> io::Result<T> {
    Err(unsupported::unsupported("a working set quota"))
}

pub(crate) fn get() -> io::Result<(usize, usize)> {
    lacking()
}

pub(crate) fn set(_: usize, _: usize) -> io::Result<()> {
    lacking()
}

pub(crate) fn pin(_: usize) -> io::Result<()> {
    lacking()
}

pub(crate) fn is_pinned() -> io::Result<bool> {
    lacking()
}

pub(crate) fn grown_from() -> Option<usize> {
    None
}
