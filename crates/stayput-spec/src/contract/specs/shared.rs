//! What the specifications of the five calls have in common.

use crate::language::{
    Capability, CapabilityAction, CheckType, ConstraintType, Counted, Counts, Effect, Expr, List,
    Lock, LockType, ParamFlag, Parameter, Return, SideEffect, Signal, SignalAction,
    SignalDirection, Text, Timing, Transition, ValueType, list, text,
};

pub(super) const START: Parameter = Parameter {
    name: text("start"),
    type_name: text("unsigned long"),
    description: text("Where the range starts"),
    value_type: Some(ValueType::Uint),
    flags: list![ParamFlag::In],
    constraint_type: Some(ConstraintType::None),
    constraint: Some(text("Any address; rounded down to a page")),
    range: None,
    valid_mask: None,
    enum_values: None,
    size: None,
    alignment: None,
    size_param: None,
};

pub(super) const LEN: Parameter = Parameter {
    name: text("len"),
    type_name: text("size_t"),
    description: text("Length of the range in bytes"),
    value_type: Some(ValueType::Uint),
    flags: list![ParamFlag::In],
    constraint_type: Some(ConstraintType::Range),
    constraint: Some(text(
        "The offset of start within its page is added and the sum rounded up to pages, modulo \
         2^64: 0 at an unaligned start is one page, and a length within a page of 2^64 is none \
         or one",
    )),
    range: Some((Expr::new("0"), Expr::new("ULONG_MAX"))),
    valid_mask: None,
    enum_values: None,
    size: None,
    alignment: None,
    size_param: None,
};

/// A parameter of flags with this mask.
pub(super) const fn flags(mask: &'static str, rule: &'static str) -> Parameter {
    Parameter {
        name: text("flags"),
        type_name: text("int"),
        description: text("What to lock, and when"),
        value_type: Some(ValueType::Int),
        flags: list![ParamFlag::In],
        constraint_type: Some(ConstraintType::Mask),
        constraint: Some(text(rule)),
        range: None,
        valid_mask: Some(Expr::new(mask)),
        enum_values: None,
        size: None,
        alignment: None,
        size_param: None,
    }
}

pub(super) const RETURNS: Option<Return> = Some(Return {
    type_name: text("long"),
    description: text("0, or a negative error number"),
    value_type: Some(ValueType::Int),
    check_type: Some(CheckType::Exact),
    success_value: Some(Expr::new("0")),
    success_range: None,
    error_values: None,
    error_count: None,
});

pub(super) const FATAL: Signal = Signal {
    number: Expr::new("0"),
    name: text("FATAL_SIGNALS"),
    direction: list![SignalDirection::Receive],
    action: SignalAction::Return,
    target: None,
    condition: Some(text(
        "A fatal signal is pending while mmap_lock is waited for",
    )),
    description: Some(text(
        "Only a signal that ends the process interrupts; a caught signal is delivered after the \
         call has completed. So no program sees EINTR, and there is nothing to restart.",
    )),
    restartable: false,
    sa_flags_required: None,
    sa_flags_forbidden: None,
    error: Some(Expr::new("-EINTR")),
    transform: None,
    timing: Some(Timing::During),
    priority: None,
    interruptible: true,
    queue: None,
    state_required: list![],
    state_forbidden: list![],
};

/// A lock that the call takes and gives back.
const fn taken(name: &'static str, kind: LockType, descriptions: &'static [Text]) -> Lock {
    Lock {
        name: text(name),
        kind,
        acquired: true,
        released: true,
        held_on_entry: false,
        held_on_exit: false,
        scope: None,
        descriptions: list(descriptions),
    }
}

const FOR_WRITING: Text =
    text("Taken for writing, killably, while mappings are flagged, split and merged");

pub(super) const MMAP_LOCK: Lock = taken("mmap_lock", LockType::Rwlock, const { &[FOR_WRITING] });

pub(super) const MMAP_LOCK_TWICE: Lock = taken(
    "mmap_lock",
    LockType::Rwlock,
    const {
        &[
            FOR_WRITING,
            text("Given back, and taken for reading while pages are brought in"),
        ]
    },
);

pub(super) const LRU_LOCK: Lock = taken(
    "lru_lock",
    LockType::Spinlock,
    const {
        &[text(
            "The lruvec's lock, taken while batches of pages move to or from the unevictable list",
        )]
    },
);

pub(super) const IPC_LOCK: Capability = Capability {
    capability: Expr::new("CAP_IPC_LOCK"),
    name: text("CAP_IPC_LOCK"),
    action: CapabilityAction::BypassCheck,
    allows: text("Any amount, whatever RLIMIT_MEMLOCK says, 0 included"),
    without: text("EPERM if the soft limit is 0; over it ENOMEM"),
    condition: Some(text(
        "In the initial user namespace only. Looked at when the limit is 0 or would be exceeded",
    )),
    priority: Some(Expr::new("0")),
    alternatives: None,
};

/// A change of state another call can undo.
pub(super) const fn changes(
    target: &'static str,
    description: &'static str,
    condition: Option<&'static str>,
) -> SideEffect {
    effect(list![Effect::ModifyState], target, description, condition)
}

/// The same, where memory is allocated too.
pub(super) const fn brings_in(description: &'static str, condition: &'static str) -> SideEffect {
    effect(
        list![Effect::ModifyState, Effect::AllocMemory],
        "pages",
        description,
        Some(condition),
    )
}

const fn effect(
    effect: List<Effect>,
    target: &'static str,
    description: &'static str,
    condition: Option<&'static str>,
) -> SideEffect {
    SideEffect {
        effect,
        target: text(target),
        description: text(description),
        condition: match condition {
            Some(condition) => Some(text(condition)),
            None => None,
        },
        reversible: true,
    }
}

/// A transition, with its condition.
pub(super) const fn goes(
    object: &'static str,
    from: &'static str,
    to: &'static str,
    description: &'static str,
    condition: Option<&'static str>,
) -> Transition {
    Transition {
        object: text(object),
        from: text(from),
        to: text(to),
        description: text(description),
        condition: match condition {
            Some(condition) => Some(text(condition)),
            None => None,
        },
    }
}

/// The counts of parameters, errors, signals, effects, transitions, locks and capabilities.
pub(super) const fn counts(counts: [u32; 7]) -> Counts {
    let what = [
        Counted::Parameters,
        Counted::Errors,
        Counted::Signals,
        Counted::SideEffects,
        Counted::Transitions,
        Counted::Locks,
        Counted::Capabilities,
    ];
    let mut declared = Counts::NONE;
    let mut i = 0;
    while i < what.len() {
        declared.set(what[i], counts[i]);
        i += 1;
    }
    declared
}
