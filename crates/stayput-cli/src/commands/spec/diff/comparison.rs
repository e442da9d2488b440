//! What there is to say about two sides.

use stayput_conformance::ClauseVerdict;
use stayput_spec::diff::{Difference, Judgement};

/// What there is to say about one call.
pub(super) struct Comparison<'a> {
    /// The function.
    pub(super) name: String,
    pub(super) found: Found<'a>,
}

pub(super) enum Found<'a> {
    Differences(Vec<Difference>),
    /// With what a probe saw of each, where probes were asked for.
    Judgements(Vec<(Judgement, Option<&'a ClauseVerdict>)>),
    /// Only one side has the call: this one.
    OnlyIn(&'a str),
}

impl Comparison<'_> {
    pub(super) fn agrees(&self) -> bool {
        match &self.found {
            Found::Differences(differences) => differences.is_empty(),
            Found::Judgements(judgements) => judgements.is_empty(),
            Found::OnlyIn(_) => false,
        }
    }
}
