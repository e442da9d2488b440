//! The helpers that experiments run: copies of the calling program.

use crate::{janitor, victim};
use std::env;
use std::io;
use std::process::{Command, ExitCode};

/// First argument of a copy; nobody types it.
const MARK: &str = "__stayput-prove-helper";

/// A command that runs this program as the helper `role`.
pub(crate) fn command(role: &str) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args([MARK, role]);
    Ok(command)
}

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
