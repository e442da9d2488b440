//! One part of a specification from its annotation.

use super::attributes::Attributes;
use super::entry::Entry;
use crate::language::{
    Capability, CapabilityAction, Constraint, ConstraintType, ErrorCase, Expr, Lock, LockType,
    Parameter, SideEffect, Signal, SignalAction, SignalDirection, SignalMask, Text, Transition,
};
use std::borrow::Cow;

/// `range(0, 4096)` is a constraint's kind and its value in one.
pub(super) fn constraint_type(parameter: &mut Parameter, value: &str, a: &mut Attributes) {
    let call = value
        .split_once('(')
        .and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)));
    let (kind, arguments) = call.unwrap_or((value, ""));
    let kind: ConstraintType = a.head_symbol("constraint-type", kind);
    if !arguments.is_empty() {
        match &kind {
            ConstraintType::Range => {
                let (from, to) = split_two(arguments);
                parameter.range = Some((Expr::read(from), Expr::read(to)));
            }
            ConstraintType::Mask => parameter.valid_mask = Some(Expr::read(arguments)),
            ConstraintType::Enum => parameter.enum_values = Some(Expr::read(arguments)),
            ConstraintType::Alignment => parameter.alignment = Some(Expr::read(arguments)),
            ConstraintType::UserString => parameter.size = Some(Expr::read(arguments)),
            ConstraintType::Custom => parameter.constraint = Some(owned(arguments)),
            _ => parameter.size_param = Some(Expr::read(arguments)),
        }
    }
    parameter.constraint_type = Some(kind);
}

/// `EINVAL, condition` with the description under it (and a number that isn't `-EINVAL`), or
/// `-EINVAL, EINVAL, condition, description`.
pub(super) fn error(entry: &Entry, a: &mut Attributes) -> ErrorCase {
    let (first, rest) = split_two(&entry.value);
    let description = a.text(&["desc"]);
    if !first.starts_with('-') {
        let description = description.unwrap_or_default();
        let number = a.expr(&["number"]);
        return ErrorCase {
            number: number.unwrap_or_else(|| Expr::read(&format!("-{first}"))),
            symbol: owned(first),
            condition: owned(rest),
            description,
        };
    }
    let (symbol, rest) = split_two(rest);
    let (condition, inline) = match &description {
        Some(_) => (rest, ""),
        None => split_two(rest),
    };
    ErrorCase {
        number: Expr::read(first),
        symbol: owned(symbol),
        condition: owned(condition),
        description: description.unwrap_or_else(|| owned(inline)),
    }
}

pub(super) fn signal(entry: &Entry, a: &mut Attributes) -> Signal {
    let number = a.expr(&["number"]).unwrap_or(const { Expr::new("0") });
    let direction = a.mask::<SignalDirection>(&["direction"]);
    let action = a.symbol(&["action"]).unwrap_or(SignalAction::Default);
    Signal {
        target: a.text(&["target"]),
        condition: a.text(&["condition"]),
        description: a.text(&["desc"]),
        restartable: a.flag(&["restartable"]),
        sa_flags_required: a.expr(&["sa-flags-required", "sa-flags-req"]),
        sa_flags_forbidden: a.expr(&["sa-flags-forbidden", "sa-flags-forbid"]),
        error: a.expr(&["errno", "error"]),
        transform: a.expr(&["transform", "transform-to"]),
        timing: a.symbol(&["timing"]),
        priority: a.expr(&["priority"]),
        interruptible: a.flag(&["interruptible"]),
        queue: a.text(&["queue", "queue-behavior"]),
        state_required: a.mask(&["state-required", "state-req"]),
        state_forbidden: a.mask(&["state-forbidden", "state-forbid"]),
        ..Signal::new(number, owned(&entry.value), direction, action)
    }
}

pub(super) fn signal_mask(entry: &Entry, a: &mut Attributes) -> SignalMask {
    let signals = a
        .take(&["signals"])
        .map(|attribute| attribute.value)
        .unwrap_or_default();
    SignalMask {
        name: owned(&entry.value),
        description: a.text(&["desc"]).unwrap_or_default(),
        signals: signals
            .split(',')
            .filter(|s| !s.trim().is_empty())
            .map(Expr::read)
            .collect(),
    }
}

