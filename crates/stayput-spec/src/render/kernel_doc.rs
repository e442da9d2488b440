//! The kernel-doc notation, in its indented form, which every later version of the series reads.

use super::items::items;
use crate::language::{
    Capability, CheckType, Constraint, Counted, ErrorCase, Expr, Lock, Parameter, Return,
    SideEffect, Signal, SignalMask, Spec, Symbol, Text, Transition, Unknown,
};
use std::fmt::Write as _;

/// The specification as an annotated kernel-doc comment, with the head of the function after it,
/// where the types are.
///
/// What isn't known comes back under the annotation it was read in, or else at the end. The
/// notation has no place for the end of a comment, nor for line breaks other than between
/// paragraphs and before `- ` (in examples every one is kept).
#[must_use]
pub fn kernel_doc(spec: &Spec) -> String {
    let mut comment = Comment {
        text: String::from("/**\n"),
        unknown: spec.unknown.iter().collect(),
    };
    comment.line(&format!("{} - {}", spec.name, one_line(&spec.description)));
    for parameter in spec.parameters.iter() {
        comment.items(
            "",
            &format!("@{}: {}", parameter.name, parameter.description),
        );
    }
    comment.paragraphs("long-desc", spec.long_description.as_ref());
    if !spec.context.is_empty() {
        comment.head("context-flags", &joined(&spec.context));
    }
    for what in Counted::ALL {
        if let Some(count) = spec.declared.of(what) {
            comment.head(what.annotation(), &count.to_string());
        }
    }
    spec.parameters
        .iter()
        .for_each(|part| comment.parameter(part));
    spec.returns.iter().for_each(|part| comment.returns(part));
    spec.errors.iter().for_each(|part| comment.error(part));
    if let Some(since) = &spec.since {
        comment.head("since-version", since);
    }
    spec.locks.iter().for_each(|part| comment.lock(part));
    spec.signals.iter().for_each(|part| comment.signal(part));
    spec.signal_masks
        .iter()
        .for_each(|part| comment.signal_mask(part));
    comment.examples(spec.examples.as_ref());
    comment.paragraphs("notes", spec.notes.as_ref());
    spec.side_effects
        .iter()
        .for_each(|part| comment.side_effect(part));
    spec.transitions
        .iter()
        .for_each(|part| comment.transition(part));
    spec.capabilities
        .iter()
        .for_each(|part| comment.capability(part));
    spec.constraints
        .iter()
        .for_each(|part| comment.constraint(part));
    for unknown in std::mem::take(&mut comment.unknown) {
        comment.head(&unknown.name, arguments(unknown));
    }
    comment.text.push_str(" */\n");
    comment.text + &function(spec)
}

/// The head of the function, as `SYSCALL_DEFINE` for a system call.
fn function(spec: &Spec) -> String {
    let returns = spec
        .returns
        .as_ref()
        .map_or("long", |returns| &returns.type_name);
    let call = spec.name.strip_prefix("sys_").filter(|_| returns == "long");
    let (head, between) = match call {
        Some(call) => (
            format!("SYSCALL_DEFINE{}({call}", spec.parameters.len()),
            ", ",
        ),
        None => (format!("{returns} {}(", spec.name), " "),
    };
    let parameters: Vec<_> = spec
        .parameters
        .iter()
        .map(|parameter| format!("{}{between}{}", parameter.type_name, parameter.name))
        .collect();
    let comma = if call.is_some() && !parameters.is_empty() {
        ", "
    } else {
        ""
    };
    format!("{head}{comma}{})\n", parameters.join(", "))
}

struct Comment<'a> {
    text: String,
    /// What isn't known and isn't written yet.
    unknown: Vec<&'a Unknown>,
}

