//! JSON in the shape of the kernel's `kapi` tool.
//!
//! Its fields come first and are its own: `api_details` with masks and enumerations as numbers
//! (`null` where a symbol is unknown). What that shape can't hold (repeated lock descriptions,
//! symbolic values, declared counts, what is unknown) is added under further names, so that
//! nothing is lost and a program written for `kapi` still finds what it looks for.

use crate::contract::{Clause, Errno, Evidence};
use crate::language::{
    Capability, Constraint, Counted, ErrorCase, Expr, Lock, Parameter, SideEffect, Signal,
    SignalMask, Spec, Symbol, Transition, Unknown, mask_value,
};
use serde_json::{Map, Value, json};

/// The version of the shape: it grows when a field changes its meaning or goes away.
const SCHEMA: u32 = 1;

/// The specification as pretty-printed JSON.
#[must_use]
pub fn json(spec: &Spec) -> String {
    pretty(&json!({ "schema": SCHEMA, "api_details": json_details(spec) }))
}

/// What `api_details` holds: only what there is, as `kapi` does at this level.
#[must_use]
pub fn json_details(spec: &Spec) -> Value {
    let mut details = Map::new();
    let mut put = |key: &str, value: Value| {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            details.insert(key.to_owned(), value);
        }
    };
    put("name", json!(spec.name));
    put("description", json!(spec.description));
    put("long_description", json!(spec.long_description));
    put("context_flags", json!(symbols(&spec.context)));
    put("examples", json!(spec.examples));
    put("notes", json!(spec.notes));
    put("since_version", json!(spec.since));
    put("capabilities", capabilities(spec));
    put("state_transitions", transitions(spec));
    put("side_effects", side_effects(spec));
    put("parameters", parameters(spec));
    put("return_spec", returns(spec));
    put("errors", errors(spec));
    put("locks", locks(spec));
    put("signals", signals(spec));
    put("signal_masks", signal_masks(spec));
    put("constraints", constraints(spec));
    put("declared_counts", declared(spec));
    put("unknown", unknown(spec));
    Value::Object(details)
}

/// A list of specifications, as `kapi` prints it.
#[must_use]
pub fn json_list<'a>(specs: impl IntoIterator<Item = &'a Spec>) -> String {
    let apis: Vec<_> = specs
        .into_iter()
        .map(|spec| {
            let syscall = spec.name.starts_with("sys_");
            json!({ "name": spec.name, "api_type": if syscall { "syscall" } else { "function" } })
        })
        .collect();
    pretty(&json!({ "schema": SCHEMA, "apis": apis }))
}