/// The mask with its attributes under it, or
/// `mask, target, description, condition=…, reversible=yes`.
pub(super) fn side_effect(entry: &Entry, a: &mut Attributes) -> SideEffect {
    let (head, reversible) = match entry.value.rsplit_once(", reversible=") {
        Some((head, word)) => (head, word.trim() == "yes"),
        None => (entry.value.as_str(), false),
    };
    let (head, condition) = match head.rsplit_once(", condition=") {
        Some((head, condition)) => (head, Some(owned(condition))),
        None => (head, None),
    };
    let (mask, rest) = split_two(head);
    let (target, description) = split_two(rest);
    SideEffect {
        effect: a.head_mask("side-effect", mask),
        target: a.text(&["target"]).unwrap_or_else(|| owned(target)),
        description: a.text(&["desc"]).unwrap_or_else(|| owned(description)),
        condition: a.text(&["condition"]).or(condition),
        reversible: a.flag(&["reversible"]) || reversible,
    }
}

/// The object with its attributes under it, or `object, from, to, description`.
pub(super) fn transition(entry: &Entry, a: &mut Attributes) -> Transition {
    let (from, to) = (a.text(&["from"]), a.text(&["to"]));
    let inline = from.is_none() && to.is_none();
    let (object, rest) = if inline {
        split_two(&entry.value)
    } else {
        (&*entry.value, "")
    };
    let (inline_from, rest) = split_two(rest);
    let (inline_to, inline_description) = split_two(rest);
    Transition {
        object: owned(object),
        from: from.unwrap_or_else(|| owned(inline_from)),
        to: to.unwrap_or_else(|| owned(inline_to)),
        description: a
            .text(&["desc"])
            .unwrap_or_else(|| owned(inline_description)),
        condition: a.text(&["condition"]),
    }
}

pub(super) fn lock(entry: &Entry, a: &mut Attributes) -> Lock {
    let (name, inline_kind) = split_two(&entry.value);
    let kind = match a.symbol::<LockType>(&["type"]) {
        Some(kind) => kind,
        None => a.head_symbol("lock", inline_kind),
    };
    let mut descriptions = Vec::new();
    while let Some(description) = a.text(&["desc"]) {
        descriptions.push(description);
    }
    Lock {
        acquired: a.flag(&["acquired"]),
        released: a.flag(&["released"]),
        held_on_entry: a.flag(&["held-on-entry"]),
        held_on_exit: a.flag(&["held-on-exit"]),
        scope: a.symbol(&["scope"]),
        descriptions: Cow::Owned(descriptions),
        ..Lock::new(owned(name), kind)
    }
}

/// `CAP_NAME, action, name` with its attributes under it, or the action as `type:`.
pub(super) fn capability(entry: &Entry, a: &mut Attributes) -> Capability {
    let (number, rest) = split_two(&entry.value);
    let (inline_action, inline_name) = split_two(rest);
    let action = match a.symbol(&["type"]) {
        Some(action) => action,
        None if inline_action.is_empty() => CapabilityAction::PerformOperation,
        None => a.head_symbol("capability", inline_action),
    };
    let name = a
        .text(&["desc"])
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| {
            owned(if inline_name.is_empty() {
                number
            } else {
                inline_name
            })
        });
    Capability {
        allows: a.text(&["allows"]).unwrap_or_default(),
        without: a.text(&["without"]).unwrap_or_default(),
        condition: a.text(&["condition"]),
        priority: a.expr(&["priority"]),
        alternatives: a.pair(&["alternatives"]),
        ..Capability::new(Expr::read(number), name, action)
    }
}

pub(super) fn constraint(entry: &Entry, a: &mut Attributes) -> Constraint {
    let description = a.text(&["desc"]);
    let (name, inline) = match &description {
        Some(_) => (&*entry.value, ""),
        None => split_two(&entry.value),
    };
    Constraint {
        name: owned(name),
        description: description.unwrap_or_else(|| owned(inline)),
        expression: a.text(&["expr"]),
    }
}

pub(super) fn owned(text: &str) -> Text {
    Cow::Owned(text.trim().to_owned())
}

/// What stands before the first comma, and what after it.
pub(super) fn split_two(text: &str) -> (&str, &str) {
    let (first, rest) = text.split_once(',').unwrap_or((text, ""));
    (first.trim(), rest.trim())
}
