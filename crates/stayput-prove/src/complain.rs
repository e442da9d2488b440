//! Words on standard error, heard or not.

use std::fmt;
use std::io::{self, Write};

/// Where nobody can read it (a full disk, a reader that has gone) `eprintln!` would panic,
/// and things would be left behind.
pub(crate) fn complain(words: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{words}");
}
