//! The macros of the notation: which part each opens, ends or fills, and with how many arguments.

use crate::language::Counted;

/// A part of a specification that a macro opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Spec,
    Parameter,
    Return,
    Error,
    Signal,
    SignalMask,
    SideEffect,
    Transition,
    Lock,
    Capability,
    Constraint,
    /// A part whose opening was malformed: what stands in it has no home.
    Lost,
}

/// What a macro does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Opens a part; how many arguments it has, the index included where there is one.
    Open(Part, usize),
    /// Ends a part.
    End(Part),
    /// Fills a field of the structure behind the part; how many arguments it has.
    Field(Part, &'static str, usize),
    /// Declares a count.
    Count(Counted),
}

impl Part {
    /// The macro that opens it.
    pub(super) fn macro_name(self) -> &'static str {
        let opens =
            |(_, role): &&(&str, Role)| matches!(role, Role::Open(part, _) if *part == self);
        TABLE.iter().find(opens).map_or("", |(name, _)| name)
    }
}

/// What a macro does; `None` if it isn't known.
pub(super) fn role(name: &str) -> Option<Role> {
    TABLE
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, role)| *role)
}

pub(super) fn is_known(name: &str) -> bool {
    role(name).is_some()
}

const TABLE: &[(&str, Role)] = {
    use Counted as C;
    use Part as P;
    use Role::{Count, End, Field, Open};
    &[
        ("KAPI_DESCRIPTION", Field(P::Spec, "description", 1)),
        ("KAPI_LONG_DESC", Field(P::Spec, "long_description", 1)),
        ("KAPI_CONTEXT", Field(P::Spec, "context_flags", 1)),
        ("KAPI_EXAMPLES", Field(P::Spec, "examples", 1)),
        ("KAPI_NOTES", Field(P::Spec, "notes", 1)),
        ("KAPI_SINCE_VERSION", Field(P::Spec, "since_version", 1)),
        ("KAPI_PARAM_COUNT", Count(C::Parameters)),
        ("KAPI_ERROR_COUNT", Count(C::Errors)),
        ("KAPI_SIGNAL_COUNT", Count(C::Signals)),
        ("KAPI_SIDE_EFFECT_COUNT", Count(C::SideEffects)),
        ("KAPI_STATE_TRANS_COUNT", Count(C::Transitions)),
        ("KAPI_LOCK_COUNT", Count(C::Locks)),
        ("KAPI_CAPABILITY_COUNT", Count(C::Capabilities)),
        ("KAPI_CONSTRAINT_COUNT", Count(C::Constraints)),
        ("KAPI_PARAM", Open(P::Parameter, 4)),
        ("KAPI_PARAM_TYPE", Field(P::Parameter, "type", 1)),
        ("KAPI_PARAM_FLAGS", Field(P::Parameter, "flags", 1)),
        ("KAPI_PARAM_SIZE", Field(P::Parameter, "size", 1)),
        ("KAPI_PARAM_RANGE", Field(P::Parameter, "range", 2)),
        (
            "KAPI_PARAM_CONSTRAINT_TYPE",
            Field(P::Parameter, "constraint_type", 1),
        ),
        (
            "KAPI_PARAM_CONSTRAINT",
            Field(P::Parameter, "constraints", 1),
        ),
        (
            "KAPI_PARAM_VALID_MASK",
            Field(P::Parameter, "valid_mask", 1),
        ),
        (
            "KAPI_PARAM_ENUM_VALUES",
            Field(P::Parameter, "enum_values", 1),
        ),
        ("KAPI_PARAM_ALIGNMENT", Field(P::Parameter, "alignment", 1)),
        (
            "KAPI_PARAM_SIZE_PARAM",
            Field(P::Parameter, "size_param_idx", 1),
        ),
        ("KAPI_PARAM_END", End(P::Parameter)),
        ("KAPI_RETURN", Open(P::Return, 2)),
        ("KAPI_RETURN_TYPE", Field(P::Return, "type", 1)),
        ("KAPI_RETURN_CHECK_TYPE", Field(P::Return, "check_type", 1)),
        ("KAPI_RETURN_SUCCESS", Field(P::Return, "success_value", 1)),
        (
            "KAPI_RETURN_SUCCESS_RANGE",
            Field(P::Return, "success_range", 2),
        ),
        (
            "KAPI_RETURN_ERROR_VALUES",
            Field(P::Return, "error_values", 1),
        ),
        (
            "KAPI_RETURN_ERROR_COUNT",
            Field(P::Return, "error_count", 1),
        ),
        ("KAPI_RETURN_END", End(P::Return)),
        ("KAPI_ERROR", Open(P::Error, 5)),
        ("KAPI_SIGNAL", Open(P::Signal, 5)),
        ("KAPI_SIGNAL_TARGET", Field(P::Signal, "target", 1)),
        ("KAPI_SIGNAL_CONDITION", Field(P::Signal, "condition", 1)),
        ("KAPI_SIGNAL_DESC", Field(P::Signal, "description", 1)),
        (
            "KAPI_SIGNAL_RESTARTABLE",
            Field(P::Signal, "restartable", 0),
        ),
        (
            "KAPI_SIGNAL_SA_FLAGS_REQ",
            Field(P::Signal, "sa_flags_required", 1),
        ),
        (
            "KAPI_SIGNAL_SA_FLAGS_FORBID",
            Field(P::Signal, "sa_flags_forbidden", 1),
        ),
        ("KAPI_SIGNAL_ERROR", Field(P::Signal, "error_on_signal", 1)),
        ("KAPI_SIGNAL_TRANSFORM", Field(P::Signal, "transform_to", 1)),
        ("KAPI_SIGNAL_TIMING", Field(P::Signal, "timing", 1)),
        ("KAPI_SIGNAL_PRIORITY", Field(P::Signal, "priority", 1)),
        (
            "KAPI_SIGNAL_INTERRUPTIBLE",
            Field(P::Signal, "interruptible", 0),
        ),
        ("KAPI_SIGNAL_QUEUE", Field(P::Signal, "queue_behavior", 1)),
        (
            "KAPI_SIGNAL_STATE_REQ",
            Field(P::Signal, "state_required", 1),
        ),
        (
            "KAPI_SIGNAL_STATE_FORBID",
            Field(P::Signal, "state_forbidden", 1),
        ),
        ("KAPI_SIGNAL_END", End(P::Signal)),
        ("KAPI_SIGNAL_MASK", Open(P::SignalMask, 3)),
        // Any number of signals: the builder takes them as they come.
        (
            "KAPI_SIGNAL_MASK_SIGNALS",
            Field(P::SignalMask, "signals", usize::MAX),
        ),
        ("KAPI_SIGNAL_MASK_END", End(P::SignalMask)),
        ("KAPI_SIDE_EFFECT", Open(P::SideEffect, 4)),
        (
            "KAPI_EFFECT_CONDITION",
            Field(P::SideEffect, "condition", 1),
        ),
        (
            "KAPI_EFFECT_REVERSIBLE",
            Field(P::SideEffect, "reversible", 0),
        ),
        ("KAPI_SIDE_EFFECT_END", End(P::SideEffect)),
        ("KAPI_STATE_TRANS", Open(P::Transition, 5)),
        (
            "KAPI_STATE_TRANS_COND",
            Field(P::Transition, "condition", 1),
        ),
        ("KAPI_STATE_TRANS_END", End(P::Transition)),
        ("KAPI_LOCK", Open(P::Lock, 3)),
        ("KAPI_LOCK_ACQUIRED", Field(P::Lock, "acquired", 0)),
        ("KAPI_LOCK_RELEASED", Field(P::Lock, "released", 0)),
        ("KAPI_LOCK_HELD_ENTRY", Field(P::Lock, "held_on_entry", 0)),
        ("KAPI_LOCK_HELD_EXIT", Field(P::Lock, "held_on_exit", 0)),
        ("KAPI_LOCK_DESC", Field(P::Lock, "description", 1)),
        ("KAPI_LOCK_END", End(P::Lock)),
        ("KAPI_CAPABILITY", Open(P::Capability, 4)),
        ("KAPI_CAP_ALLOWS", Field(P::Capability, "allows", 1)),
        ("KAPI_CAP_WITHOUT", Field(P::Capability, "without_cap", 1)),
        (
            "KAPI_CAP_CONDITION",
            Field(P::Capability, "check_condition", 1),
        ),
        ("KAPI_CAP_PRIORITY", Field(P::Capability, "priority", 1)),
        (
            "KAPI_CAP_ALTERNATIVE",
            Field(P::Capability, "alternative", 2),
        ),
        ("KAPI_CAPABILITY_END", End(P::Capability)),
        ("KAPI_CONSTRAINT", Open(P::Constraint, 3)),
        (
            "KAPI_CONSTRAINT_EXPR",
            Field(P::Constraint, "expression", 1),
        ),
        ("KAPI_CONSTRAINT_END", End(P::Constraint)),
    ]
};

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn the_committed_inputs_use_every_macro() {
        let inputs = concat!(
            include_str!("../../../tests/inputs/every-macro.patch"),
            include_str!("../../../tests/inputs/refuted.c"),
        );
        let words: Vec<&str> = inputs
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .collect();
        for (name, _) in TABLE {
            assert!(words.contains(name), "{name} is read, and no input has it");
        }
    }
}
