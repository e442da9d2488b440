//! Random specifications.
#![allow(
    dead_code,
    unused_imports,
    reason = "each test file uses what it needs"
)]

mod holds;

pub(crate) use holds::{Holds, in_kernel_doc, in_macros, in_markup};

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::select;
use stayput_spec::language::{
    Capability, Constraint, Counted, Counts, ErrorCase, Expr, List, Lock, Parameter, Return,
    SideEffect, Signal, SignalMask, Spec, Symbol, Text, Transition, Unknown,
};
use std::borrow::Cow;

/// A specification, every field of which may be there or not.
pub(crate) fn spec(holds: Holds) -> impl Strategy<Value = Spec> {
    let text = || holds.text.clone();
    let long = || of(holds.paragraphs.clone());
    let parts = (
        (list(parameter(&holds)), of(returns(&holds))),
        (
            list(error(&holds)),
            list(signal(&holds)),
            list(signal_mask(&holds)),
        ),
        (
            list(side_effect(&holds)),
            list(transition(&holds)),
            list(lock(&holds)),
        ),
        (list(capability(&holds)), list(constraint(&holds))),
    );
    let rest = (holds.title.clone(), long(), mask(), long(), text());
    let outside = (counts(), holds.unknown.clone());
    (parts, rest, outside).prop_map(|(parts, rest, (declared, unknown))| {
        let ((parameters, returns), (errors, signals, signal_masks), effects, (caps, rules)) =
            parts;
        let (description, long_description, context, notes, since) = rest;
        let (side_effects, transitions, locks) = effects;
        let spec = Spec {
            description,
            long_description,
            context,
            parameters: named_apart(parameters),
            returns,
            errors,
            signals,
            signal_masks,
            side_effects,
            transitions,
            locks,
            capabilities: caps,
            constraints: rules,
            examples: Some("one(1);\n    two(2);\n\nthree(3);".into()),
            notes,
            // With the examples the two annotations that make a comment a specification.
            since: Some(since),
            declared,
            ..Spec::new("sys_random".into())
        };
        with_homes(spec, unknown)
    })
}

/// Parameters of one function have names of their own.
fn named_apart(mut parameters: List<Parameter>) -> List<Parameter> {
    for (at, parameter) in parameters.to_mut().iter_mut().enumerate() {
        parameter.name = format!("p{at}").into();
    }
    parameters
}

/// Keeps what is unknown only where its part exists, in the order of the parts.
fn with_homes(spec: Spec, unknown: List<Unknown>) -> Spec {
    let exists = |within: &str| match within {
        "KAPI_PARAM(0)" => !spec.parameters.is_empty(),
        "KAPI_LOCK(1)" => spec.locks.len() > 1,
        "KAPI_RETURN" | "return" => spec.returns.is_some(),
        _ => true,
    };
    let mut unknown = unknown.into_owned();
    unknown.retain(|unknown| exists(&unknown.within));
    // One name in one part once: a repeated initialiser is another matter.
    unknown.sort_by(|a, b| (place(a), &a.name).cmp(&(place(b), &b.name)));
    unknown.dedup_by(|a, b| a.within == b.within && a.name == b.name);
    Spec {
        unknown: Cow::Owned(unknown),
        ..spec
    }
}

/// Where a renderer writes it.
fn place(unknown: &Unknown) -> usize {
    let order = ["KAPI_PARAM(0)", "KAPI_RETURN", "KAPI_LOCK(1)", "return"];
    match order.iter().position(|within| *within == unknown.within) {
        Some(at) => at + 1,
        // At the top the macros have it first, the comment last.
        None if unknown.name == "mood" || unknown.name == "tense" => usize::MAX,
        None => 0,
    }
}

fn counts() -> BoxedStrategy<Counts> {
    let all = Counted::ALL.len();
    vec(of(any::<u32>()), all)
        .prop_map(|counts| {
            let mut declares = Counts::NONE;
            for (what, count) in Counted::ALL.into_iter().zip(counts) {
                if let Some(count) = count {
                    declares.set(what, count);
                }
            }
            declares
        })
        .boxed()
}

fn list<T: Clone + std::fmt::Debug + 'static>(
    one: impl Strategy<Value = T>,
) -> impl Strategy<Value = List<T>> {
    vec(one, 0..3).prop_map(Cow::Owned)
}

/// Constant expressions in the form in which they are kept.
fn expr() -> impl Strategy<Value = Expr> {
    let fixed = select(&[
        "0",
        "-EINVAL",
        "A_MACRO",
        "(1<<3)",
        "~0UL",
        "X | Y",
        "sizeof(long)",
    ]);
    prop_oneof![
        fixed.prop_map(Expr::read),
        any::<u64>().prop_map(|number| Expr::read(&format!("{number:#x}")))
    ]
}

fn pair() -> impl Strategy<Value = (Expr, Expr)> {
    (expr(), expr())
}

fn symbol<S: Symbol + std::fmt::Debug>() -> impl Strategy<Value = S> {
    "[A-Z]{1,9}".prop_flat_map(|word| {
        let other = S::from_symbol(&format!("{}X_{word}", S::PREFIX));
        prop_oneof![4 => select(S::ALL), 1 => Just(other)]
    })
}

fn mask<S: Symbol + std::fmt::Debug>() -> impl Strategy<Value = List<S>> {
    list(symbol())
}

