//! What a specification says, as headings, items and facts: the form that the renderings for
//! people and the comparison share.

use crate::language::{
    Capability, Constraint, ErrorCase, Expr, Lock, Parameter, Return, SideEffect, Signal,
    SignalMask, Spec, Symbol, Text, Transition,
};

pub(crate) struct Outline {
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) facts: Vec<Fact>,
    pub(crate) sections: Vec<Section>,
}

/// A label and what it says.
pub(crate) type Fact = (&'static str, String);

pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    /// Paragraphs, with an empty line between them.
    Text(String),
    /// Lines to keep as they are.
    Code(String),
    Items(Vec<Item>),
}

pub(crate) struct Item {
    /// What the item is about: items of two specifications with equal keys are compared.
    pub(crate) key: String,
    /// What the head says beside the key.
    pub(crate) named: Vec<Fact>,
    pub(crate) head: String,
    pub(crate) text: String,
    pub(crate) facts: Vec<Fact>,
}

pub(crate) fn outline(spec: &Spec) -> Outline {
    let mut sections = Vec::new();
    section(
        &mut sections,
        "Description",
        text_body(spec.long_description.as_ref()),
    );
    section(
        &mut sections,
        "Parameters",
        items(&spec.parameters, parameter),
    );
    section(
        &mut sections,
        "Return value",
        items(spec.returns.as_slice(), returns),
    );
    section(&mut sections, "Errors", items(&spec.errors, error));
    section(&mut sections, "Signals", items(&spec.signals, signal));
    section(
        &mut sections,
        "Signal masks",
        items(&spec.signal_masks, signal_mask),
    );
    section(
        &mut sections,
        "Side effects",
        items(&spec.side_effects, side_effect),
    );
    section(
        &mut sections,
        "State transitions",
        items(&spec.transitions, transition),
    );
    section(&mut sections, "Kernel locks", items(&spec.locks, lock));
    section(
        &mut sections,
        "Capabilities",
        items(&spec.capabilities, capability),
    );
    section(
        &mut sections,
        "Constraints",
        items(&spec.constraints, constraint),
    );
    section(
        &mut sections,
        "Examples",
        spec.examples.as_ref().map(|e| Body::Code(e.to_string())),
    );
    section(&mut sections, "Notes", text_body(spec.notes.as_ref()));
    section(
        &mut sections,
        "Kept as unknown",
        items(&spec.unknown, |unknown| Item {
            key: unknown.name.to_string(),
            named: Vec::new(),
            head: unknown.name.to_string(),
            text: unknown.arguments.as_deref().unwrap_or_default().to_owned(),
            facts: Facts::default().text("Within", Some(&unknown.within)).0,
        }),
    );
    Outline {
        title: spec.name.to_string(),
        summary: spec.description.to_string(),
        facts: Facts::default()
            .text("Since", spec.since.as_ref())
            .mask("Context", &spec.context)
            .0,
        sections,
    }
}

fn section(sections: &mut Vec<Section>, title: &'static str, body: Option<Body>) {
    sections.extend(body.map(|body| Section { title, body }));
}

fn text_body(text: Option<&Text>) -> Option<Body> {
    text.map(|text| Body::Text(text.to_string()))
}

fn items<T>(parts: &[T], item: impl Fn(&T) -> Item) -> Option<Body> {
    (!parts.is_empty()).then(|| Body::Items(parts.iter().map(item).collect()))
}

/// Collects the facts there are.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn text(mut self, label: &'static str, text: Option<&Text>) -> Self {
        let text = text.filter(|text| !text.is_empty());
        self.0.extend(text.map(|text| (label, text.to_string())));
        self
    }

    fn expr(mut self, label: &'static str, expr: Option<&Expr>) -> Self {
        self.0.extend(expr.map(|expr| (label, expr.to_string())));
        self
    }

    fn pair(mut self, label: &'static str, pair: Option<&(Expr, Expr)>, between: &str) -> Self {
        self.0
            .extend(pair.map(|(a, b)| (label, format!("{a}{between}{b}"))));
        self
    }

    fn symbol<S: Symbol>(mut self, label: &'static str, symbol: Option<&S>) -> Self {
        self.0
            .extend(symbol.map(|symbol| (label, symbol.short().to_owned())));
        self
    }

    fn mask<S: Symbol>(mut self, label: &'static str, mask: &[S]) -> Self {
        if !mask.is_empty() {
            self.0.push((label, shorts(mask)));
        }
        self
    }

    fn flag(mut self, label: &'static str, set: bool) -> Self {
        if set {
            self.0.push((label, "yes".to_owned()));
        }
        self
    }
}

fn shorts<S: Symbol>(mask: &[S]) -> String {
    mask.iter()
        .map(Symbol::short)
        .collect::<Vec<_>>()
        .join(", ")
}

