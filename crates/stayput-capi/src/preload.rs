//! What happens in a program that `stayput run` started, before its `main`.

use crate::environment;
use stayput::process::preload::{Answer, Orders, VARIABLE};
use stayput_sys::launch::{in_fork_children, inherited, runs_secure};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Write};
use std::mem::ManuallyDrop;
use std::panic::catch_unwind;
use std::sync::OnceLock;

/// As env(1) and timeout(1) say that they, not the program, have failed.
const REFUSED: i32 = 125;

/// For [`again`], which takes no arguments.
static FOR_CHILDREN: OnceLock<Orders> = OnceLock::new();

#[ctor::ctor(unsafe)]
fn start() {
    let Some(orders) = std::env::var_os(VARIABLE) else {
        return;
    };
    // A set-uid program may be linked with this library, and anybody may start it.
    if !runs_secure() {
        or_end(|| obey(&orders));
    }
}

/// In a child of fork, before `fork` returns there.
extern "C" fn again() {
    if let Some(orders) = FOR_CHILDREN.get() {
        or_end(|| orders.carry_out_after_fork().map_err(io::Error::from));
    }
}

/// A program that must be locked and can't be does not run.
fn or_end(action: impl FnOnce() -> io::Result<()> + std::panic::UnwindSafe) {
    let why = match catch_unwind(action) {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "a panic".to_owned(),
    };
    // Standard error may be closed; there is nobody else to tell.
    let _ = writeln!(io::stderr(), "stayput: the program was ended: {why}");
    // SAFETY: ends the process without running the program's own destructors,
    // which have nothing to destroy yet.
    unsafe { libc::_exit(REFUSED) }
}

fn obey(orders: &OsStr) -> io::Result<()> {
    let orders: Orders = orders.to_string_lossy().parse().map_err(io::Error::other)?;
    // SAFETY: before `main` the program has no other threads, and the C library hands
    // out copies only.
    unsafe { environment::leave(orders.for_children().as_ref()) };
    let mut answers = Answers::open(&orders)?;
    answers.give(&Answer::Begun)?;
    let report = match orders.carry_out() {
        Ok(report) => report,
        Err(error) => return answers.refuse(error),
    };
    if let Some(for_children) = orders.for_children() {
        FOR_CHILDREN.get_or_init(|| for_children);
        if let Err(error) = in_fork_children(again) {
            return answers.refuse(error);
        }
    }
    Answer::to(report.as_ref())
        .iter()
        .try_for_each(|answer| answers.give(answer))
}

/// Where answers go. The descriptor stays open until the program execs or ends:
/// that tells `run` when its locks are gone.
struct Answers(Option<ManuallyDrop<File>>);

impl Answers {
    fn open(orders: &Orders) -> io::Result<Self> {
        let open = |number| {
            // SAFETY: whoever wrote the orders opened the descriptor for them.
            unsafe { inherited(number) }.map(ManuallyDrop::new)
        };
        orders.answer().map(open).transpose().map(Self)
    }

    fn give(&mut self, answer: &Answer) -> io::Result<()> {
        match &mut self.0 {
            Some(file) => file.write_all(format!("{answer}\n").as_bytes()),
            None => Ok(()),
        }
    }

    /// Says so where somebody listens; the error goes to standard error otherwise.
    fn refuse(&mut self, error: io::Error) -> io::Result<()> {
        if self.0.is_none() {
            return Err(error);
        }
        self.give(&Answer::Refused(error.to_string()))?;
        // SAFETY: as in `or_end`.
        unsafe { libc::_exit(REFUSED) }
    }
}
