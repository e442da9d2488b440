//! From items to a specification.

use super::fields::{Part, Role, role};
use super::item::{Argument, Event, Item};
use super::parse::{DEFINE, Head};
use super::set;
use super::set::{Outcome, Problem, Values};
use crate::language::{Spec, Unknown};
use crate::read::{Finding, FindingKind};
use std::borrow::Cow;

const NO_END: &str = "its arguments have no end";

/// Takes the events of one block, in order.
pub(super) struct Builder {
    spec: Spec,
    line: u32,
    part: Part,
    /// The fields given in the open part, to notice one that is given again.
    given: Vec<(&'static str, Item)>,
    /// The fields of the specification itself.
    given_at_top: Vec<(&'static str, Item)>,
    findings: Vec<Finding>,
}

impl Builder {
    pub(super) fn new(head: Head) -> Self {
        let line = head.line;
        let mut builder = Self {
            spec: Spec::new(Cow::Owned(head.name)),
            line,
            part: Part::Spec,
            given: Vec::new(),
            given_at_top: Vec::new(),
            findings: Vec::new(),
        };
        if !is_identifier(&builder.spec.name) {
            let found = match &*builder.spec.name {
                "" => "it has no name".to_owned(),
                name => format!("{name} was given"),
            };
            builder.malformed(DEFINE, line, &found, "the name of a function");
        }
        if !head.is_closed {
            builder.malformed(DEFINE, line, NO_END, "a closing parenthesis");
        }
        builder
    }

    pub(super) fn finish(self) -> (Spec, Vec<Finding>) {
        (self.spec, self.findings)
    }

    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Item(item) => self.item(item),
            Event::Unclosed(item) => {
                self.malformed(&item.name, item.line, NO_END, "a closing parenthesis");
                self.item(item);
            }
            Event::Brace(line) => self.end_part(None, line),
            Event::Stray(text, line) => {
                self.keep_stray(&text, line);
                self.report(&text, line, FindingKind::Unknown);
            }
            Event::Unterminated(text, line) => {
                self.keep_stray(&text, line);
                let found = "a string or comment has no end";
                self.malformed(&text, line, found, "its closing mark");
            }
            Event::Unfinished => {
                let found = "the block has no end";
                self.malformed(DEFINE, self.line, found, "KAPI_END_SPEC");
            }
        }
    }

    fn item(&mut self, item: Item) {
        if let Some(field) = item.name.strip_prefix('.') {
            let (part, field) = (self.part, field.to_owned());
            return self.field(part, &field, item);
        }
        match role(&item.name) {
            None => self.keep(item, FindingKind::Unknown),
            Some(Role::Count(what)) => {
                let count = item.arguments.as_deref().and_then(count);
                match count {
                    Some(count) => self.spec.declared.set(what, count),
                    None => self.keep_malformed(item, "one number"),
                }
            }
            Some(Role::End(part)) => self.end_part(Some(part), item.line),
            Some(Role::Open(part, arguments)) => self.open(part, arguments, item),
            Some(Role::Field(part, field, arguments)) => {
                let part = if part == Part::Spec {
                    part
                } else {
                    self.inside(part)
                };
                if matches!(arguments, 0..=2) && item.count() != arguments {
                    let expected = format!("{arguments} argument(s)");
                    return self.keep_malformed(item, &expected);
                }
                self.field(part, field, item);
            }
        }
    }

    /// The open part if the macro belongs there; elsewhere the macro has no home.
    fn inside(&self, part: Part) -> Part {
        if self.part == part { part } else { Part::Lost }
    }

    fn open(&mut self, part: Part, arguments: usize, item: Item) {
        self.given.clear();
        // Until it is open, what is wrong with it stands at the top. An error has nothing in it.
        let open = part != Part::Error;
        self.part = if open { Part::Lost } else { Part::Spec };
        if item.count() != arguments {
            return self.keep_malformed(item, &format!("{arguments} arguments"));
        }
        let position = set::len(&self.spec, part);
        let mut values = Values::new(item.arguments.as_deref().unwrap_or_default());
        if part != Part::Return {
            self.check_index(&mut values, position, &item);
        } else if self.spec.returns.is_some() {
            return self.keep(item, FindingKind::Repeated);
        }
        match set::open(&mut self.spec, part, &mut values) {
            Err(problem) => self.refuse(item, problem),
            Ok(()) => {
                self.part = if open { part } else { Part::Spec };
                self.unknown_symbols(values.unknown, &item.name, item.line);
            }
        }
    }

    fn check_index(&mut self, values: &mut Values<'_>, position: usize, item: &Item) {
        let given = values.next_written();
        if given != position.to_string() {
            self.report(
                &item.name,
                item.line,
                FindingKind::Index { given, position },
            );
        }
    }

