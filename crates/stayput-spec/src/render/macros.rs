//! The C macro notation.

use crate::language::{
    Capability, Constraint, Counted, ErrorCase, Expr, Lock, Parameter, Return, SideEffect, Signal,
    SignalMask, Spec, Symbol, Text, Transition, Unknown,
};
use crate::read::quote;
use std::fmt::Write as _;

/// The specification as a `DEFINE_KERNEL_API_SPEC` block. Nothing is lost: [`crate::read::text`]
/// gives the same specification back, but for the line numbers of what is unknown. (What wasn't
/// known in a kernel-doc comment has no place here; it becomes a comment.)
#[must_use]
pub fn macros(spec: &Spec) -> String {
    let mut block = Block {
        text: format!("DEFINE_KERNEL_API_SPEC({})\n", spec.name),
        unknown: spec.unknown.iter().collect(),
    };
    // What was overridden comes first, so that what counts still overrides it.
    block.unknown("", 1);
    block.call("KAPI_DESCRIPTION", &[quote(&spec.description)]);
    block.quoted(1, "KAPI_LONG_DESC", spec.long_description.as_ref());
    block.mask(1, "KAPI_CONTEXT", &spec.context);
    numbered(&spec.parameters, |at, part| block.parameter(at, part));
    if let Some(returns) = &spec.returns {
        block.returns(returns);
    }
    numbered(&spec.errors, |at, part| block.error(at, part));
    numbered(&spec.signals, |at, part| block.signal(at, part));
    numbered(&spec.signal_masks, |at, part| block.signal_mask(at, part));
    numbered(&spec.side_effects, |at, part| block.side_effect(at, part));
    numbered(&spec.transitions, |at, part| block.transition(at, part));
    numbered(&spec.locks, |at, part| block.lock(at, part));
    numbered(&spec.capabilities, |at, part| block.capability(at, part));
    numbered(&spec.constraints, |at, part| block.constraint(at, part));
    for what in Counted::ALL {
        if let Some(count) = spec.declared.of(what) {
            block.call(what.macro_name(), &[count.to_string()]);
        }
    }
    block.quoted(1, "KAPI_SINCE_VERSION", spec.since.as_ref());
    block.quoted(1, "KAPI_EXAMPLES", spec.examples.as_ref());
    block.quoted(1, "KAPI_NOTES", spec.notes.as_ref());
    for unknown in std::mem::take(&mut block.unknown) {
        let written = written(unknown).replace("*/", "* /");
        block.line(1, &format!("/* {}: {written} */", unknown.within));
    }
    block.text.push_str("KAPI_END_SPEC;\n");
    block.text
}

fn numbered<T>(parts: &[T], mut write: impl FnMut(usize, &T)) {
    for (at, part) in parts.iter().enumerate() {
        write(at, part);
    }
}

struct Block<'a> {
    text: String,
    /// What isn't known and isn't written yet.
    unknown: Vec<&'a Unknown>,
}

