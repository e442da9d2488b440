//! `stayput spec check`'s random part as a program of its own, for this crate's
//! tests: `stayput-conformance [SEQUENCES [SEED [JOBS]]]`.

use stayput_conformance::random::{Options, run};
use stayput_conformance::{Format, child};
use std::num::NonZeroUsize;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = child::dispatch() {
        return code;
    }
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let mut next = |default| numbers.next().unwrap_or(Ok(default));
    let (Ok(sequences), Ok(seed), Ok(jobs)) = (next(200), next(1), next(1)) else {
        eprintln!("usage: stayput-conformance [SEQUENCES [SEED [JOBS]]], each a number");
        return ExitCode::from(2);
    };
    let options = Options::new(sequences, seed).map(|options| Options {
        jobs: usize::try_from(jobs)
            .ok()
            .and_then(NonZeroUsize::new)
            .unwrap_or(NonZeroUsize::MIN),
        ..options
    });
    match options.and_then(|options| run(&options, |_| {})) {
        Ok(report) => {
            print!("{}", report.render(Format::Text));
            ExitCode::from(u8::from(!report.agrees()))
        }
        Err(error) => {
            eprintln!("stayput-conformance: {error}");
            ExitCode::from(2)
        }
    }
}
