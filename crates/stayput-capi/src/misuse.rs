//! Misuse that leaves nothing to rely on: the process ends.

use std::io::Write;

/// Says what was seen and aborts. The message names no address.
#[cold]
pub(crate) fn end_process(what: &str) -> ! {
    // The process ends either way; there is nobody to tell of a closed stderr.
    let _ = writeln!(std::io::stderr(), "stayput: {what}; the process ends");
    std::process::abort()
}
