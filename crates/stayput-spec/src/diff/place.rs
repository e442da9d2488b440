//! The prose of a specification, by places.

use crate::language::Spec;
use std::fmt;

/// A place in a specification where something can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// At the error of this symbol.
    Error(&'a str),
    /// At this parameter.
    Parameter(&'a str),
    /// At a capability.
    Capability,
    /// In any prose about what the call does.
    Behaviour,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(symbol) => write!(f, "Errors, {symbol}"),
            Self::Parameter(name) => write!(f, "Parameters, {name}"),
            Self::Capability => f.write_str("Capabilities"),
            Self::Behaviour => f.write_str("Behaviour"),
        }
    }
}

impl Place<'_> {
    /// What the specification says there, sentence by sentence, in small letters.
    pub(super) fn sentences(self, spec: &Spec) -> Vec<String> {
        let texts = match self {
            Self::Error(symbol) => errors(spec, symbol),
            Self::Parameter(name) => parameters(spec, name),
            Self::Capability => capabilities(spec),
            Self::Behaviour => behaviour(spec),
        };
        texts.iter().flat_map(|text| sentences(text)).collect()
    }
}

fn errors<'a>(spec: &'a Spec, symbol: &str) -> Vec<&'a str> {
    let cases = spec.errors.iter().filter(|case| case.symbol == symbol);
    let texts = cases.flat_map(|case| [&*case.condition, &*case.description]);
    texts.collect()
}

fn parameters<'a>(spec: &'a Spec, name: &str) -> Vec<&'a str> {
    let named = spec.parameters.iter().filter(|p| p.name == name);
    let texts = named.flat_map(|p| [Some(&*p.description), p.constraint.as_deref()]);
    texts.flatten().collect()
}

fn capabilities(spec: &Spec) -> Vec<&str> {
    let texts = spec
        .capabilities
        .iter()
        .flat_map(|c| [Some(&*c.allows), Some(&*c.without), c.condition.as_deref()]);
    texts.flatten().collect()
}

/// All prose about what the call does: descriptions, effects, transitions, rules, errors, notes.
fn behaviour(spec: &Spec) -> Vec<&str> {
    let mut texts: Vec<&str> = vec![&spec.description];
    texts.extend(spec.long_description.as_deref());
    for effect in spec.side_effects.iter() {
        texts.extend([&*effect.target, &*effect.description]);
        texts.extend(effect.condition.as_deref());
    }
    for transition in spec.transitions.iter() {
        texts.extend([&*transition.to, &*transition.description]);
        texts.extend(transition.condition.as_deref());
    }
    for constraint in spec.constraints.iter() {
        texts.push(&constraint.description);
    }
    for error in spec.errors.iter() {
        texts.extend([&*error.condition, &*error.description]);
    }
    texts.extend(spec.notes.as_deref());
    texts
}

fn sentences(text: &str) -> Vec<String> {
    let text = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    text.split_inclusive(". ").map(str::to_owned).collect()
}
