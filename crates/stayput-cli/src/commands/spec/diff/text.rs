//! `stayput spec diff` for people.

use super::comparison::{Comparison, Found};
use stayput_conformance::{ClauseVerdict, Status};
use stayput_spec::diff::Judgement;
use std::fmt::Write;

pub(super) fn render(left: &str, right: &str, comparisons: &[Comparison<'_>]) -> String {
    let mut page = format!("--- {left}\n+++ {right}\n");
    // Writing to a string can't fail.
    for comparison in comparisons {
        let _ = writeln!(page, "\n{}", comparison.name);
        match &comparison.found {
            Found::OnlyIn(side) => {
                let _ = writeln!(page, "\nonly in {side}");
            }
            Found::Differences(differences) => {
                for difference in differences {
                    let _ = writeln!(page, "\n{difference}");
                }
                let _ = writeln!(page, "\ndifferences: {}", differences.len());
            }
            Found::Judgements(judgements) => {
                for (judgement, seen) in judgements {
                    let _ = writeln!(page, "\n{judgement}");
                    if let Some(seen) = seen {
                        let _ = writeln!(page, "  {}", on_this_kernel(seen));
                    }
                }
                let refuted = |(one, _): &&(Judgement, _)| one.verdict.name() == "refuted";
                let refuted = judgements.iter().filter(refuted).count();
                let silent = judgements.len() - refuted;
                let _ = writeln!(page, "\nrefuted: {refuted}, not said: {silent}");
            }
        }
    }
    page
}

fn on_this_kernel(seen: &ClauseVerdict) -> String {
    let word = seen.status.word();
    match &seen.status {
        Status::Skipped(why) | Status::Cited(why) | Status::Broken(why) => {
            format!("on this kernel: {word}: {why}")
        }
        _ => format!("on this kernel: {word}: {}", seen.seen.join(", ")),
    }
}
