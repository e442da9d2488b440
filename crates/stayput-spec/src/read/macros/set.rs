//! Opening the parts of a specification and filling their fields.
//!
//! Fields go by the name the kernel's structures have, so that a plain initialiser
//! (`.check_type = …`) and the macro that stands for it end in the same place.

use super::fields::Part;
use super::item::Argument;
use crate::language::{
    Capability, Constraint, ErrorCase, Expr, List, Lock, Parameter, Return, SideEffect, Signal,
    SignalMask, Spec, Symbol, Text, Transition,
};
use std::borrow::Cow;

/// A field that was filled.
pub(super) struct Outcome {
    pub(super) field: &'static str,
    /// Every value given counts, not the last alone.
    pub(super) repeatable: bool,
}

/// Why something could not be set.
pub(super) enum Problem {
    /// There is no such field.
    Unknown,
    /// It doesn't have the form it must have.
    Expected(&'static str),
}

type Set<T> = Result<T, Problem>;

/// The arguments of a macro, taken one after another.
pub(super) struct Values<'a> {
    rest: std::slice::Iter<'a, Argument>,
    /// Symbols that this crate doesn't know.
    pub(super) unknown: Vec<String>,
}

impl<'a> Values<'a> {
    pub(super) fn new(arguments: &'a [Argument]) -> Self {
        Self {
            rest: arguments.iter(),
            unknown: Vec::new(),
        }
    }

    pub(super) fn next_written(&mut self) -> String {
        self.rest.next().map(Argument::written).unwrap_or_default()
    }

    fn text(&mut self) -> Set<Text> {
        let text = self.rest.next().and_then(Argument::text);
        text.map(Cow::Owned).ok_or(Problem::Expected("a string"))
    }

    fn expr(&mut self) -> Set<Expr> {
        match self.next_written() {
            written if written.is_empty() => Err(Problem::Expected("a constant expression")),
            written => Ok(Expr::read(&written)),
        }
    }

    fn symbol<S: Symbol>(&mut self) -> Set<S> {
        let written = self.next_written();
        if written.is_empty() {
            return Err(Problem::Expected("a symbol"));
        }
        let symbol = S::from_symbol(&written);
        if symbol.number().is_none() {
            self.unknown.push(written);
        }
        Ok(symbol)
    }

    fn mask<S: Symbol>(&mut self) -> Set<List<S>> {
        let written = self.next_written();
        let inner = written.trim().trim_start_matches('(').trim_end_matches(')');
        if inner == "0" {
            return Ok(Cow::Borrowed(&[]));
        }
        let words: Vec<&str> = inner.split('|').map(str::trim).collect();
        if words.contains(&"") {
            return Err(Problem::Expected("symbols joined by |"));
        }
        let symbols: Vec<S> = words.iter().map(|word| S::from_symbol(word)).collect();
        let unknown = words
            .iter()
            .zip(&symbols)
            .filter(|(_, symbol)| symbol.number().is_none());
        self.unknown
            .extend(unknown.map(|(word, _)| (*word).to_owned()));
        Ok(Cow::Owned(symbols))
    }

    /// A bare macro sets its flag; an initialiser says which.
    fn flag(&mut self) -> Set<bool> {
        match self.next_written().as_str() {
            "" | "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(Problem::Expected("true or false")),
        }
    }

    /// A string, or the kernel's symbol for one.
    fn text_or_symbol(&mut self) -> Set<Text> {
        let argument = self
            .rest
            .next()
            .ok_or(Problem::Expected("a string or a symbol"))?;
        Ok(Cow::Owned(
            argument.text().unwrap_or_else(|| argument.written()),
        ))
    }
}

/// How many parts of this kind there are.
pub(super) fn len(spec: &Spec, part: Part) -> usize {
    match part {
        Part::Parameter => spec.parameters.len(),
        Part::Error => spec.errors.len(),
        Part::Signal => spec.signals.len(),
        Part::SignalMask => spec.signal_masks.len(),
        Part::SideEffect => spec.side_effects.len(),
        Part::Transition => spec.transitions.len(),
        Part::Lock => spec.locks.len(),
        Part::Capability => spec.capabilities.len(),
        Part::Constraint => spec.constraints.len(),
        Part::Spec | Part::Return | Part::Lost => 0,
    }
}

