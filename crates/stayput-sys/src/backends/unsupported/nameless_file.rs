//! Pages of a file without a name, where the platform has no such mapping in place of
//! a reservation: off the Unixes, so far.

use super::imp::unsupported;
use crate::page::PageRange;
use std::io;
use std::path::Path;

pub(crate) unsafe fn commit_file(_: PageRange, _: &Path) -> io::Result<()> {
    Err(unsupported("mapping a file over a reservation"))
}

pub(crate) unsafe fn write_back(_: PageRange) -> io::Result<()> {
    Err(unsupported("msync"))
}
