//! Page faults after locking and prefaulting, on the first thread: its stack
//! alone grows, so this file does without libtest, which runs tests elsewhere.
//!
//! Not on Windows: there is no mlockall, and threads' stacks are alike.

#[cfg(unix)]
mod cases;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    cases::run()
}

#[cfg(not(unix))]
fn main() {}
