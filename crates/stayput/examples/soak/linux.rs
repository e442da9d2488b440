//! The soak itself.

mod check;
mod churn;
mod faults;
mod hog;
mod item;
mod random;
mod rounds;
mod tally;

use std::process::ExitCode;

pub(crate) fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == hog::ROLE) {
        hog::play();
        return ExitCode::SUCCESS;
    }
    let number = |at: usize, default: u64| match words.get(at) {
        None => Some(default),
        Some(word) => word.parse().ok(),
    };
    let (Some(seconds), Some(seed)) = (number(0, 120), number(1, u64::from(std::process::id())))
    else {
        eprintln!("soak: expected SECONDS and SEED as numbers, got {words:?}");
        return ExitCode::from(2);
    };
    eprintln!("soak: {seconds} s, seed {seed}");
    let outcome = rounds::run(seconds, seed);
    println!("{}", outcome.to_json(seconds, seed));
    for finding in &outcome.findings {
        eprintln!("soak: FOUND {finding}");
    }
    if outcome.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