/// Opens a part with the values of its macro, the index taken already.
pub(super) fn open(spec: &mut Spec, part: Part, v: &mut Values<'_>) -> Set<()> {
    match part {
        Part::Parameter => {
            let parameter = Parameter::new(v.text()?, v.text()?, v.text()?);
            spec.parameters.to_mut().push(parameter);
        }
        Part::Return => spec.returns = Some(Return::new(v.text()?, v.text()?)),
        Part::Error => {
            let (number, symbol) = (v.expr()?, v.text()?);
            let (condition, description) = (v.text()?, v.text()?);
            let case = ErrorCase {
                number,
                symbol,
                condition,
                description,
            };
            spec.errors.to_mut().push(case);
        }
        Part::Signal => {
            let signal = Signal::new(v.expr()?, v.text()?, v.mask()?, v.symbol()?);
            spec.signals.to_mut().push(signal);
        }
        Part::SignalMask => {
            let (name, description) = (v.text()?, v.text()?);
            let mask = SignalMask {
                name,
                description,
                signals: Cow::Borrowed(&[]),
            };
            spec.signal_masks.to_mut().push(mask);
        }
        Part::SideEffect => {
            let (effect, target, description) = (v.mask()?, v.text()?, v.text()?);
            let side_effect = SideEffect {
                effect,
                target,
                description,
                condition: None,
                reversible: false,
            };
            spec.side_effects.to_mut().push(side_effect);
        }
        Part::Transition => {
            let (object, from, to) = (v.text()?, v.text()?, v.text()?);
            let description = v.text()?;
            let transition = Transition {
                object,
                from,
                to,
                description,
                condition: None,
            };
            spec.transitions.to_mut().push(transition);
        }
        Part::Lock => spec.locks.to_mut().push(Lock::new(v.text()?, v.symbol()?)),
        Part::Capability => {
            let capability = Capability::new(v.expr()?, v.text()?, v.symbol()?);
            spec.capabilities.to_mut().push(capability);
        }
        Part::Constraint => {
            let (name, description) = (v.text()?, v.text()?);
            let constraint = Constraint {
                name,
                description,
                expression: None,
            };
            spec.constraints.to_mut().push(constraint);
        }
        Part::Spec | Part::Lost => return Err(Problem::Unknown),
    }
    Ok(())
}

/// Fills a field of the part that was opened last.
pub(super) fn field(spec: &mut Spec, part: Part, field: &str, v: &mut Values<'_>) -> Set<Outcome> {
    let filled = match part {
        Part::Spec => spec_field(spec, field, v),
        Part::Parameter => on_last(&mut spec.parameters, |p| parameter_field(p, field, v)),
        Part::Return => spec
            .returns
            .as_mut()
            .map_or(Err(Problem::Unknown), |r| return_field(r, field, v)),
        Part::Signal => on_last(&mut spec.signals, |signal| signal_field(signal, field, v)),
        Part::SignalMask => on_last(&mut spec.signal_masks, |mask| mask_field(mask, field, v)),
        Part::SideEffect => on_last(&mut spec.side_effects, |e| effect_field(e, field, v)),
        Part::Transition => on_last(&mut spec.transitions, |t| transition_field(t, field, v)),
        Part::Lock => on_last(&mut spec.locks, |lock| lock_field(lock, field, v)),
        Part::Capability => on_last(&mut spec.capabilities, |c| capability_field(c, field, v)),
        Part::Constraint => on_last(&mut spec.constraints, |c| constraint_field(c, field, v)),
        Part::Error | Part::Lost => Err(Problem::Unknown),
    };
    let repeatable = part == Part::Lock && field == "description";
    filled.map(|field| Outcome { field, repeatable })
}

fn on_last<T: Clone>(
    parts: &mut List<T>,
    fill: impl FnOnce(&mut T) -> Set<&'static str>,
) -> Set<&'static str> {
    parts
        .to_mut()
        .last_mut()
        .map_or(Err(Problem::Unknown), fill)
}

/// One arm for each field: sets it and gives its name back as a constant.
macro_rules! fill {
    ($field:expr; $($name:literal => $place:expr, $value:expr;)*) => {
        match $field {
            $($name => {
                $place = $value;
                Ok($name)
            })*
            _ => Err(Problem::Unknown),
        }
    };
}

fn spec_field(spec: &mut Spec, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    fill! { field;
        "description" => spec.description, v.text()?;
        "long_description" => spec.long_description, Some(v.text()?);
        "context_flags" => spec.context, v.mask()?;
        "examples" => spec.examples, Some(v.text()?);
        "notes" => spec.notes, Some(v.text()?);
        "since_version" => spec.since, Some(v.text()?);
    }
}