/// A word, for what the notation parts by commas.
fn name() -> impl Strategy<Value = Text> {
    "[a-z][a-z_]{0,9}".prop_map(Cow::Owned)
}

fn type_name() -> impl Strategy<Value = Text> {
    select(&["unsigned long", "size_t", "int", "const char __user *"]).prop_map(Text::from)
}

fn parameter(holds: &Holds) -> impl Strategy<Value = Parameter> + use<> {
    let text = holds.text.clone();
    let head = (type_name(), text.clone());
    let kinds = (of(symbol()), mask(), of(symbol()), of(text));
    let values = (
        of(pair()),
        of(expr()),
        of(expr()),
        of(expr()),
        of(expr()),
        of(expr()),
    );
    (head, kinds, values).prop_map(|((type_name, description), kinds, values)| {
        let (value_type, flags, constraint_type, constraint) = kinds;
        let (range, valid_mask, enum_values, size, alignment, size_param) = values;
        Parameter {
            value_type,
            flags,
            constraint_type,
            constraint,
            range,
            valid_mask,
            enum_values,
            size,
            alignment,
            size_param,
            ..Parameter::new("".into(), type_name, description)
        }
    })
}

fn returns(holds: &Holds) -> impl Strategy<Value = Return> + use<> {
    let head = (select(&["long", "int"]), holds.text.clone());
    let kinds = (of(symbol()), of(symbol()));
    let values = (of(expr()), of(pair()), of(expr()), of(expr()));
    (head, kinds, values).prop_map(|((type_name, description), kinds, values)| Return {
        value_type: kinds.0,
        check_type: kinds.1,
        success_value: values.0,
        success_range: values.1,
        error_values: values.2,
        error_count: values.3,
        ..Return::new(type_name.into(), description)
    })
}

fn error(holds: &Holds) -> impl Strategy<Value = ErrorCase> + use<> {
    let (symbol, text) = ("E[A-Z]{1,6}", holds.text.clone());
    (of(expr()), symbol, text.clone(), text).prop_map(|(number, symbol, condition, description)| {
        ErrorCase {
            number: number.unwrap_or_else(|| Expr::read(&format!("-{symbol}"))),
            symbol: symbol.into(),
            condition,
            description,
        }
    })
}

fn signal(holds: &Holds) -> impl Strategy<Value = Signal> + use<> {
    let text = || of(holds.text.clone());
    let head = (expr(), name(), mask(), symbol());
    let texts = (text(), text(), text(), text());
    let values = (of(expr()), of(expr()), of(expr()), of(expr()), of(expr()));
    let rest = (any::<[bool; 2]>(), of(symbol()), mask(), mask());
    (head, texts, values, rest).prop_map(|(head, texts, values, rest)| {
        let [restartable, interruptible] = rest.0;
        Signal {
            target: texts.0,
            condition: texts.1,
            description: texts.2,
            queue: texts.3,
            sa_flags_required: values.0,
            sa_flags_forbidden: values.1,
            error: values.2,
            transform: values.3,
            priority: values.4,
            restartable,
            interruptible,
            timing: rest.1,
            state_required: rest.2,
            state_forbidden: rest.3,
            ..Signal::new(head.0, head.1, head.2, head.3)
        }
    })
}

fn signal_mask(holds: &Holds) -> impl Strategy<Value = SignalMask> + use<> {
    (name(), holds.text.clone(), list(expr())).prop_map(|(name, description, signals)| SignalMask {
        name,
        description,
        signals,
    })
}

fn side_effect(holds: &Holds) -> impl Strategy<Value = SideEffect> + use<> {
    let text = holds.text.clone();
    let all = (mask(), text.clone(), text.clone(), of(text), any::<bool>());
    all.prop_map(
        |(effect, target, description, condition, reversible)| SideEffect {
            effect,
            target,
            description,
            condition,
            reversible,
        },
    )
}

fn transition(holds: &Holds) -> impl Strategy<Value = Transition> + use<> {
    let text = || holds.text.clone();
    let all = (text(), text(), text(), text(), of(text()));
    all.prop_map(|(object, from, to, description, condition)| Transition {
        object,
        from,
        to,
        description,
        condition,
    })
}

fn lock(holds: &Holds) -> impl Strategy<Value = Lock> + use<> {
    let rest = (any::<[bool; 4]>(), of(symbol()), list(holds.text.clone()));
    (name(), symbol(), rest).prop_map(|(name, kind, (flags, scope, descriptions))| Lock {
        acquired: flags[0],
        released: flags[1],
        held_on_entry: flags[2],
        held_on_exit: flags[3],
        scope,
        descriptions,
        ..Lock::new(name, kind)
    })
}

fn capability(holds: &Holds) -> impl Strategy<Value = Capability> + use<> {
    let text = || holds.text.clone();
    let head = (expr(), text(), symbol());
    let rest = (text(), text(), of(text()), of(expr()), of(pair()));
    (head, rest).prop_map(|(head, rest)| Capability {
        allows: rest.0,
        without: rest.1,
        condition: rest.2,
        priority: rest.3,
        alternatives: rest.4,
        ..Capability::new(head.0, head.1, head.2)
    })
}

fn constraint(holds: &Holds) -> impl Strategy<Value = Constraint> + use<> {
    let text = holds.text.clone();
    (name(), text.clone(), of(text)).prop_map(|(name, description, expression)| Constraint {
        name,
        description,
        expression,
    })
}