    fn field(&mut self, part: Part, field: &str, item: Item) {
        let mut values = Values::new(item.arguments.as_deref().unwrap_or_default());
        let outcome = match part {
            Part::Lost => Err(Problem::Unknown),
            part => set::field(&mut self.spec, part, field, &mut values),
        };
        match outcome {
            Ok(Outcome { field, repeatable }) => {
                self.unknown_symbols(values.unknown, &item.name, item.line);
                if !repeatable {
                    self.note_given(part, field, item);
                }
            }
            Err(problem) => self.refuse(item, problem),
        }
    }

    /// Remembers that a field was given; an earlier value, which C would drop, is kept as unknown.
    fn note_given(&mut self, part: Part, field: &'static str, item: Item) {
        let (name, line) = (item.name.clone(), item.line);
        let given = if part == Part::Spec {
            &mut self.given_at_top
        } else {
            &mut self.given
        };
        match given.iter_mut().find(|(known, _)| *known == field) {
            None => given.push((field, item)),
            Some((_, earlier)) => {
                let earlier = std::mem::replace(earlier, item);
                let within = if part == Part::Spec {
                    String::new()
                } else {
                    self.within()
                };
                self.push_unknown(earlier, within);
                self.report(&name, line, FindingKind::Repeated);
            }
        }
    }

    /// The end of a part: of this one, or of whatever is open when the source has only a brace.
    fn end_part(&mut self, part: Option<Part>, line: u32) {
        if let Some(part) = part {
            if part != self.part && self.part != Part::Lost {
                let name = format!("{}_END", part.macro_name());
                self.malformed(
                    &name,
                    line,
                    "that part is not open",
                    "the end of the open part",
                );
            }
        }
        self.part = Part::Spec;
        self.given.clear();
    }

    fn keep_stray(&mut self, text: &str, line: u32) {
        let item = Item {
            name: text.to_owned(),
            arguments: None,
            line,
        };
        let within = self.within();
        self.push_unknown(item, within);
    }

    fn refuse(&mut self, item: Item, problem: Problem) {
        match problem {
            Problem::Unknown => self.keep(item, FindingKind::Unknown),
            Problem::Expected(expected) => self.keep_malformed(item, expected),
        }
    }

    fn keep_malformed(&mut self, item: Item, expected: &str) {
        let found = format!(
            "{} was given",
            item.written().unwrap_or_else(|| "nothing".into())
        );
        let expected = expected.to_owned();
        self.keep(item, FindingKind::Malformed { found, expected });
    }

    fn keep(&mut self, item: Item, kind: FindingKind) {
        self.report(&item.name, item.line, kind);
        let within = self.within();
        self.push_unknown(item, within);
    }

    fn push_unknown(&mut self, item: Item, within: String) {
        self.spec.unknown.to_mut().push(Unknown {
            arguments: item.written().map(Cow::Owned),
            name: Cow::Owned(item.name),
            within: Cow::Owned(within),
            line: item.line,
        });
    }

    fn unknown_symbols(&mut self, symbols: Vec<String>, name: &str, line: u32) {
        for symbol in symbols {
            self.report(name, line, FindingKind::UnknownSymbol(symbol));
        }
    }

    fn malformed(&mut self, name: &str, line: u32, found: &str, expected: &str) {
        let (found, expected) = (found.to_owned(), expected.to_owned());
        self.report(name, line, FindingKind::Malformed { found, expected });
    }

    fn report(&mut self, name: &str, line: u32, kind: FindingKind) {
        let part = self.within();
        let space = if part.is_empty() { "" } else { " " };
        let within = format!("{}{space}{part}", self.spec.name);
        self.findings.push(Finding {
            line,
            name: name.to_owned(),
            within,
            kind,
        });
    }

    /// The open part, such as `KAPI_PARAM(1)`; empty at the top.
    fn within(&self) -> String {
        match self.part {
            Part::Spec | Part::Lost => String::new(),
            Part::Return => Part::Return.macro_name().to_owned(),
            part => {
                let index = set::len(&self.spec, part).saturating_sub(1);
                format!("{}({index})", part.macro_name())
            }
        }
    }
}

impl Item {
    fn count(&self) -> usize {
        self.arguments.as_ref().map_or(0, Vec::len)
    }

    fn written(&self) -> Option<String> {
        let written: Vec<_> = self
            .arguments
            .as_ref()?
            .iter()
            .map(Argument::written)
            .collect();
        Some(written.join(", "))
    }
}

fn is_identifier(text: &str) -> bool {
    let part = |c: char| c == '_' || c.is_ascii_alphanumeric();
    text.chars().all(part) && text.starts_with(|c: char| !c.is_ascii_digit())
}

fn count(arguments: &[Argument]) -> Option<u32> {
    match arguments {
        [argument] => argument.written().parse().ok(),
        _ => None,
    }
}
