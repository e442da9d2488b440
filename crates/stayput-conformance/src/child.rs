//! The process that runs sequences: the same program, started again.

use crate::clauses;
use crate::probe::nothing_locked;
use crate::sequence::{self, Record};
use crate::sweeper::sweep;
use crate::task::{Answer, HIDDEN, LOOK, MEASURE, PROBE, RESUME, RUN, SWEEP};
use crate::variants;
use crate::warden::Warden;
use serde::Serialize;
use std::io;
use std::path::Path;
use std::process::ExitCode;

/// Serves if this process was started by the runner, and gives its exit code;
/// `None` if not. Call it first thing in `main`, before any thread is started.
#[must_use]
pub fn dispatch() -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    if args.next()? != HIDDEN {
        return None;
    }
    let word = args.next();
    let argument = args.next().unwrap_or_default();
    Some(match word.as_ref().and_then(|word| word.to_str()) {
        Some(RESUME) => resume(Path::new(&argument)),
        Some(RUN) => print(run(&argument.to_string_lossy())),
        Some(MEASURE) => print(variants::measure()),
        Some(PROBE) => print(clauses::look_at_all()),
        Some(LOOK) => match nothing_locked() {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => complain(&error.to_string()),
        },
        Some(SWEEP) => match sweep(Path::new(&argument)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&format!("{}: {error}", argument.to_string_lossy())),
        },
        _ => complain("expected one of the runner's words after the hidden flag"),
    })
}

fn run(task: &str) -> io::Result<Answer> {
    Warden::new(serde_json::from_str(task)?)?.work()
}

/// The answer as JSON, the error as text.
fn print(answer: io::Result<impl Serialize>) -> ExitCode {
    match answer.and_then(|answer| Ok(serde_json::to_string(&answer)?)) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => complain(&error.to_string()),
    }
}

fn resume(record: &Path) -> ExitCode {
    let state = std::fs::read(record).and_then(|text| Ok(serde_json::from_slice(&text)?));
    match state {
        Ok(Record::Going(state)) => sequence::run(*state, record),
        Ok(_) => complain("the record holds no sequence to go on with"),
        Err(error) => complain(&error.to_string()),
    }
}

fn complain(why: &str) -> ExitCode {
    eprintln!("stayput-conformance: {why}");
    ExitCode::from(2)
}
