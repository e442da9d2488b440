//! `stayput spec check` as a program of its own, for this crate's tests and for
//! kernels that boot nothing else:
//! `stayput-conformance [--complete] [SEQUENCES [SEED [JOBS [RULE]]]]`.
//!
//! `--complete` fails a run that leaves any of its counts at zero. With a rule
//! that rule is turned around, and a difference is to be found.

#![forbid(unsafe_code)]

use stayput_conformance::check::{Options, check, flips};
use stayput_conformance::random::Report;
use stayput_conformance::{Format, Verdict, child};
use stayput_spec::model::Rule;
use std::io;
use std::num::NonZeroUsize;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = child::dispatch() {
        return code;
    }
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let complete = args.first().is_some_and(|arg| arg == "--complete");
    if complete {
        args.remove(0);
    }
    match run(&args) {
        Ok(verdict) => {
            print!("{}", verdict.render(Format::Text));
            let flips = flips(&verdict);
            println!(
                "{} claims turned around, not noticed: {:?}",
                flips.tried, flips.missed
            );
            let lacks = complete && !verdict.random.as_ref().is_some_and(Report::is_complete);
            ExitCode::from(u8::from(
                lacks || !verdict.agrees() || !flips.missed.is_empty(),
            ))
        }
        Err(error) => {
            eprintln!("stayput-conformance: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &[String]) -> io::Result<Verdict> {
    let number = |at: usize, default: u64| match args.get(at) {
        None => Ok(default),
        Some(text) => text
            .parse()
            .map_err(|_| io::Error::other(format!("expected a number instead of `{text}`"))),
    };
    let mut options = Options::new(number(0, 200)?, number(1, 1)?)?;
    let jobs = usize::try_from(number(2, 1)?).map_err(io::Error::other)?;
    let flip = args.get(3).map(|name| named(name)).transpose()?;
    if let Some(random) = &mut options.random {
        random.jobs = NonZeroUsize::new(jobs).unwrap_or(NonZeroUsize::MIN);
        random.flip = flip;
    }
    check(&options, |_| {})
}

fn named(name: &str) -> io::Result<Rule> {
    let mut rules = Rule::ALL.into_iter();
    rules
        .find(|rule| format!("{rule:?}") == name)
        .ok_or_else(|| io::Error::other(format!("expected a rule's name instead of `{name}`")))
}
