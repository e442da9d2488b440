//! `stayput spec check`'s random part as a program of its own, for this crate's
//! tests: `stayput-conformance [SEQUENCES [SEED [JOBS [RULE]]]]`;
//! with a rule that rule is turned around, and a difference is to be found.

use stayput_conformance::random::{Options, run};
use stayput_conformance::{Format, Verdict, child};
use stayput_spec::model::Rule;
use std::num::NonZeroUsize;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(code) = child::dispatch() {
        return code;
    }
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let mut next = |default| numbers.next().unwrap_or(Ok(default));
    let (Ok(sequences), Ok(seed), Ok(jobs)) = (next(200), next(1), next(1)) else {
        eprintln!(
            "usage: stayput-conformance [SEQUENCES [SEED [JOBS [RULE]]]]: numbers, a rule's name"
        );
        return ExitCode::from(2);
    };
    let flip = std::env::args().nth(4);
    let named = |rule: &Rule| {
        flip.as_ref()
            .is_some_and(|name| *name == format!("{rule:?}"))
    };
    let options = Options::new(sequences, seed).map(|options| Options {
        jobs: usize::try_from(jobs)
            .ok()
            .and_then(NonZeroUsize::new)
            .unwrap_or(NonZeroUsize::MIN),
        flip: Rule::ALL.into_iter().find(named),
        ..options
    });
    match options.and_then(|options| run(&options, |_| {})) {
        Ok(report) => {
            let verdict = Verdict {
                kernel: report.kernel.clone(),
                clauses: Vec::new(),
                random: Some(report),
            };
            print!("{}", verdict.render(Format::Text));
            ExitCode::from(u8::from(!verdict.agrees()))
        }
        Err(error) => {
            eprintln!("stayput-conformance: {error}");
            ExitCode::from(2)
        }
    }
}
