//! What a specification says outright and the kernel refutes: values, not prose, except where a
//! rule names its words.

use super::judgement::{Judgement, Verdict};
use super::place::Place;
use crate::contract::{Call, Part, clause, clauses_of, spec as contract_spec};
use crate::language::{
    ConstraintType, Expr, Parameter, Signal, SignalAction, SignalDirection, Spec,
};

/// Everything refuted, rule by rule.
pub(super) fn refutations(spec: &Spec, call: Call) -> Vec<Judgement> {
    let mut found = Vec::new();
    for parameter in spec.parameters.iter() {
        match &*parameter.name {
            "start" => found.extend(aligned_start(parameter, call)),
            "len" => found.extend(length(parameter, call)),
            "flags" => found.extend(mask(parameter, call)),
            _ => {}
        }
    }
    found.extend(errors_never_returned(spec, call));
    found.extend(limit_under_another_number(spec, call));
    found.extend(spec.signals.iter().filter_map(|one| signal(one, call)));
    found
}

fn refuted(place: String, says: String, id: &str) -> Judgement {
    Judgement {
        place,
        verdict: Verdict::Refuted { says },
        clause: clause(id),
    }
}

fn of_parameter(parameter: &Parameter, says: String, id: &str) -> Judgement {
    refuted(Place::Parameter(&parameter.name).to_string(), says, id)
}

/// Any start is taken.
fn aligned_start(parameter: &Parameter, call: Call) -> Option<Judgement> {
    let aligned = parameter.constraint_type == Some(ConstraintType::Alignment);
    let id = match call {
        Call::Munlock => "munlock.parameter.start.rounded-down",
        _ => "mlock.parameter.start.rounded-down",
    };
    aligned.then(|| of_parameter(parameter, "It must be aligned".to_owned(), id))
}

/// Any length is taken, and the offset of the start counts when it is rounded.
fn length(parameter: &Parameter, call: Call) -> Vec<Judgement> {
    let (zero, offset, wraps) = match call {
        Call::Munlock => (
            "munlock.parameter.len.zero",
            "munlock.parameter.len.zero",
            "munlock.parameter.len.wraps-to-zero",
        ),
        _ => (
            "mlock.parameter.len.zero",
            "mlock.parameter.len.zero-with-offset",
            "mlock.parameter.len.wraps-to-zero",
        ),
    };
    let mut found = Vec::new();
    if let Some((lower, upper)) = &parameter.range {
        let says = format!("Valid from {lower} to {upper}");
        if upper
            .value()
            .is_some_and(|upper| upper < i128::from(u64::MAX))
        {
            found.push(of_parameter(parameter, says.clone(), wraps));
        }
        if lower.value().is_some_and(|lower| lower > 0) {
            found.push(of_parameter(parameter, says, zero));
        }
    }
    let sentences = parameter
        .constraint
        .as_deref()
        .unwrap_or_default()
        .to_lowercase();
    if sentences.contains("rounded up") && !sentences.contains("offset") {
        let says = parameter
            .constraint
            .as_deref()
            .unwrap_or_default()
            .to_owned();
        found.push(of_parameter(parameter, says, offset));
    }
    found
}

/// The valid bits are the contract's.
fn mask(parameter: &Parameter, call: Call) -> Option<Judgement> {
    let id = match call {
        Call::Mlock2 => "mlock2.error.einval.unknown-flags",
        Call::Mlockall => "mlockall.error.einval.flags",
        _ => return None,
    };
    let kernel = contract_spec(call.name())?
        .parameters
        .iter()
        .find(|p| p.name == "flags")?;
    let bits = |parameter: &Parameter| parameter.valid_mask.as_ref().and_then(Expr::value);
    let given = bits(parameter)?;
    let says = || {
        format!(
            "Valid bits: {}",
            parameter.valid_mask.as_ref().map_or("", Expr::as_str)
        )
    };
    (Some(given) != bits(kernel)).then(|| of_parameter(parameter, says(), id))
}

/// Error numbers that no clause of the call has.
fn errors_never_returned(spec: &Spec, call: Call) -> Vec<Judgement> {
    let returned = |symbol: &str| {
        clauses_of(call).any(|clause| matches!(clause.part, Part::Error(e) if e.symbol() == symbol))
    };
    let instead = |symbol: &str| match (call, symbol) {
        (Call::Munlock, "EPERM") => clause("munlock.return.needs-no-permission"),
        (Call::Munlockall, "EPERM") => clause("munlockall.return.needs-no-permission"),
        (Call::Mlock | Call::Mlock2, "EFAULT") => clause("mlock.error.enomem.outside-user-space"),
        _ => None,
    };
    let never = spec.errors.iter().filter(|case| !returned(&case.symbol));
    let judged = never.map(|case| Judgement {
        place: Place::Error(&case.symbol).to_string(),
        verdict: Verdict::Refuted {
            says: said_of(&case.condition, &case.description),
        },
        clause: instead(&case.symbol),
    });
    judged.collect()
}

/// Over the limit is ENOMEM; EPERM is for a limit of 0, EAGAIN for want of memory.
fn limit_under_another_number(spec: &Spec, call: Call) -> Vec<Judgement> {
    let id = match call {
        Call::Mlock | Call::Mlock2 => "mlock.error.enomem.limit",
        Call::Mlockall => "mlockall.error.enomem.total-vm",
        _ => return Vec::new(),
    };
    let over = |symbol: &'static str| {
        let sentences = Place::Error(symbol).sentences(spec).into_iter();
        sentences
            .filter(|sentence| sentence.contains("exceed") && sentence.contains("limit"))
            .map(move |sentence| refuted(Place::Error(symbol).to_string(), sentence, id))
    };
    over("EPERM").chain(over("EAGAIN")).collect()
}

fn signal(signal: &Signal, call: Call) -> Option<Judgement> {
    let place = format!("Signals, {}", signal.name);
    let says = said_of(
        signal.condition.as_deref().unwrap_or_default(),
        signal.description.as_deref().unwrap_or_default(),
    );
    let locks = matches!(call, Call::Mlock | Call::Mlock2);
    if signal.direction.contains(&SignalDirection::Send) {
        return (locks && signal.name == "SIGBUS").then(|| {
            refuted(
                place,
                format!("It is sent. {says}"),
                "mlock.signal.no-sigbus",
            )
        });
    }
    let fatal = signal.name.to_lowercase().contains("fatal") || signal.number.value() == Some(9);
    let restarts = signal.restartable || signal.action == SignalAction::Restart;
    if fatal {
        let says = "The call can be restarted after it".to_owned();
        return restarts.then(|| refuted(place, says, "mlock.error.eintr.fatal-signal"));
    }
    let interrupts = restarts || signal.interruptible || signal.action == SignalAction::Return;
    (locks && interrupts).then(|| {
        let says = format!("It interrupts the call. {says}");
        refuted(place, says, "mlock.signal.nonfatal-does-not-interrupt")
    })
}

fn said_of(condition: &str, description: &str) -> String {
    [condition, description]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(": ")
}
