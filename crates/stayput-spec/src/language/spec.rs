//! A whole specification.

use super::{
    Capability, Constraint, Context, CountMismatch, Counted, Counts, ErrorCase, List, Lock,
    Parameter, Return, SideEffect, Signal, SignalMask, Text, Transition, list, text,
};

/// What is specified about one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// The function, such as `sys_mlock2`.
    pub name: Text,
    /// What it does, in a line.
    pub description: Text,
    /// What it does, in full.
    pub long_description: Option<Text>,
    /// Where it may be called from, a mask.
    pub context: List<Context>,
    /// Its parameters, in order.
    pub parameters: List<Parameter>,
    /// What it returns.
    pub returns: Option<Return>,
    /// How it fails.
    pub errors: List<ErrorCase>,
    /// Signals it has to do with.
    pub signals: List<Signal>,
    /// Named signal sets.
    pub signal_masks: List<SignalMask>,
    /// What it changes.
    pub side_effects: List<SideEffect>,
    /// What changes its state.
    pub transitions: List<Transition>,
    /// Kernel locks.
    pub locks: List<Lock>,
    /// Capabilities.
    pub capabilities: List<Capability>,
    /// Rules beyond the parameters.
    pub constraints: List<Constraint>,
    /// Examples.
    pub examples: Option<Text>,
    /// Notes.
    pub notes: Option<Text>,
    /// The kernel version it holds since.
    pub since: Option<Text>,
    /// The counts it declares.
    pub declared: Counts,
    /// What the reader didn't know: kept, reported, and rendered again.
    pub unknown: List<Unknown>,
}

impl Spec {
    /// A specification that says nothing yet.
    #[must_use]
    pub const fn new(name: Text) -> Self {
        Self {
            name,
            description: text(""),
            long_description: None,
            context: list(&[]),
            parameters: list(&[]),
            returns: None,
            errors: list(&[]),
            signals: list(&[]),
            signal_masks: list(&[]),
            side_effects: list(&[]),
            transitions: list(&[]),
            locks: list(&[]),
            capabilities: list(&[]),
            constraints: list(&[]),
            examples: None,
            notes: None,
            since: None,
            declared: Counts::NONE,
            unknown: list(&[]),
        }
    }

    /// The name without the kernel's `sys_` prefix.
    #[must_use]
    pub fn call_name(&self) -> &str {
        self.name.strip_prefix("sys_").unwrap_or(&self.name)
    }

    /// How many of these there are.
    #[must_use]
    pub fn count(&self, what: Counted) -> usize {
        match what {
            Counted::Parameters => self.parameters.len(),
            Counted::Errors => self.errors.len(),
            Counted::Signals => self.signals.len(),
            Counted::SideEffects => self.side_effects.len(),
            Counted::Transitions => self.transitions.len(),
            Counted::Locks => self.locks.len(),
            Counted::Capabilities => self.capabilities.len(),
            Counted::Constraints => self.constraints.len(),
        }
    }

    /// Where the declared counts are not true.
    #[must_use]
    pub fn count_mismatches(&self) -> Vec<CountMismatch> {
        let mismatch = |what| {
            let (declared, actual) = (self.declared.of(what)?, self.count(what));
            (usize::try_from(declared) != Ok(actual)).then_some(CountMismatch {
                what,
                declared,
                actual,
            })
        };
        Counted::ALL.into_iter().filter_map(mismatch).collect()
    }
}

/// Something in a source that this crate doesn't know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The macro, the initialiser (with its dot) or the annotation.
    pub name: Text,
    /// What it was given, as written; `None` for a bare macro.
    pub arguments: Option<Text>,
    /// The part it stood in, such as `KAPI_PARAM(1)`; empty at the top.
    pub within: Text,
    /// The line of the source, from 1.
    pub line: u32,
}
