//! From annotations to a specification.

use super::attributes::Attributes;
use super::entry::{Comment, Entry};
use super::parts::{
    capability, constraint, constraint_type, error, lock, owned, side_effect, signal, signal_mask,
    split_two, transition,
};
use super::prototype::Prototype;
use crate::language::{CheckType, Counted, Parameter, Return, Spec, Unknown, ValueType};
use crate::read::{Finding, FindingKind};
use std::borrow::Cow;

/// Builds the specification that a comment and the function after it make.
pub(super) fn build(comment: &Comment<'_>, prototype: &Prototype) -> (Spec, Vec<Finding>) {
    let (name, description) = comment
        .title()
        .split_once(" - ")
        .unwrap_or((comment.title(), ""));
    let name = name.trim().trim_end_matches("()").to_owned();
    let mut spec = Spec::new(Cow::Owned(name));
    spec.description = owned(description);
    let mut builder = Builder {
        spec,
        prototype,
        findings: Vec::new(),
    };
    for entry in comment.entries() {
        builder.take(&entry);
    }
    (builder.spec, builder.findings)
}

struct Builder<'a> {
    spec: Spec,
    prototype: &'a Prototype,
    findings: Vec<Finding>,
}

impl Builder<'_> {
    fn take(&mut self, entry: &Entry) {
        let mut a = Attributes::new(entry);
        match entry.key.as_str() {
            "long-desc" => self.spec.long_description = Some(owned(&entry.value)),
            "context-flags" | "contexts" | "context" => {
                self.spec.context = a.head_mask(&entry.key, &entry.value);
            }
            "since-version" | "since" => self.spec.since = Some(owned(&entry.value)),
            "examples" => self.spec.examples = Some(owned(&entry.value)),
            "notes" => self.spec.notes = Some(owned(&entry.value)),
            "param" => self.parameter(entry, &mut a),
            "return" => self.spec.returns = Some(self.returns(&mut a)),
            "error" | "error-code" => self.spec.errors.to_mut().push(error(entry, &mut a)),
            "signal" => self.spec.signals.to_mut().push(signal(entry, &mut a)),
            "signal-mask" => self
                .spec
                .signal_masks
                .to_mut()
                .push(signal_mask(entry, &mut a)),
            "side-effect" => self
                .spec
                .side_effects
                .to_mut()
                .push(side_effect(entry, &mut a)),
            "state-trans" => self
                .spec
                .transitions
                .to_mut()
                .push(transition(entry, &mut a)),
            "lock" => self.spec.locks.to_mut().push(lock(entry, &mut a)),
            "capability" => self
                .spec
                .capabilities
                .to_mut()
                .push(capability(entry, &mut a)),
            "constraint" => self
                .spec
                .constraints
                .to_mut()
                .push(constraint(entry, &mut a)),
            _ => self.other(entry),
        }
        self.leftovers(entry, a);
    }

    /// A parameter's description, a count, or something unknown.
    fn other(&mut self, entry: &Entry) {
        if let Some(name) = entry.key.strip_prefix('@') {
            self.parameter_named(name).description = owned(&entry.value);
            return;
        }
        let mut counted = Counted::ALL.into_iter();
        match counted.find(|what| what.annotation() == entry.key) {
            None => self.unknown(&entry.key, &entry.value, "", entry.line),
            Some(what) => match entry.value.parse() {
                Ok(count) => self.spec.declared.set(what, count),
                Err(_) => self.malformed(entry, "one number"),
            },
        }
    }

    fn malformed(&mut self, entry: &Entry, expected: &str) {
        let found = format!("{} was given", entry.value);
        let expected = expected.to_owned();
        let kind = FindingKind::Malformed { found, expected };
        self.keep(&entry.key, &entry.value, "", entry.line, kind);
    }

    /// Keeps and reports what no field took.
    fn leftovers(&mut self, entry: &Entry, attributes: Attributes) {
        let head = split_two(&entry.value).0;
        let within = if head.is_empty() {
            entry.key.clone()
        } else {
            format!("{} {head}", entry.key)
        };
        for (name, symbol, line) in &attributes.unknown_symbols {
            self.report(
                name,
                &within,
                *line,
                FindingKind::UnknownSymbol(symbol.clone()),
            );
        }
        for attribute in attributes.rest() {
            self.unknown(&attribute.key, &attribute.value, &within, attribute.line);
        }
    }

    fn unknown(&mut self, name: &str, value: &str, within: &str, line: u32) {
        self.keep(name, value, within, line, FindingKind::Unknown);
    }

    fn keep(&mut self, name: &str, value: &str, within: &str, line: u32, kind: FindingKind) {
        self.report(name, within, line, kind);
        self.spec.unknown.to_mut().push(Unknown {
            name: owned(name),
            arguments: Some(owned(value)),
            within: owned(within),
            line,
        });
    }

    fn report(&mut self, name: &str, within: &str, line: u32, kind: FindingKind) {
        let space = if within.is_empty() { "" } else { " " };
        let within = format!("{}{space}{within}", self.spec.name);
        self.findings.push(Finding {
            line,
            name: name.to_owned(),
            within,
            kind,
        });
    }

    fn parameter_named(&mut self, name: &str) -> &mut Parameter {
        let parameters = self.spec.parameters.to_mut();
        let at = match parameters
            .iter()
            .position(|parameter| parameter.name == name)
        {
            Some(at) => at,
            None => {
                let type_name = owned(self.prototype.type_of(name));
                parameters.push(Parameter::new(owned(name), type_name, owned("")));
                parameters.len() - 1
            }
        };
        &mut parameters[at]
    }

    fn parameter(&mut self, entry: &Entry, a: &mut Attributes) {
        let (name, inline_type) = split_two(&entry.value);
        let parameter = self.parameter_named(name);
        if !inline_type.is_empty() {
            parameter.value_type = Some(a.head_symbol("param", inline_type));
        }
        // `type: uint, input`: the type, and flags after it.
        if let Some(attribute) = a.take(&["type"]) {
            let (word, flags) = split_two(&attribute.value);
            parameter.value_type = Some(a.head_symbol::<ValueType>("type", word));
            parameter.flags = a.head_mask("type", flags);
        }
        let flags = a.mask(&["flags"]);
        if !flags.is_empty() {
            parameter.flags = flags;
        }
        if let Some(attribute) = a.take(&["constraint-type"]) {
            constraint_type(parameter, &attribute.value, a);
        }
        parameter.constraint = a
            .text(&["constraint", "cdesc"])
            .or(parameter.constraint.take());
        parameter.range = a.pair(&["range"]).or(parameter.range.take());
        parameter.valid_mask = a
            .expr(&["mask", "valid-mask"])
            .or(parameter.valid_mask.take());
        parameter.enum_values = a
            .expr(&["valid-values", "enum-values"])
            .or(parameter.enum_values.take());
        parameter.size = a.expr(&["size"]).or(parameter.size.take());
        parameter.alignment = a.expr(&["alignment"]).or(parameter.alignment.take());
        parameter.size_param = a.expr(&["size-param"]).or(parameter.size_param.take());
        if let Some(description) = a.text(&["desc"]) {
            parameter.description = description;
        }
    }

    fn returns(&self, a: &mut Attributes) -> Return {
        let type_name = a
            .text(&["type-name"])
            .unwrap_or_else(|| owned(&self.prototype.returns));
        let description = a.text(&["desc"]).unwrap_or_default();
        let mut returns = Return::new(type_name, description);
        returns.value_type = a.symbol(&["type"]);
        returns.check_type = a.symbol(&["check-type"]);
        if returns.check_type == Some(CheckType::Range) {
            returns.success_range = a.pair(&["success"]);
        } else {
            returns.success_value = a.expr(&["success"]);
        }
        returns.success_value = returns.success_value.or_else(|| a.expr(&["success-value"]));
        returns.success_range = returns.success_range.or_else(|| a.pair(&["success-range"]));
        returns.error_values = a.expr(&["error-values"]);
        returns.error_count = a.expr(&["error-count"]);
        returns
    }
}
