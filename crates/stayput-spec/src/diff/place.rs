//! The prose of a specification, by places.

use crate::language::Spec;
use std::fmt;

/// A place in a specification where something can be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// At the error of this symbol.
    Error(&'static str),
    /// At this parameter.
    Parameter(&'static str),
    /// At a capability.
    Capability,
    /// In any prose about what the call does.
    Behaviour,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(symbol) => write!(f, "Errors, {symbol}"),
            Self::Parameter(name) => write!(f, "Parameters, {name}"),
            Self::Capability => f.write_str("Capabilities"),
            Self::Behaviour => f.write_str("Behaviour"),
        }
    }
}

impl Place {
    /// What the specification says there, sentence by sentence, in small letters.
    pub(super) fn sentences(self, spec: &Spec) -> Vec<String> {
        let mut texts: Vec<&str> = Vec::new();
        if let Self::Error(symbol) = self {
            for case in spec.errors.iter().filter(|case| case.symbol == symbol) {
                texts.extend([&*case.condition, &*case.description]);
            }
        }
        if let Self::Parameter(name) = self {
            for parameter in spec.parameters.iter().filter(|p| p.name == name) {
                texts.push(&parameter.description);
                texts.extend(parameter.constraint.as_deref());
            }
        }
        if matches!(self, Self::Capability) {
            for capability in spec.capabilities.iter() {
                texts.extend([&*capability.allows, &*capability.without]);
                texts.extend(capability.condition.as_deref());
            }
        }
        if matches!(self, Self::Behaviour) {
            texts.extend(behaviour(spec));
        }
        texts.iter().flat_map(|text| sentences(text)).collect()
    }
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
