//! Declared counts (`KAPI_ERROR_COUNT(5)`, `error-count: 5`).

use std::fmt;

/// What a specification may declare the number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Counted {
    /// Parameters.
    Parameters,
    /// Errors.
    Errors,
    /// Signals.
    Signals,
    /// Side effects.
    SideEffects,
    /// State transitions.
    Transitions,
    /// Kernel locks.
    Locks,
    /// Capabilities.
    Capabilities,
    /// Constraints.
    Constraints,
}

impl Counted {
    /// All of them, in the order of rendering.
    pub const ALL: [Self; 8] = [
        Self::Parameters,
        Self::Errors,
        Self::Signals,
        Self::SideEffects,
        Self::Transitions,
        Self::Locks,
        Self::Capabilities,
        Self::Constraints,
    ];

    /// The kernel-doc annotation that declares it.
    #[must_use]
    pub const fn annotation(self) -> &'static str {
        match self {
            Self::Parameters => "param-count",
            Self::Errors => "error-count",
            Self::Signals => "signal-count",
            Self::SideEffects => "side-effect-count",
            Self::Transitions => "state-trans-count",
            Self::Locks => "lock-count",
            Self::Capabilities => "capability-count",
            Self::Constraints => "constraint-count",
        }
    }

    /// What this many are called, such as `side effects`.
    #[must_use]
    pub const fn noun(self, count: usize) -> &'static str {
        let (one, more) = match self {
            Self::Parameters => ("parameter", "parameters"),
            Self::Errors => ("error", "errors"),
            Self::Signals => ("signal", "signals"),
            Self::SideEffects => ("side effect", "side effects"),
            Self::Transitions => ("state transition", "state transitions"),
            Self::Locks => ("kernel lock", "kernel locks"),
            Self::Capabilities => ("capability", "capabilities"),
            Self::Constraints => ("constraint", "constraints"),
        };
        if count == 1 { one } else { more }
    }

    /// The macro that declares it.
    #[must_use]
    pub const fn macro_name(self) -> &'static str {
        match self {
            Self::Parameters => "KAPI_PARAM_COUNT",
            Self::Errors => "KAPI_ERROR_COUNT",
            Self::Signals => "KAPI_SIGNAL_COUNT",
            Self::SideEffects => "KAPI_SIDE_EFFECT_COUNT",
            Self::Transitions => "KAPI_STATE_TRANS_COUNT",
            Self::Locks => "KAPI_LOCK_COUNT",
            Self::Capabilities => "KAPI_CAPABILITY_COUNT",
            Self::Constraints => "KAPI_CONSTRAINT_COUNT",
        }
    }
}

/// The counts a specification declares; `None` where it declares none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([Option<u32>; Counted::ALL.len()]);

impl Counts {
    /// No count declared.
    pub const NONE: Self = Self([None; Counted::ALL.len()]);

    /// The declared count.
    #[must_use]
    pub const fn of(&self, what: Counted) -> Option<u32> {
        self.0[what as usize]
    }

    /// Declares a count.
    pub const fn set(&mut self, what: Counted, count: u32) {
        self.0[what as usize] = Some(count);
    }
}

/// A count that is not true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountMismatch {
    /// What was counted.
    pub what: Counted,
    /// What the specification says.
    pub declared: u32,
    /// What it has.
    pub actual: usize,
}

impl fmt::Display for CountMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            declared,
            actual,
        } = self;
        write!(
            f,
            "{} declares {declared}, but there are {actual}",
            what.macro_name()
        )
    }
}
