//! The helpers that experiments run: copies of the calling program.

use std::env;
use std::io;
use std::process::Command;

/// First argument of a copy; nobody types it.
pub(crate) const MARK: &str = "__stayput-prove-helper";

/// A command that runs this program as the helper `role`.
pub(crate) fn command(role: &str) -> io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args([MARK, role]);
    Ok(command)
}
