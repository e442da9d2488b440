//! A specification against what the kernel does.

use super::judgement::{Judgement, Verdict};
use super::rules::refutations;
use super::topics::{TOPICS, Topic};
use crate::contract::{Call, clause};
use crate::language::Spec;

/// Holds a specification against the contract: what the kernel refutes first, then what the
/// specification doesn't say. `None` if the contract has no such call.
///
/// A clause that isn't merely cited can be confirmed on a live kernel, under its id, by the
/// conformance crate.
#[must_use]
pub fn against_kernel(spec: &Spec) -> Option<Vec<Judgement>> {
    let call = FAMILY
        .into_iter()
        .find(|call| call.name() == spec.call_name())?;
    let mut judgements = refutations(spec, call);
    let refuted: Vec<_> = judgements
        .iter()
        .filter_map(|judgement| judgement.clause)
        .collect();
    let unsaid = TOPICS
        .iter()
        .filter(|topic| topic.calls.contains(&call) && !topic.is_said(spec))
        .filter(|topic| refuted.iter().all(|clause| clause.id != topic.clause))
        .map(Topic::silent);
    judgements.extend(unsaid);
    Some(judgements)
}

const FAMILY: [Call; 5] = [
    Call::Mlock,
    Call::Mlock2,
    Call::Munlock,
    Call::Mlockall,
    Call::Munlockall,
];

impl Topic {
    /// Whether a sentence at the topic's place has all words of one of its sets.
    fn is_said(&self, spec: &Spec) -> bool {
        self.place.sentences(spec).iter().any(|sentence| {
            let has = |word: &&str| sentence.contains(*word);
            self.words.is_empty() || self.words.iter().any(|words| words.iter().all(has))
        })
    }

    fn silent(&self) -> Judgement {
        let sets: Vec<_> = self.words.iter().map(|words| words.join(" + ")).collect();
        let looked_for = match sets.is_empty() {
            true => "the error at all".to_owned(),
            false => sets.join(", "),
        };
        Judgement {
            place: self.place.to_string(),
            verdict: Verdict::Silent {
                about: self.about,
                looked_for,
            },
            clause: clause(self.clause),
        }
    }
}