/// Clauses as JSON: a list under `clauses`.
#[must_use]
pub fn json_clauses<'a>(clauses: impl IntoIterator<Item = &'a Clause>) -> String {
    let clauses: Vec<_> = clauses
        .into_iter()
        .map(|clause| {
            let why = match clause.evidence {
                Evidence::Observed => None,
                Evidence::Traced(how) | Evidence::Cited(how) => Some(how),
            };
            json!({
                "id": clause.id,
                "calls": clause.calls.iter().map(|call| call.name()).collect::<Vec<_>>(),
                "title": clause.title,
                "text": clause.text,
                "errno": clause.errno().map(Errno::symbol),
                "scenario": clause.scenario,
                "expect": clause.expect.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "evidence": clause.evidence.name(),
                "evidence_by": why,
                "since": clause.since,
                "source": clause.source,
                "precedes": clause.precedes,
            })
        })
        .collect();
    pretty(&json!({ "schema": SCHEMA, "clauses": clauses }))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn symbols<S: Symbol>(mask: &[S]) -> Vec<&str> {
    mask.iter().map(Symbol::symbol).collect()
}

/// The number, where it fits the signed 64 bits that `kapi` has for it.
fn number(expr: Option<&Expr>) -> Option<i64> {
    expr.and_then(Expr::value)
        .and_then(|value| i64::try_from(value).ok())
}

fn symbol_number<S: Symbol>(symbol: Option<&S>) -> Option<u32> {
    symbol.and_then(Symbol::number)
}

fn bound(range: Option<&(Expr, Expr)>) -> (Option<i64>, Option<i64>, Option<[&str; 2]>) {
    let Some((lower, upper)) = range else {
        return (None, None, None);
    };
    (
        number(Some(lower)),
        number(Some(upper)),
        Some([lower.as_str(), upper.as_str()]),
    )
}

fn parameters(spec: &Spec) -> Value {
    let parameter = |(index, p): (usize, &Parameter)| {
        let (min, max, range) = bound(p.range.as_ref());
        json!({
            "index": index,
            "name": p.name,
            "type_name": p.type_name,
            "description": p.description,
            "flags": mask_value(&p.flags),
            "param_type": symbol_number(p.value_type.as_ref()),
            "constraint_type": symbol_number(p.constraint_type.as_ref()),
            "constraint": p.constraint,
            "min_value": min,
            "max_value": max,
            "valid_mask": number(p.valid_mask.as_ref()),
            "enum_values": p.enum_values.iter().map(Expr::as_str).collect::<Vec<_>>(),
            "size": number(p.size.as_ref()),
            "alignment": number(p.alignment.as_ref()),
            "flag_names": symbols(&p.flags),
            "type": p.value_type.as_ref().map(Symbol::symbol),
            "constrained_by": p.constraint_type.as_ref().map(Symbol::symbol),
            "range": range,
            "mask": p.valid_mask.as_ref().map(Expr::as_str),
            "size_expr": p.size.as_ref().map(Expr::as_str),
            "alignment_expr": p.alignment.as_ref().map(Expr::as_str),
            "size_param_idx": number(p.size_param.as_ref()),
            "size_param": p.size_param.as_ref().map(Expr::as_str),
        })
    };
    spec.parameters.iter().enumerate().map(parameter).collect()
}

fn returns(spec: &Spec) -> Value {
    let Some(r) = &spec.returns else {
        return Value::Null;
    };
    let (min, max, range) = bound(r.success_range.as_ref());
    json!({
        "type_name": r.type_name,
        "description": r.description,
        "return_type": symbol_number(r.value_type.as_ref()),
        "check_type": symbol_number(r.check_type.as_ref()),
        "success_value": number(r.success_value.as_ref()),
        "success_min": min,
        "success_max": max,
        "error_values": r.error_values.iter().map(Expr::as_str).collect::<Vec<_>>(),
        "type": r.value_type.as_ref().map(Symbol::symbol),
        "checked_by": r.check_type.as_ref().map(Symbol::symbol),
        "success": r.success_value.as_ref().map(Expr::as_str),
        "success_range": range,
        "error_count": r.error_count.as_ref().map(Expr::as_str),
    })
}

fn errors(spec: &Spec) -> Value {
    let error = |e: &ErrorCase| {
        json!({
            "error_code": number(Some(&e.number)),
            "name": e.symbol,
            "condition": e.condition,
            "description": e.description,
            "code": e.number.as_str(),
        })
    };
    spec.errors.iter().map(error).collect()
}

fn signals(spec: &Spec) -> Value {
    let signal = |s: &Signal| {
        json!({
            "signal_num": number(Some(&s.number)),
            "signal_name": s.name,
            "direction": mask_value(&s.direction),
            "action": s.action.number(),
            "target": s.target,
            "condition": s.condition,
            "description": s.description,
            "timing": s.timing.as_ref().map_or(Some(0), Symbol::number),
            "priority": s.priority.as_ref().map_or(Some(0), |p| number(Some(p))),
            "restartable": s.restartable,
            "interruptible": s.interruptible,
            "queue": s.queue,
            "sa_flags": 0,
            "sa_flags_required": s.sa_flags_required.as_ref().map_or(Some(0), |f| number(Some(f))),
            "sa_flags_forbidden": s.sa_flags_forbidden.as_ref().map_or(Some(0), |f| number(Some(f))),
            "state_required": mask_value(&s.state_required),
            "state_forbidden": mask_value(&s.state_forbidden),
            "error_on_signal": number(s.error.as_ref()),
            "number": s.number.as_str(),
            "direction_names": symbols(&s.direction),
            "action_name": s.action.symbol(),
            "timing_name": s.timing.as_ref().map(Symbol::symbol),
            "error": s.error.as_ref().map(Expr::as_str),
            "transform_to": s.transform.as_ref().map(Expr::as_str),
            "priority_expr": s.priority.as_ref().map(Expr::as_str),
            "sa_flags_required_expr": s.sa_flags_required.as_ref().map(Expr::as_str),
            "sa_flags_forbidden_expr": s.sa_flags_forbidden.as_ref().map(Expr::as_str),
            "state_required_names": symbols(&s.state_required),
            "state_forbidden_names": symbols(&s.state_forbidden),
        })
    };
    spec.signals.iter().map(signal).collect()
}

fn signal_masks(spec: &Spec) -> Value {
    let mask = |mask: &SignalMask| {
        let signals: Vec<_> = mask.signals.iter().map(Expr::as_str).collect();
        json!({ "name": mask.name, "description": mask.description, "signals": signals })
    };
    spec.signal_masks.iter().map(mask).collect()
}

fn side_effects(spec: &Spec) -> Value {
    let effect = |e: &SideEffect| {
        json!({
            "effect_type": mask_value(&e.effect),
            "target": e.target,
            "condition": e.condition,
            "description": e.description,
            "reversible": e.reversible,
            "effects": symbols(&e.effect),
        })
    };
    spec.side_effects.iter().map(effect).collect()
}

fn transitions(spec: &Spec) -> Value {
    let transition = |t: &Transition| {
        json!({
            "object": t.object,
            "from_state": t.from,
            "to_state": t.to,
            "condition": t.condition,
            "description": t.description,
        })
    };
    spec.transitions.iter().map(transition).collect()
}

fn locks(spec: &Spec) -> Value {
    let lock = |l: &Lock| {
        json!({
            "lock_name": l.name,
            "lock_type": l.kind.number(),
            "scope": l.effective_scope().number(),
            "description": l.descriptions.join(" "),
            "descriptions": l.descriptions,
            "type": l.kind.symbol(),
            "acquired": l.acquired,
            "released": l.released,
            "held_on_entry": l.held_on_entry,
            "held_on_exit": l.held_on_exit,
            "scope_name": l.scope.as_ref().map(Symbol::symbol),
        })
    };
    spec.locks.iter().map(lock).collect()
}

fn capabilities(spec: &Spec) -> Value {
    let capability = |c: &Capability| {
        let alternatives = c.alternatives.as_ref();
        json!({
            "capability": number(Some(&c.capability)),
            "name": c.name,
            "action": c.action.symbol(),
            "allows": c.allows,
            "without_cap": c.without,
            "check_condition": c.condition,
            "priority": number(c.priority.as_ref()),
            "alternatives": [],
            "symbol": c.capability.as_str(),
            "priority_expr": c.priority.as_ref().map(Expr::as_str),
            "alternatives_expr": alternatives.map(|(list, count)| [list.as_str(), count.as_str()]),
        })
    };
    spec.capabilities.iter().map(capability).collect()
}

fn constraints(spec: &Spec) -> Value {
    let constraint = |c: &Constraint| json!({ "name": c.name, "description": c.description, "expression": c.expression });
    spec.constraints.iter().map(constraint).collect()
}

fn declared(spec: &Spec) -> Value {
    let counts: Map<_, _> = Counted::ALL
        .into_iter()
        .filter_map(|what| Some((what.macro_name().to_owned(), json!(spec.declared.of(what)?))))
        .collect();
    if counts.is_empty() {
        Value::Null
    } else {
        Value::Object(counts)
    }
}

fn unknown(spec: &Spec) -> Value {
    let unknown = |u: &Unknown| json!({ "name": u.name, "arguments": u.arguments, "within": u.within, "line": u.line });
    spec.unknown.iter().map(unknown).collect()
}
