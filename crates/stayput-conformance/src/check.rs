//! The contract's clauses against the kernel: a verdict for each.

use crate::clauses::Sight;
use crate::random;
use crate::release::{kernel_release, version};
use crate::task::{PROBE, ask};
use crate::verdict::{ClauseVerdict, Status, Verdict};
use stayput_spec::contract::{self, Clause, Evidence, Expect};
use stayput_spec::model::{Rule, Rules};
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;

/// What a check consists of.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program that calls [`child::dispatch`](crate::child::dispatch).
    pub program: PathBuf,
    /// The random run, if there is to be one.
    pub random: Option<random::Options>,
}

impl Options {
    /// The clauses, and `sequences` random sequences (none for 0).
    ///
    /// # Errors
    /// Where the path of the running program is not to be had.
    pub fn new(sequences: u64, seed: u64) -> io::Result<Self> {
        let options = random::Options::new(sequences, seed)?;
        Ok(Self {
            program: options.program.clone(),
            random: (sequences > 0).then_some(options),
        })
    }
}

/// Checks the clauses, then runs the sequences; `progress` hears how many of
/// these are done, from any thread.
///
/// # Errors
/// Where a child could not be started or could not do its work, with its reason.
pub fn check(options: &Options, progress: impl Fn(u64) + Sync) -> io::Result<Verdict> {
    let sights: HashMap<String, Sight> = ask(&options.program, &[PROBE])?;
    let kernel = kernel_release();
    let rules = random::measure(&options.program)?;
    let clauses = contract::clauses()
        .map(|clause| judge(clause, sights.get(clause.id), &kernel, rules))
        .collect();
    let random = match &options.random {
        Some(options) => Some(random::run(options, progress)?),
        None => None,
    };
    Ok(Verdict {
        kernel,
        rules,
        clauses,
        random,
    })
}

/// Claims turned around to see whether what was seen refutes them.
#[derive(Clone, Debug, Default)]
pub struct Flips {
    /// How many claims.
    pub tried: usize,
    /// The clauses in which one was not noticed.
    pub missed: Vec<&'static str>,
}

/// Turns every expectation of every confirmed clause around, one at a time.
#[must_use]
pub fn flips(verdict: &Verdict) -> Flips {
    let mut flips = Flips::default();
    let clauses = verdict.clauses.iter();
    for seen in clauses.filter(|clause| clause.status == Status::Confirmed) {
        let Some(clause) = contract::clause(&seen.id) else {
            continue;
        };
        for (at, expect) in clause.expect.iter().enumerate() {
            let mut claimed = seen.expected.clone();
            claimed[at] = shown(&expect.flipped(), verdict.rules);
            flips.tried += 1;
            if seen.clone().against(claimed).status != Status::Refuted {
                flips.missed.push(clause.id);
            }
        }
    }
    flips
}

/// The ids of the clauses that have a live probe.
pub fn probed() -> impl Iterator<Item = &'static str> {
    crate::probe::ids()
}

fn judge(clause: &Clause, sight: Option<&Sight>, kernel: &str, rules: Rules) -> ClauseVerdict {
    let blank = ClauseVerdict {
        id: clause.id.to_owned(),
        evidence: clause.evidence.name(),
        status: Status::Confirmed,
        expected: Vec::new(),
        seen: Vec::new(),
    };
    let with = |status| ClauseVerdict {
        status,
        ..blank.clone()
    };
    if let Evidence::Cited(why) = clause.evidence {
        return with(Status::Cited(why.to_owned()));
    }
    if version(clause.since) > version(kernel) {
        let why = format!("since Linux {}, this is {kernel}", clause.since);
        return with(Status::Skipped(why));
    }
    match sight {
        None => with(Status::Broken("it has no probe".to_owned())),
        Some(Sight::Skipped(why)) => with(Status::Skipped(why.clone())),
        Some(Sight::Broken(why)) => with(Status::Broken(why.clone())),
        Some(Sight::Seen(seen)) => ClauseVerdict {
            seen: seen.clone(),
            ..blank
        }
        .against(clause.expect.iter().map(|e| shown(e, rules)).collect()),
    }
}

/// What is to be seen of an expectation; where smaps does not tell locks on fault
/// apart, they look like the others.
fn shown(expect: &Expect, rules: Rules) -> String {
    let text = expect.to_string();
    if rules.holds(Rule::OnFaultIsShown) {
        return text;
    }
    text.replace("lo+lf", "lo")
}
