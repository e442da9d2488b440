//! The parts a specification is made of, one type each.

use super::{
    CapabilityAction, CheckType, ConstraintType, Effect, Expr, List, LockScope, LockType,
    ParamFlag, SignalAction, SignalDirection, SignalState, Text, Timing, ValueType, list, text,
};

/// A parameter (`KAPI_PARAM`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: Text,
    /// Its C type.
    pub type_name: Text,
    /// What it is.
    pub description: Text,
    /// The class of its type.
    pub value_type: Option<ValueType>,
    /// Its attributes, a mask.
    pub flags: List<ParamFlag>,
    /// How its values are constrained.
    pub constraint_type: Option<ConstraintType>,
    /// The constraint in words.
    pub constraint: Option<Text>,
    /// The smallest and the largest valid value.
    pub range: Option<(Expr, Expr)>,
    /// The valid bits.
    pub valid_mask: Option<Expr>,
    /// The valid values, as written.
    pub enum_values: Option<Expr>,
    /// Size in bytes.
    pub size: Option<Expr>,
    /// Alignment in bytes.
    pub alignment: Option<Expr>,
    /// Index of the parameter that holds the size.
    pub size_param: Option<Expr>,
}

impl Parameter {
    /// A parameter of which only name, type and description are known.
    #[must_use]
    pub const fn new(name: Text, type_name: Text, description: Text) -> Self {
        Self {
            name,
            type_name,
            description,
            value_type: None,
            flags: list(&[]),
            constraint_type: None,
            constraint: None,
            range: None,
            valid_mask: None,
            enum_values: None,
            size: None,
            alignment: None,
            size_param: None,
        }
    }
}

/// What the call returns (`KAPI_RETURN`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// Its C type.
    pub type_name: Text,
    /// What it means.
    pub description: Text,
    /// The class of its type.
    pub value_type: Option<ValueType>,
    /// How success is told.
    pub check_type: Option<CheckType>,
    /// The one value that means success.
    pub success_value: Option<Expr>,
    /// The range of values that means success.
    pub success_range: Option<(Expr, Expr)>,
    /// The values that mean failure, as written.
    pub error_values: Option<Expr>,
    /// How many those are, as written.
    pub error_count: Option<Expr>,
}

impl Return {
    /// A return value of which only type and description are known.
    #[must_use]
    pub const fn new(type_name: Text, description: Text) -> Self {
        Self {
            type_name,
            description,
            value_type: None,
            check_type: None,
            success_value: None,
            success_range: None,
            error_values: None,
            error_count: None,
        }
    }
}

/// One way to fail (`KAPI_ERROR`). A specification may list one number several times, once for
/// each cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorCase {
    /// The error number as the call returns it inside the kernel, such as `-EINVAL`.
    pub number: Expr,
    /// Its symbol, such as `EINVAL`.
    pub symbol: Text,
    /// The condition, in a few words.
    pub condition: Text,
    /// The condition in full.
    pub description: Text,
}

/// A signal that has to do with the call (`KAPI_SIGNAL`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Its number, 0 for a class of signals.
    pub number: Expr,
    /// Its name.
    pub name: Text,
    /// Which way it goes, a mask.
    pub direction: List<SignalDirection>,
    /// What happens.
    pub action: SignalAction,
    /// Who receives it, where the call sends it.
    pub target: Option<Text>,
    /// When it matters.
    pub condition: Option<Text>,
    /// In full.
    pub description: Option<Text>,
    /// The call can be restarted after it.
    pub restartable: bool,
    /// `SA_*` flags that must be set.
    pub sa_flags_required: Option<Expr>,
    /// `SA_*` flags that must not be set.
    pub sa_flags_forbidden: Option<Expr>,
    /// The error number the call returns on it.
    pub error: Option<Expr>,
    /// The signal it is turned into.
    pub transform: Option<Expr>,
    /// When during the call it may come.
    pub timing: Option<Timing>,
    /// Lower is handled first.
    pub priority: Option<Expr>,
    /// It interrupts the call.
    pub interruptible: bool,
    /// How it is queued: the text, or the kernel's symbol for it.
    pub queue: Option<Text>,
    /// States the process must be in, a mask.
    pub state_required: List<SignalState>,
    /// States the process must not be in, a mask.
    pub state_forbidden: List<SignalState>,
}