fn parameter_field(p: &mut Parameter, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    fill! { field;
        "type" => p.value_type, Some(v.symbol()?);
        "flags" => p.flags, v.mask()?;
        "size" => p.size, Some(v.expr()?);
        "range" => p.range, Some((v.expr()?, v.expr()?));
        "min_value" => p.range, Some((v.expr()?, upper(p.range.clone())));
        "max_value" => p.range, Some((lower(p.range.clone()), v.expr()?));
        "constraint_type" => p.constraint_type, Some(v.symbol()?);
        "constraints" => p.constraint, Some(v.text()?);
        "valid_mask" => p.valid_mask, Some(v.expr()?);
        "enum_values" => p.enum_values, Some(v.expr()?);
        "alignment" => p.alignment, Some(v.expr()?);
        "size_param_idx" => p.size_param, Some(v.expr()?);
    }
}

fn return_field(r: &mut Return, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    fill! { field;
        "type" => r.value_type, Some(v.symbol()?);
        "check_type" => r.check_type, Some(v.symbol()?);
        "success_value" => r.success_value, Some(v.expr()?);
        "success_range" => r.success_range, Some((v.expr()?, v.expr()?));
        "success_min" => r.success_range, Some((v.expr()?, upper(r.success_range.clone())));
        "success_max" => r.success_range, Some((lower(r.success_range.clone()), v.expr()?));
        "error_values" => r.error_values, Some(v.expr()?);
        "error_count" => r.error_count, Some(v.expr()?);
    }
}

/// What C gives a bound that no initialiser names.
fn lower(range: Option<(Expr, Expr)>) -> Expr {
    range.map_or(const { Expr::new("0") }, |(lower, _)| lower)
}

fn upper(range: Option<(Expr, Expr)>) -> Expr {
    range.map_or(const { Expr::new("0") }, |(_, upper)| upper)
}

fn signal_field(signal: &mut Signal, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    fill! { field;
        "target" => signal.target, Some(v.text()?);
        "condition" => signal.condition, Some(v.text()?);
        "description" => signal.description, Some(v.text()?);
        "restartable" => signal.restartable, v.flag()?;
        "sa_flags_required" => signal.sa_flags_required, Some(v.expr()?);
        "sa_flags_forbidden" => signal.sa_flags_forbidden, Some(v.expr()?);
        "error_on_signal" => signal.error, Some(v.expr()?);
        "transform_to" => signal.transform, Some(v.expr()?);
        "timing" => signal.timing, Some(v.symbol()?);
        "priority" => signal.priority, Some(v.expr()?);
        "interruptible" => signal.interruptible, v.flag()?;
        "queue_behavior" => signal.queue, Some(v.text_or_symbol()?);
        "state_required" => signal.state_required, v.mask()?;
        "state_forbidden" => signal.state_forbidden, v.mask()?;
    }
}

fn mask_field(mask: &mut SignalMask, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    let rest = v.rest.by_ref();
    fill! { field;
        "signals" => mask.signals, rest.map(|signal| Expr::read(&signal.written())).collect();
    }
}

fn effect_field(e: &mut SideEffect, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    fill! { field;
        "condition" => e.condition, Some(v.text()?);
        "reversible" => e.reversible, v.flag()?;
    }
}

fn transition_field(t: &mut Transition, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    fill! { field;
        "condition" => t.condition, Some(v.text()?);
    }
}

fn lock_field(lock: &mut Lock, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    if field == "description" {
        lock.descriptions.to_mut().push(v.text()?);
        return Ok("description");
    }
    fill! { field;
        "acquired" => lock.acquired, v.flag()?;
        "released" => lock.released, v.flag()?;
        "held_on_entry" => lock.held_on_entry, v.flag()?;
        "held_on_exit" => lock.held_on_exit, v.flag()?;
        "scope" => lock.scope, Some(v.symbol()?);
    }
}

fn capability_field(c: &mut Capability, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    fill! { field;
        "allows" => c.allows, v.text()?;
        "without_cap" => c.without, v.text()?;
        "check_condition" => c.condition, Some(v.text()?);
        "priority" => c.priority, Some(v.expr()?);
        "alternative" => c.alternatives, Some((v.expr()?, v.expr()?));
    }
}

fn constraint_field(c: &mut Constraint, field: &str, v: &mut Values<'_>) -> Set<&'static str> {
    fill! { field;
        "expression" => c.expression, Some(v.text()?);
    }
}
