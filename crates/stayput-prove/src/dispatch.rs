//! Which helper a copy of the calling program is.

use crate::helper::MARK;
use crate::{janitor, victim};
use std::env;
use std::process::ExitCode;

/// Runs as a helper if this process was started as one: to be called first in
/// `main`. `None` in any other process.
#[must_use]
pub fn helper_main() -> Option<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    if arguments.next()? != MARK {
        return None;
    }
    let result = match arguments.next()?.to_str()? {
        victim::ROLE => victim::main(),
        janitor::ROLE => janitor::main(),
        _ => return None,
    };
    Some(match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stayput prove: a helper failed: {error}");
            ExitCode::FAILURE
        }
    })
}