impl Signal {
    /// A signal of which only what `KAPI_SIGNAL` itself says is known.
    #[must_use]
    pub const fn new(
        number: Expr,
        name: Text,
        direction: List<SignalDirection>,
        action: SignalAction,
    ) -> Self {
        Self {
            number,
            name,
            direction,
            action,
            target: None,
            condition: None,
            description: None,
            restartable: false,
            sa_flags_required: None,
            sa_flags_forbidden: None,
            error: None,
            transform: None,
            timing: None,
            priority: None,
            interruptible: false,
            queue: None,
            state_required: list(&[]),
            state_forbidden: list(&[]),
        }
    }
}

/// A named set of signals (`KAPI_SIGNAL_MASK`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignalMask {
    /// Its name.
    pub name: Text,
    /// What it is for.
    pub description: Text,
    /// The signals in it.
    pub signals: List<Expr>,
}

/// Something the call changes beyond what it returns (`KAPI_SIDE_EFFECT`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SideEffect {
    /// What kind of change, a mask.
    pub effect: List<Effect>,
    /// What is changed.
    pub target: Text,
    /// How it is changed.
    pub description: Text,
    /// When.
    pub condition: Option<Text>,
    /// Another call can undo it.
    pub reversible: bool,
}

/// A change of state (`KAPI_STATE_TRANS`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// What changes its state.
    pub object: Text,
    /// The state before.
    pub from: Text,
    /// The state after.
    pub to: Text,
    /// In full.
    pub description: Text,
    /// When.
    pub condition: Option<Text>,
}

/// A lock inside the kernel (`KAPI_LOCK`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Its name.
    pub name: Text,
    /// Its kind.
    pub kind: LockType,
    /// The call takes it.
    pub acquired: bool,
    /// The call gives it back.
    pub released: bool,
    /// It is held when the call starts.
    pub held_on_entry: bool,
    /// It is held when the call returns.
    pub held_on_exit: bool,
    /// The scope, where the specification names it.
    pub scope: Option<LockScope>,
    /// Every description, in order: `KAPI_LOCK_DESC` may be repeated, and C would keep the last.
    pub descriptions: List<Text>,
}

impl Lock {
    /// A lock of which only name and kind are known.
    #[must_use]
    pub const fn new(name: Text, kind: LockType) -> Self {
        Self {
            name,
            kind,
            acquired: false,
            released: false,
            held_on_entry: false,
            held_on_exit: false,
            scope: None,
            descriptions: list(&[]),
        }
    }

    /// The scope as named, or as the flags say it.
    #[must_use]
    pub fn effective_scope(&self) -> LockScope {
        match &self.scope {
            Some(scope) => scope.clone(),
            None if self.held_on_entry && self.held_on_exit => LockScope::CallerHeld,
            None if self.acquired && !self.released => LockScope::Acquires,
            None if self.released && !self.acquired => LockScope::Releases,
            None => LockScope::Internal,
        }
    }
}

/// A capability the call looks at (`KAPI_CAPABILITY`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capability {
    /// Its number, as a symbol such as `CAP_IPC_LOCK`.
    pub capability: Expr,
    /// Its name.
    pub name: Text,
    /// What it does for its holder.
    pub action: CapabilityAction,
    /// What it allows.
    pub allows: Text,
    /// What happens without it.
    pub without: Text,
    /// When it is looked at.
    pub condition: Option<Text>,
    /// Lower is looked at first.
    pub priority: Option<Expr>,
    /// Capabilities that do as well, and how many, as written.
    pub alternatives: Option<(Expr, Expr)>,
}

impl Capability {
    /// A capability of which only what `KAPI_CAPABILITY` itself says is known.
    #[must_use]
    pub const fn new(capability: Expr, name: Text, action: CapabilityAction) -> Self {
        Self {
            capability,
            name,
            action,
            allows: text(""),
            without: text(""),
            condition: None,
            priority: None,
            alternatives: None,
        }
    }
}

/// A rule beyond the parameters (`KAPI_CONSTRAINT`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// Its name.
    pub name: Text,
    /// The rule in words.
    pub description: Text,
    /// The rule as a formula.
    pub expression: Option<Text>,
}