impl Block<'_> {
    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{}{line}", "\t".repeat(depth));
    }

    fn call(&mut self, name: &str, arguments: &[String]) {
        self.line(1, &format!("{name}({})", arguments.join(", ")));
    }

    /// Opens a part: its macro, then what is unknown in it, which stood before what counts.
    fn open(&mut self, name: &str, index: Option<usize>, arguments: &[String]) {
        let index_argument = index.map(|index| index.to_string());
        let all: Vec<_> = index_argument
            .into_iter()
            .chain(arguments.iter().cloned())
            .collect();
        self.text.push('\n');
        self.call(name, &all);
        let within = match index {
            Some(index) => format!("{name}({index})"),
            None => name.to_owned(),
        };
        self.unknown(&within, 2);
    }

    fn quoted(&mut self, depth: usize, name: &str, text: Option<&Text>) {
        if let Some(text) = text {
            self.line(depth, &format!("{name}({})", quote(text)));
        }
    }

    fn expr(&mut self, name: &str, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.line(2, &format!("{name}({expr})"));
        }
    }

    fn pair(&mut self, name: &str, pair: Option<&(Expr, Expr)>) {
        if let Some((first, second)) = pair {
            self.line(2, &format!("{name}({first}, {second})"));
        }
    }

    fn symbol<S: Symbol>(&mut self, name: &str, symbol: Option<&S>) {
        if let Some(symbol) = symbol {
            self.line(2, &format!("{name}({})", symbol.symbol()));
        }
    }

    fn mask<S: Symbol>(&mut self, depth: usize, name: &str, mask: &[S]) {
        if !mask.is_empty() {
            self.line(depth, &format!("{name}({})", joined(mask)));
        }
    }

    fn flag(&mut self, name: &str, set: bool) {
        if set {
            self.line(2, name);
        }
    }

    fn unknown(&mut self, within: &str, depth: usize) {
        let (here, elsewhere): (Vec<_>, Vec<_>) = std::mem::take(&mut self.unknown)
            .into_iter()
            .partition(|unknown| unknown.within == within);
        self.unknown = elsewhere;
        for unknown in here {
            self.line(depth, &written(unknown));
        }
    }

    fn parameter(&mut self, at: usize, p: &Parameter) {
        let head = [quote(&p.name), quote(&p.type_name), quote(&p.description)];
        self.open("KAPI_PARAM", Some(at), &head);
        self.mask(2, "KAPI_PARAM_FLAGS", &p.flags);
        self.symbol("KAPI_PARAM_TYPE", p.value_type.as_ref());
        self.symbol("KAPI_PARAM_CONSTRAINT_TYPE", p.constraint_type.as_ref());
        self.pair("KAPI_PARAM_RANGE", p.range.as_ref());
        self.expr("KAPI_PARAM_VALID_MASK", p.valid_mask.as_ref());
        self.expr("KAPI_PARAM_ENUM_VALUES", p.enum_values.as_ref());
        self.expr("KAPI_PARAM_SIZE", p.size.as_ref());
        self.expr("KAPI_PARAM_ALIGNMENT", p.alignment.as_ref());
        self.expr("KAPI_PARAM_SIZE_PARAM", p.size_param.as_ref());
        self.quoted(2, "KAPI_PARAM_CONSTRAINT", p.constraint.as_ref());
        self.line(1, "KAPI_PARAM_END");
    }

    fn returns(&mut self, r: &Return) {
        self.open(
            "KAPI_RETURN",
            None,
            &[quote(&r.type_name), quote(&r.description)],
        );
        self.symbol("KAPI_RETURN_TYPE", r.value_type.as_ref());
        self.symbol("KAPI_RETURN_CHECK_TYPE", r.check_type.as_ref());
        self.expr("KAPI_RETURN_SUCCESS", r.success_value.as_ref());
        self.pair("KAPI_RETURN_SUCCESS_RANGE", r.success_range.as_ref());
        self.expr("KAPI_RETURN_ERROR_VALUES", r.error_values.as_ref());
        self.expr("KAPI_RETURN_ERROR_COUNT", r.error_count.as_ref());
        self.line(1, "KAPI_RETURN_END");
    }

    fn error(&mut self, at: usize, e: &ErrorCase) {
        let texts = [&e.symbol, &e.condition, &e.description].map(|text| quote(text));
        let [symbol, condition, description] = texts;
        let all = [
            at.to_string(),
            e.number.to_string(),
            symbol,
            condition,
            description,
        ];
        self.call("KAPI_ERROR", &all);
    }

    fn signal(&mut self, at: usize, s: &Signal) {
        let action = s.action.symbol().to_owned();
        let head = [
            s.number.to_string(),
            quote(&s.name),
            joined(&s.direction),
            action,
        ];
        self.open("KAPI_SIGNAL", Some(at), &head);
        self.quoted(2, "KAPI_SIGNAL_TARGET", s.target.as_ref());
        self.quoted(2, "KAPI_SIGNAL_CONDITION", s.condition.as_ref());
        self.quoted(2, "KAPI_SIGNAL_DESC", s.description.as_ref());
        self.expr("KAPI_SIGNAL_SA_FLAGS_REQ", s.sa_flags_required.as_ref());
        self.expr("KAPI_SIGNAL_SA_FLAGS_FORBID", s.sa_flags_forbidden.as_ref());
        self.expr("KAPI_SIGNAL_ERROR", s.error.as_ref());
        self.expr("KAPI_SIGNAL_TRANSFORM", s.transform.as_ref());
        self.symbol("KAPI_SIGNAL_TIMING", s.timing.as_ref());
        self.expr("KAPI_SIGNAL_PRIORITY", s.priority.as_ref());
        if let Some(queue) = &s.queue {
            let queue = if is_queue_symbol(queue) {
                queue.to_string()
            } else {
                quote(queue)
            };
            self.line(2, &format!("KAPI_SIGNAL_QUEUE({queue})"));
        }
        self.mask(2, "KAPI_SIGNAL_STATE_REQ", &s.state_required);
        self.mask(2, "KAPI_SIGNAL_STATE_FORBID", &s.state_forbidden);
        self.flag("KAPI_SIGNAL_RESTARTABLE", s.restartable);
        self.flag("KAPI_SIGNAL_INTERRUPTIBLE", s.interruptible);
        self.line(1, "KAPI_SIGNAL_END");
    }

    fn signal_mask(&mut self, at: usize, mask: &SignalMask) {
        self.open(
            "KAPI_SIGNAL_MASK",
            Some(at),
            &[quote(&mask.name), quote(&mask.description)],
        );
        if !mask.signals.is_empty() {
            let signals: Vec<_> = mask.signals.iter().map(Expr::as_str).collect();
            self.line(
                2,
                &format!("KAPI_SIGNAL_MASK_SIGNALS({})", signals.join(", ")),
            );
        }
        self.line(1, "KAPI_SIGNAL_MASK_END");
    }

    fn side_effect(&mut self, at: usize, e: &SideEffect) {
        let head = [joined(&e.effect), quote(&e.target), quote(&e.description)];
        self.open("KAPI_SIDE_EFFECT", Some(at), &head);
        self.flag("KAPI_EFFECT_REVERSIBLE", e.reversible);
        self.quoted(2, "KAPI_EFFECT_CONDITION", e.condition.as_ref());
        self.line(1, "KAPI_SIDE_EFFECT_END");
    }

    fn transition(&mut self, at: usize, t: &Transition) {
        let head = [&t.object, &t.from, &t.to, &t.description].map(|text| quote(text));
        self.open("KAPI_STATE_TRANS", Some(at), &head);
        self.quoted(2, "KAPI_STATE_TRANS_COND", t.condition.as_ref());
        self.line(1, "KAPI_STATE_TRANS_END");
    }

    fn lock(&mut self, at: usize, l: &Lock) {
        self.open(
            "KAPI_LOCK",
            Some(at),
            &[quote(&l.name), l.kind.symbol().to_owned()],
        );
        self.flag("KAPI_LOCK_ACQUIRED", l.acquired);
        self.flag("KAPI_LOCK_RELEASED", l.released);
        self.flag("KAPI_LOCK_HELD_ENTRY", l.held_on_entry);
        self.flag("KAPI_LOCK_HELD_EXIT", l.held_on_exit);
        if let Some(scope) = &l.scope {
            self.line(2, &format!(".scope = {},", scope.symbol()));
        }
        for description in l.descriptions.iter() {
            self.quoted(2, "KAPI_LOCK_DESC", Some(description));
        }
        self.line(1, "KAPI_LOCK_END");
    }

    fn capability(&mut self, at: usize, c: &Capability) {
        let head = [
            c.capability.to_string(),
            quote(&c.name),
            c.action.symbol().to_owned(),
        ];
        self.open("KAPI_CAPABILITY", Some(at), &head);
        self.quoted(2, "KAPI_CAP_ALLOWS", Some(&c.allows));
        self.quoted(2, "KAPI_CAP_WITHOUT", Some(&c.without));
        self.quoted(2, "KAPI_CAP_CONDITION", c.condition.as_ref());
        self.expr("KAPI_CAP_PRIORITY", c.priority.as_ref());
        self.pair("KAPI_CAP_ALTERNATIVE", c.alternatives.as_ref());
        self.line(1, "KAPI_CAPABILITY_END");
    }

    fn constraint(&mut self, at: usize, c: &Constraint) {
        self.open(
            "KAPI_CONSTRAINT",
            Some(at),
            &[quote(&c.name), quote(&c.description)],
        );
        self.quoted(2, "KAPI_CONSTRAINT_EXPR", c.expression.as_ref());
        self.line(1, "KAPI_CONSTRAINT_END");
    }
}

fn is_queue_symbol(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.strip_prefix("KAPI_SIGNAL_QUEUE_")
        .is_some_and(|rest| rest.chars().all(word))
}

fn joined<S: Symbol>(mask: &[S]) -> String {
    if mask.is_empty() {
        return "0".to_owned();
    }
    mask.iter()
        .map(Symbol::symbol)
        .collect::<Vec<_>>()
        .join(" | ")
}

fn written(unknown: &Unknown) -> String {
    match &unknown.arguments {
        Some(value) if unknown.name.starts_with('.') => format!("{} = {value},", unknown.name),
        Some(arguments) => format!("{}({arguments})", unknown.name),
        None => unknown.name.to_string(),
    }
}
