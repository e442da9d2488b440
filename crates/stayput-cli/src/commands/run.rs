//! `stayput run`.

mod elf;
mod inherit;
mod library;
mod program;
mod supervise;

use crate::format::Format;
use crate::{size, style};
use anyhow::{Result, ensure};
use clap::ArgAction;
use program::Program;
use stayput::process::MlockConfig;
use stayput::process::preload::{Children, Orders, VARIABLE};
use stayput_sys::launch;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

/// Run a program that nobody recompiles: locked, without core dumps.
///
/// The program gets the hard RLIMIT_MEMLOCK as its soft one, and CAP_IPC_LOCK where
/// this process holds it. With --lock-all a library that the loader brings in
/// locks all its memory, present and future, before its `main`; a program that
/// can't be locked does not run. Locks end at fork and exec: processes that the
/// program starts are not locked, unless --children.
///
/// Statically linked programs load no library, and the loader ignores it in
/// set-uid and set-gid programs and those with file capabilities: with --lock-all
/// or --no-dump they are refused. A script stands for its interpreter.
///
/// Signals are passed on to the program.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: the program's; 128+N if signal N ended it; 125 if it was \
    not run or not locked; 126 if it can't be executed; 127 if there is none; 2 for a usage \
    error.\n\nEnvironment: STAYPUT_PRELOAD names the library to preload."
)]
pub(crate) struct Args {
    /// Lock all memory before `main` (mlockall: present and future).
    #[arg(long)]
    lock_all: bool,
    /// Lock pages as they are touched, instead of bringing all in at once.
    #[arg(long, requires = "lock_all")]
    onfault: bool,
    /// Do the same in processes that the program starts (--lock-all, --no-dump).
    #[arg(long)]
    children: bool,
    /// The program's RLIMIT_MEMLOCK, soft, such as 64MiB or `unlimited`; raising it
    /// above the hard one needs CAP_SYS_RESOURCE. Without it: the hard one.
    #[arg(long, value_name = "SIZE", value_parser = inherit::limit)]
    limit: Option<u64>,
    /// No core files (RLIMIT_CORE 0, soft and hard).
    #[arg(long)]
    no_core: bool,
    /// No dumps at all, and no tracing by others of the same user
    /// (PR_SET_DUMPABLE; exec resets it, so the preloaded library does it).
    #[arg(long)]
    no_dump: bool,
    /// How many seconds to wait for the library's first sign.
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = seconds)]
    wait: Duration,
    /// Say how much was locked, and whether the limit applies.
    #[arg(long, short)]
    verbose: bool,
    /// The program and its arguments.
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD", action = ArgAction::Append)]
    command: Vec<OsString>,
}

/// As env(1) and timeout(1) have it.
const NOT_RUN: u8 = 125;
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    // What is printed is the program's.
    format.among("run", &[Format::Text])?;
    ensure!(
        !args.children || !args.orders().is_empty(),
        "--children repeats --lock-all or --no-dump: expected one of them"
    );
    Ok(prepare_and_start(args).unwrap_or_else(|failure| {
        style::say(format_args!("{:#}", failure.error));
        ExitCode::from(failure.code)
    }))
}

/// Why the program was not run, or not as it should be.
struct Failure {
    code: u8,
    error: anyhow::Error,
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self {
            code: NOT_RUN,
            error,
        }
    }
}

impl Failure {
    /// Of a program that could not be executed, by env(1)'s codes.
    fn of_exec(name: &OsString, error: std::io::Error) -> Self {
        let code = match error.kind() {
            std::io::ErrorKind::NotFound => NOT_FOUND,
            _ => NOT_EXECUTABLE,
        };
        let error =
            anyhow::Error::new(error).context(format!("executing {}", Path::new(name).display()));
        Self { code, error }
    }
}

fn prepare_and_start(args: &Args) -> Result<ExitCode, Failure> {
    super::needs_proc("run")?;
    let orders = args.orders();
    let (name, words) = args
        .command
        .split_first()
        .ok_or_else(|| anyhow::anyhow!("no program"))?;
    inherit::prepare(args)?;
    if orders.is_empty() {
        // Nothing is left to do: the program takes this process over, with its number,
        // its parent and its own way to end.
        let mut command = program::command(&program::search(name)?, name);
        return Err(Failure::of_exec(name, launch::exec(command.args(words))));
    }
    let program = Program::find(name, words)?;
    let library = library::find()?;
    program.can_preload(&library)?;
    let mut command = program.command();
    command.env(library::VARIABLE, library::list(&library)?);
    let watch = supervise::Watch {
        wait: args.wait,
        verbose: args.verbose,
        locks: args.lock_all,
        children: orders.for_children().is_some(),
    };
    // A child, since silence must be noticed: if the library is not loaded nobody
    // in the program could say so.
    watch.run(&mut command, |number| {
        (VARIABLE, orders.clone().answering(number).to_string())
    })
}

impl Args {
    fn orders(&self) -> Orders {
        let mut orders = Orders::new();
        if self.lock_all {
            orders = orders.locking(MlockConfig::builder().onfault(self.onfault).build());
        }
        if self.no_dump {
            orders = orders.undumpable();
        }
        if self.children {
            orders = orders.with_children(Children::Follow);
        }
        orders
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    size::seconds(text, 0.0)
}