impl Comment<'_> {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, " * {}", line.trim_end());
    }

    fn head(&mut self, key: &str, value: &str) {
        self.text.push_str(" *\n");
        self.items("", &format!("{key}: {value}"));
    }

    /// A paragraph; what starts with `- ` has a line of its own.
    fn items(&mut self, indent: &str, text: &str) {
        let mut further = "";
        for item in items(text) {
            self.line(&format!("{indent}{further}{}", one_line(&item)));
            further = "  ";
        }
    }

    /// A head, and under it what wasn't known where it was read.
    fn part(&mut self, key: &str, value: &str) {
        self.head(key, value);
        let name = value.split(',').next().unwrap_or_default().trim();
        let within = format!("{key} {name}");
        let (here, elsewhere): (Vec<_>, Vec<_>) = std::mem::take(&mut self.unknown)
            .into_iter()
            .partition(|unknown| unknown.within == within.trim_end());
        self.unknown = elsewhere;
        for unknown in here {
            self.attribute(&unknown.name, arguments(unknown));
        }
    }

    fn attribute(&mut self, key: &str, value: &str) {
        self.items("  ", &format!("{key}: {value}"));
    }

    fn text(&mut self, key: &str, text: Option<&Text>) {
        if let Some(text) = text {
            self.attribute(key, text);
        }
    }

    fn expr(&mut self, key: &str, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            self.attribute(key, expr.as_str());
        }
    }

    fn pair(&mut self, key: &str, pair: Option<&(Expr, Expr)>) {
        if let Some((first, second)) = pair {
            self.attribute(key, &format!("{first}, {second}"));
        }
    }

    fn symbol<S: Symbol>(&mut self, key: &str, symbol: Option<&S>) {
        if let Some(symbol) = symbol {
            self.attribute(key, symbol.symbol());
        }
    }

    fn mask<S: Symbol>(&mut self, key: &str, mask: &[S]) {
        if !mask.is_empty() {
            self.attribute(key, &joined(mask));
        }
    }

    fn flag(&mut self, key: &str, set: bool) {
        if set {
            self.attribute(key, "yes");
        }
    }

    fn paragraphs(&mut self, key: &str, text: Option<&Text>) {
        let Some(text) = text else { return };
        let mut paragraphs = text.split("\n\n");
        self.head(key, paragraphs.next().unwrap_or_default());
        for paragraph in paragraphs {
            self.text.push_str(" *\n");
            self.items("  ", paragraph);
        }
    }

    fn examples(&mut self, text: Option<&Text>) {
        let Some(text) = text else { return };
        let text = unended(text);
        let mut lines = text.lines();
        self.text.push_str(" *\n");
        self.line(&format!("examples: {}", lines.next().unwrap_or_default()));
        for line in lines {
            self.line(&format!("  {line}"));
        }
    }

    fn parameter(&mut self, p: &Parameter) {
        self.part("param", &p.name);
        self.symbol("type", p.value_type.as_ref());
        self.mask("flags", &p.flags);
        self.symbol("constraint-type", p.constraint_type.as_ref());
        self.pair("range", p.range.as_ref());
        self.expr("mask", p.valid_mask.as_ref());
        self.expr("valid-values", p.enum_values.as_ref());
        self.expr("size", p.size.as_ref());
        self.expr("alignment", p.alignment.as_ref());
        self.expr("size-param", p.size_param.as_ref());
        self.text("constraint", p.constraint.as_ref());
    }

    fn returns(&mut self, r: &Return) {
        self.part("return", "");
        self.symbol("type", r.value_type.as_ref());
        self.symbol("check-type", r.check_type.as_ref());
        let (value, range) = if r.check_type == Some(CheckType::Range) {
            ("success-value", "success")
        } else {
            ("success", "success-range")
        };
        self.expr(value, r.success_value.as_ref());
        self.pair(range, r.success_range.as_ref());
        self.expr("error-values", r.error_values.as_ref());
        self.expr("error-count", r.error_count.as_ref());
        self.attribute("desc", &r.description);
    }

    fn error(&mut self, e: &ErrorCase) {
        self.part("error", &format!("{}, {}", e.symbol, e.condition));
        let follows = e.number.as_str().strip_prefix('-') == Some(&*e.symbol);
        self.expr("number", Some(&e.number).filter(|_| !follows));
        self.attribute("desc", &e.description);
    }

    fn lock(&mut self, l: &Lock) {
        self.part("lock", &format!("{}, {}", l.name, l.kind.symbol()));
        self.flag("acquired", l.acquired);
        self.flag("released", l.released);
        self.flag("held-on-entry", l.held_on_entry);
        self.flag("held-on-exit", l.held_on_exit);
        self.symbol("scope", l.scope.as_ref());
        for description in l.descriptions.iter() {
            self.attribute("desc", description);
        }
    }

    fn signal(&mut self, s: &Signal) {
        self.part("signal", &s.name);
        self.attribute("number", s.number.as_str());
        self.mask("direction", &s.direction);
        self.symbol("action", Some(&s.action));
        self.text("target", s.target.as_ref());
        self.text("condition", s.condition.as_ref());
        self.text("desc", s.description.as_ref());
        self.flag("restartable", s.restartable);
        self.expr("sa-flags-required", s.sa_flags_required.as_ref());
        self.expr("sa-flags-forbidden", s.sa_flags_forbidden.as_ref());
        self.expr("errno", s.error.as_ref());
        self.expr("transform-to", s.transform.as_ref());
        self.symbol("timing", s.timing.as_ref());
        self.expr("priority", s.priority.as_ref());
        self.flag("interruptible", s.interruptible);
        self.text("queue", s.queue.as_ref());
        self.mask("state-required", &s.state_required);
        self.mask("state-forbidden", &s.state_forbidden);
    }

    fn signal_mask(&mut self, mask: &SignalMask) {
        let signals: Vec<_> = mask.signals.iter().map(Expr::as_str).collect();
        self.part("signal-mask", &mask.name);
        self.attribute("signals", &signals.join(", "));
        self.attribute("desc", &mask.description);
    }

    fn side_effect(&mut self, e: &SideEffect) {
        self.part("side-effect", &joined(&e.effect));
        self.attribute("target", &e.target);
        self.attribute("desc", &e.description);
        self.text("condition", e.condition.as_ref());
        self.flag("reversible", e.reversible);
    }

    fn transition(&mut self, t: &Transition) {
        self.part("state-trans", &t.object);
        self.attribute("from", &t.from);
        self.attribute("to", &t.to);
        self.attribute("desc", &t.description);
        self.text("condition", t.condition.as_ref());
    }

    fn capability(&mut self, c: &Capability) {
        self.part(
            "capability",
            &format!("{}, {}, {}", c.capability, c.action.symbol(), c.name),
        );
        self.attribute("allows", &c.allows);
        self.attribute("without", &c.without);
        self.text("condition", c.condition.as_ref());
        self.expr("priority", c.priority.as_ref());
        self.pair("alternatives", c.alternatives.as_ref());
    }

    fn constraint(&mut self, c: &Constraint) {
        self.part("constraint", &c.name);
        self.attribute("desc", &c.description);
        self.text("expr", c.expression.as_ref());
    }
}

fn arguments(unknown: &Unknown) -> &str {
    unknown.arguments.as_deref().unwrap_or_default()
}

fn joined<S: Symbol>(mask: &[S]) -> String {
    mask.iter()
        .map(Symbol::symbol)
        .collect::<Vec<_>>()
        .join(" | ")
}

fn one_line(text: &str) -> String {
    unended(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text that doesn't end the comment it stands in.
fn unended(text: &str) -> String {
    text.replace("*/", "* /")
}