fn parameter(p: &Parameter) -> Item {
    Item {
        key: p.name.to_string(),
        named: vec![("C type", p.type_name.to_string())],
        head: format!("{} ({})", p.name, p.type_name),
        text: p.description.to_string(),
        facts: Facts::default()
            .symbol("Type", p.value_type.as_ref())
            .mask("Flags", &p.flags)
            .symbol("Constrained by", p.constraint_type.as_ref())
            .text("Constraint", p.constraint.as_ref())
            .pair("Range", p.range.as_ref(), " to ")
            .expr("Valid bits", p.valid_mask.as_ref())
            .expr("Valid values", p.enum_values.as_ref())
            .expr("Size", p.size.as_ref())
            .expr("Alignment", p.alignment.as_ref())
            .expr("Size is parameter", p.size_param.as_ref())
            .0,
    }
}

fn returns(r: &Return) -> Item {
    Item {
        key: String::new(),
        named: vec![("C type", r.type_name.to_string())],
        head: r.type_name.to_string(),
        text: r.description.to_string(),
        facts: Facts::default()
            .symbol("Type", r.value_type.as_ref())
            .symbol("Success is told by", r.check_type.as_ref())
            .expr("Success", r.success_value.as_ref())
            .pair("Success from", r.success_range.as_ref(), " to ")
            .expr("Error values", r.error_values.as_ref())
            .expr("Error count", r.error_count.as_ref())
            .0,
    }
}

fn error(e: &ErrorCase) -> Item {
    Item {
        key: e.symbol.to_string(),
        named: vec![("Condition", e.condition.to_string())],
        head: format!("{}: {}", e.symbol, e.condition),
        text: e.description.to_string(),
        facts: Facts::default().expr("Returned as", Some(&e.number)).0,
    }
}

fn signal(s: &Signal) -> Item {
    Item {
        key: s.name.to_string(),
        named: Vec::new(),
        head: s.name.to_string(),
        text: s.description.as_deref().unwrap_or_default().to_owned(),
        facts: Facts::default()
            .expr("Number", Some(&s.number))
            .mask("Direction", &s.direction)
            .symbol("Action", Some(&s.action))
            .text("Target", s.target.as_ref())
            .text("Condition", s.condition.as_ref())
            .flag("Restartable", s.restartable)
            .flag("Interrupts", s.interruptible)
            .expr("Error", s.error.as_ref())
            .symbol("Timing", s.timing.as_ref())
            .expr("Priority", s.priority.as_ref())
            .expr("Becomes", s.transform.as_ref())
            .text("Queued", s.queue.as_ref())
            .expr("SA flags required", s.sa_flags_required.as_ref())
            .expr("SA flags forbidden", s.sa_flags_forbidden.as_ref())
            .mask("State required", &s.state_required)
            .mask("State forbidden", &s.state_forbidden)
            .0,
    }
}

fn signal_mask(mask: &SignalMask) -> Item {
    let signals = mask
        .signals
        .iter()
        .map(Expr::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    Item {
        key: mask.name.to_string(),
        named: Vec::new(),
        head: mask.name.to_string(),
        text: mask.description.to_string(),
        facts: vec![("Signals", signals)],
    }
}

fn side_effect(e: &SideEffect) -> Item {
    Item {
        key: e.target.to_string(),
        named: Vec::new(),
        head: e.target.to_string(),
        text: e.description.to_string(),
        facts: Facts::default()
            .mask("Effect", &e.effect)
            .text("Condition", e.condition.as_ref())
            .flag("Reversible", e.reversible)
            .0,
    }
}

fn transition(t: &Transition) -> Item {
    Item {
        key: t.object.to_string(),
        named: vec![("From", t.from.to_string()), ("To", t.to.to_string())],
        head: format!("{}: {} -> {}", t.object, t.from, t.to),
        text: t.description.to_string(),
        facts: Facts::default().text("Condition", t.condition.as_ref()).0,
    }
}

fn lock(l: &Lock) -> Item {
    Item {
        key: l.name.to_string(),
        named: Vec::new(),
        head: l.name.to_string(),
        text: l.descriptions.join("\n\n"),
        facts: Facts::default()
            .symbol("Kind", Some(&l.kind))
            .flag("Acquired", l.acquired)
            .flag("Released", l.released)
            .flag("Held on entry", l.held_on_entry)
            .flag("Held on exit", l.held_on_exit)
            .symbol("Scope", l.scope.as_ref())
            .0,
    }
}

fn capability(c: &Capability) -> Item {
    let named = c.name.as_ref() == c.capability.as_str();
    Item {
        key: c.capability.to_string(),
        named: vec![("Name", c.name.to_string())],
        head: if named {
            c.name.to_string()
        } else {
            format!("{} ({})", c.capability, c.name)
        },
        text: String::new(),
        facts: Facts::default()
            .symbol("Action", Some(&c.action))
            .text("Allows", Some(&c.allows))
            .text("Without it", Some(&c.without))
            .text("Condition", c.condition.as_ref())
            .expr("Priority", c.priority.as_ref())
            .pair("Alternatives", c.alternatives.as_ref(), ", ")
            .0,
    }
}

fn constraint(c: &Constraint) -> Item {
    Item {
        key: c.name.to_string(),
        named: Vec::new(),
        head: c.name.to_string(),
        text: c.description.to_string(),
        facts: Facts::default().text("Formula", c.expression.as_ref()).0,
    }
}
