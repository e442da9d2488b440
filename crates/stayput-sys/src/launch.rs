//! Starting another program: what it inherits, and how it is looked after.
//!
//! Linux only; elsewhere every call is `Unsupported`.

use crate::backends::launch as imp;
use std::ffi::{OsStr, c_char};
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

pub use crate::contract::{Secure, Sender, Signal};

/// Replaces this process by the command; returns only if that fails.
///
/// # References
/// execvp(3). Signals that Rust's runtime ignores (`SIGPIPE`) get their default
/// action back, and none stays blocked.
#[must_use]
pub fn exec(command: &mut Command) -> io::Error {
    imp::exec(command)
}

/// Has the command's program find `name` as its own (`argv[0]`). Without effect off
/// Linux.
///
/// # References
/// execve(2).
pub fn name(command: &mut Command, name: &OsStr) {
    imp::name(command, name);
}

/// Makes programs that this thread starts hold `CAP_IPC_LOCK`: raises it in the
/// inheritable and in the ambient set.
///
/// # Errors
/// `EPERM` where the thread does not hold the capability itself, or may pass none
/// on (`SECBIT_NO_CAP_AMBIENT_RAISE`); `EINVAL` before Linux 4.3.
///
/// # References
/// capabilities(7), capset(2), prctl(2): `PR_CAP_AMBIENT_RAISE`.
pub fn pass_on_ipc_lock() -> io::Result<()> {
    imp::pass_on_ipc_lock()
}

/// Whether the kernel would start `program` in secure-execution mode
/// (`AT_SECURE`), in which the loader ignores `LD_PRELOAD`; `None` for an ordinary
/// program. A file system mounted `nosuid` is not looked at: there the program
/// would start as an ordinary one after all.
///
/// # Errors
/// The system's error for a file that can't be looked at.
///
/// # References
/// getauxval(3): `AT_SECURE`; ld.so(8); capabilities(7).
pub fn starts_secure(program: &Path) -> io::Result<Option<Secure>> {
    imp::starts_secure(program)
}

/// Whether this process runs in secure-execution mode: its environment is not to be
/// obeyed. True where the system does not tell.
///
/// # References
/// getauxval(3): `AT_SECURE`.
#[must_use]
pub fn runs_secure() -> bool {
    imp::runs_secure()
}

/// The environment where it lies: pointers to `NAME=value`, the last one null. The C
/// library has set it before any constructor runs. Null off Linux.
///
/// # References
/// environ(7).
#[must_use]
pub fn environment() -> *mut *mut c_char {
    imp::environment()
}

/// A pipe whose writing end the program inherits.
#[derive(Debug)]
pub struct Pipe {
    reader: File,
    writer: File,
}

impl Pipe {
    /// Opens one. Until it is given to [`Signals::spawn`] no program inherits it.
    ///
    /// # Errors
    /// `EMFILE`, `ENFILE`: too many open files.
    ///
    /// # References
    /// pipe2(2).
    pub fn new() -> io::Result<Self> {
        imp::pipe().map(|(reader, writer)| Self { reader, writer })
    }

    /// The number under which the program finds its end.
    ///
    /// # Errors
    /// `Unsupported` where descriptors have no numbers.
    pub fn number(&self) -> io::Result<i32> {
        imp::number(&self.writer)
    }
}

/// Waits until nobody can write to a pipe any more, but not longer than `patience`; whether
/// it is so.
///
/// # Errors
/// `ENOMEM`; `Unsupported` off Linux.
///
/// # References
/// poll(2): `POLLHUP`.
pub fn closes(reader: &File, patience: Duration) -> io::Result<bool> {
    imp::closes(reader, patience)
}

/// The writing end that a program of this number has inherited, from now on
/// closed on exec.
///
/// # Errors
/// `EBADF` where nothing is open under this number.
///
/// # Safety
/// The number was inherited for this purpose and belongs to nobody else.
pub unsafe fn inherited(number: i32) -> io::Result<File> {
    // SAFETY: the caller's promise is the same.
    unsafe { imp::inherited(number) }
}

/// Signals held back from their usual action, to be taken one by one and passed
/// on: all that can be caught, but for those that stop a process or answer its own
/// faults. Held in the calling thread and those it starts from now on. `SIGCHLD`
/// gets its default action.
#[derive(Debug)]
pub struct Signals {
    before: imp::Mask,
}

impl Signals {
    /// Holds them back from now on. Call it before other threads are started.
    ///
    /// # Errors
    /// None is known; `Unsupported` off Linux.
    ///
    /// # References
    /// pthread_sigmask(3), signal(7).
    pub fn hold() -> io::Result<Self> {
        imp::hold_signals().map(|before| Self { before })
    }

    /// Waits for the next.
    ///
    /// # Errors
    /// None is known; `Unsupported` off Linux.
    ///
    /// # References
    /// sigwaitinfo(2).
    pub fn wait() -> io::Result<Signal> {
        imp::wait_for_signal()
    }

    /// Starts the command with the signals it would have had, the writing end of
    /// `pipe`, and the kernel's promise to kill it when the calling thread ends.
    /// Returns the child and the end to read from.
    ///
    /// # Errors
    /// Those of [`Command::spawn`].
    ///
    /// # References
    /// prctl(2): `PR_SET_PDEATHSIG`.
    pub fn spawn(&self, command: &mut Command, pipe: Pipe) -> io::Result<(Child, File)> {
        let child = imp::spawn(&self.before, command, &pipe.writer)?;
        Ok((child, pipe.reader))
    }
}

/// Whether a signal says that a child has changed.
#[must_use]
pub fn is_of_child(signal: Signal) -> bool {
    imp::is_of_child(signal.number)
}

/// Sends a signal to a child. One that has ended and was not waited for takes it
/// without effect.
///
/// # Errors
/// `EPERM` for a child that has become another user's.
///
/// # References
/// kill(2).
pub fn send(child: &Child, signal: Signal) -> io::Result<()> {
    imp::send(child.id(), signal.number)
}

/// The number of the signal that ended a process; `None` if it ended by itself.
#[must_use]
pub fn ended_by(status: ExitStatus) -> Option<i32> {
    imp::ended_by(status)
}

/// Has every later child of `fork` in this process run `handler` before its `fork`
/// returns; not those of `vfork` and `posix_spawn`, which only exec.
///
/// # Errors
/// `ENOMEM`; `Unsupported` off Linux.
///
/// # References
/// pthread_atfork(3).
pub fn in_fork_children(handler: extern "C" fn()) -> io::Result<()> {
    imp::in_fork_children(handler)
}
