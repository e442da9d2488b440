//! `stayput spec diff`.

mod comparison;
mod json;
mod text;

use super::source;
use crate::format::Format;
use crate::style;
use anyhow::{Context, Result, bail};
use comparison::{Comparison, Found};
use stayput_conformance::Verdict;
use stayput_conformance::check::{Options, check};
use stayput_spec::contract::{self, Clause};
use stayput_spec::diff::{against_kernel, specifications};
use stayput_spec::language::Spec;
use std::path::Path;
use std::process::ExitCode;

/// Say what two specifications disagree on, or what the kernel refutes.
///
/// Each side is a file or kernel tree (`-` for standard input) or a call of the
/// contract. With `kernel` as the second, the first is held against what the
/// kernel does: what it refutes, and what the specification doesn't say.
///
/// Forms: text, json.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0 if they agree, 1 if not, 2 for a usage or internal error.")]
pub(crate) struct Args {
    /// A file, a directory, `-`, or a call such as `mlock2`.
    #[arg(value_name = "A")]
    left: String,
    /// The same, or `kernel`.
    #[arg(value_name = "B")]
    right: String,
    /// Have probes confirm on this kernel what is said of it.
    #[arg(long)]
    probe: bool,
}

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    let format = format.among("spec diff", &Format::BASIC)?;
    if args.left == KERNEL {
        bail!("`{KERNEL}` is no specification: expected it as the second argument");
    }
    if args.probe && args.right != KERNEL {
        bail!("--probe looks at the kernel: expected `{KERNEL}` as the second argument");
    }
    if args.left == STDIN && args.right == STDIN {
        bail!("`{STDIN}` twice: standard input can be read once; expected a file beside it");
    }
    let left = operand(&args.left)?;
    let verdict = args.probe.then(probe).transpose()?;
    let comparisons = if args.right == KERNEL {
        let judged = left.iter().map(|spec| judge(spec, verdict.as_ref()));
        judged.collect::<Result<_>>()?
    } else {
        compare(args, &left, &operand(&args.right)?)
    };
    let page = match format {
        Format::Json => json::render(&args.left, &args.right, &comparisons),
        _ => text::render(&args.left, &args.right, &comparisons),
    };
    style::print(page.as_bytes())?;
    Ok(super::exit_code(comparisons.iter().all(Comparison::agrees)))
}

const KERNEL: &str = "kernel";
const STDIN: &str = "-";

fn operand(word: &str) -> Result<Vec<Spec>> {
    if let Some(spec) = contract::spec(word) {
        return Ok(vec![spec.clone()]);
    }
    source::specs(Path::new(word)).with_context(|| {
        let calls = source::calls();
        format!("`{word}`: expected a file, a directory, `-`, or a call ({calls})")
    })
}

fn probe() -> Result<Verdict> {
    let options = Options::new(0, 0).context(source::OWN_PATH)?;
    check(&options, |_| {}).context("probing the kernel")
}

fn judge<'a>(spec: &Spec, verdict: Option<&'a Verdict>) -> Result<Comparison<'a>> {
    let judgements = against_kernel(spec).with_context(|| {
        let (name, calls) = (&spec.name, source::calls());
        format!("the contract has nothing on {name}: expected {calls}")
    })?;
    let seen = |clause: &Clause| {
        let mut clauses = verdict?.clauses.iter();
        clauses.find(|verdict| verdict.id == clause.id)
    };
    let judgements = judgements.into_iter().map(|judgement| {
        let seen = judgement.clause.and_then(seen);
        (judgement, seen)
    });
    Ok(Comparison {
        name: spec.name.to_string(),
        found: Found::Judgements(judgements.collect()),
    })
}

/// Two single specifications are compared whatever their names; of several, those of one name.
fn compare<'a>(args: &'a Args, left: &[Spec], right: &[Spec]) -> Vec<Comparison<'a>> {
    if let ([left], [right]) = (left, right) {
        return vec![pair(left, right)];
    }
    let alone = |spec: &Spec, side| Comparison {
        name: spec.name.to_string(),
        found: Found::OnlyIn(side),
    };
    let same = |specs: &[Spec], spec: &Spec| {
        specs
            .iter()
            .position(|other| other.call_name() == spec.call_name())
    };
    let of_left = left.iter().map(|spec| match same(right, spec) {
        Some(at) => pair(spec, &right[at]),
        None => alone(spec, &*args.left),
    });
    let rest = right.iter().filter(|spec| same(left, spec).is_none());
    of_left
        .chain(rest.map(|spec| alone(spec, &*args.right)))
        .collect()
}

fn pair<'a>(left: &Spec, right: &Spec) -> Comparison<'a> {
    Comparison {
        name: left.name.to_string(),
        found: Found::Differences(specifications(left, right)),
    }
}
