//! Two specifications side by side.

use crate::language::Spec;
use crate::outline::{Body, Fact, Item, Outline, Section, outline};
use std::fmt;

/// One thing that two specifications disagree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The section, such as `Errors`; `Summary` for what stands above all sections.
    pub section: &'static str,
    /// What of it, such as `ENOMEM`; `None` where the section is one text.
    pub item: Option<String>,
    /// The field; `None` where it is the whole item or text.
    pub field: Option<&'static str>,
    /// How they differ.
    pub change: Change,
}

/// How two specifications differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Both say something, not the same.
    Changed {
        /// What the first says.
        left: String,
        /// What the second says.
        right: String,
    },
    /// Only the first says this.
    OnlyLeft(String),
    /// Only the second says this.
    OnlyRight(String),
}

impl Change {
    /// `changed`, `only_left` or `only_right`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Changed { .. } => "changed",
            Self::OnlyLeft(_) => "only_left",
            Self::OnlyRight(_) => "only_right",
        }
    }

    /// What the first and the second say.
    #[must_use]
    pub fn sides(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Changed { left, right } => (Some(left), Some(right)),
            Self::OnlyLeft(left) => (Some(left), None),
            Self::OnlyRight(right) => (None, Some(right)),
        }
    }
}

impl fmt::Display for Difference {
    /// The place in a line, then a line for each side, `-` for the first and `+` for the second.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.section)?;
        if let Some(item) = self.item.as_deref().filter(|item| !item.is_empty()) {
            write!(f, ", {item}")?;
        }
        if let Some(field) = self.field {
            write!(f, ": {field}")?;
        }
        let (left, right) = self.change.sides();
        left.map_or(Ok(()), |left| write!(f, "\n- {left}"))?;
        right.map_or(Ok(()), |right| write!(f, "\n+ {right}"))
    }
}

/// Compares two specifications, in the order of rendering. Names are not compared, so that a
/// specification of one call can be held against that of another; declared counts aren't either,
/// since they follow from the rest.
#[must_use]
pub fn specifications(left: &Spec, right: &Spec) -> Vec<Difference> {
    let (left, right) = (outline(left), outline(right));
    let mut found = Differences(Vec::new());
    found.field(
        "Summary",
        None,
        Some("Description"),
        said(&left.summary),
        said(&right.summary),
    );
    found.facts("Summary", None, &left.facts, &right.facts);
    for title in titles(&left, &right) {
        let (left, right) = (body(&left, title), body(&right, title));
        match (left, right) {
            (Some(Body::Items(_)), _) | (_, Some(Body::Items(_))) => {
                found.items(title, items(left), items(right));
            }
            _ => found.field(title, None, None, text(left), text(right)),
        }
    }
    found.0
}

struct Differences(Vec<Difference>);

impl Differences {
    fn field(
        &mut self,
        section: &'static str,
        item: Option<&str>,
        field: Option<&'static str>,
        left: Option<&str>,
        right: Option<&str>,
    ) {
        let change = match (left.map(one_line), right.map(one_line)) {
            (Some(left), Some(right)) if left != right => Change::Changed { left, right },
            (Some(left), None) => Change::OnlyLeft(left),
            (None, Some(right)) => Change::OnlyRight(right),
            _ => return,
        };
        self.0.push(Difference {
            section,
            item: item.map(str::to_owned),
            field,
            change,
        });
    }

    fn facts(&mut self, section: &'static str, item: Option<&str>, left: &[Fact], right: &[Fact]) {
        for label in in_both_orders(left, right, |(label, _)| *label) {
            let (left, right) = (fact(left, label), fact(right, label));
            self.field(section, item, Some(label), left, right);
        }
    }

    fn items(&mut self, section: &'static str, left: &[Item], right: &[Item]) {
        for key in in_both_orders(left, right, |item| item.key.as_str()) {
            for (left, right) in pairs(of_key(left, key), of_key(right, key)) {
                match (left, right) {
                    (Some(left), Some(right)) => self.item(section, left, right),
                    (left, right) => {
                        let whole = |item: &Item| match said(&item.text) {
                            Some(text) => format!("{}. {text}", item.head),
                            None => item.head.clone(),
                        };
                        let (left, right) = (left.map(whole), right.map(whole));
                        self.field(section, Some(key), None, left.as_deref(), right.as_deref());
                    }
                }
            }
        }
    }

    fn item(&mut self, section: &'static str, left: &Item, right: &Item) {
        let key = Some(left.key.as_str());
        self.facts(section, key, &left.named, &right.named);
        let (l, r) = (said(&left.text), said(&right.text));
        self.field(section, key, Some("Description"), l, r);
        self.facts(section, key, &left.facts, &right.facts);
    }
}

/// Pairs those that name the same, then the others in their order; some stay alone.
fn pairs<'a>(
    mut left: Vec<&'a Item>,
    mut right: Vec<&'a Item>,
) -> Vec<(Option<&'a Item>, Option<&'a Item>)> {
    let mut pairs = Vec::new();
    left.retain(|item| {
        let Some(at) = right.iter().position(|other| other.named == item.named) else {
            return true;
        };
        pairs.push((Some(*item), Some(right.remove(at))));
        false
    });
    let both = left.len().max(right.len());
    pairs.extend((0..both).map(|at| (left.get(at).copied(), right.get(at).copied())));
    pairs
}

fn of_key<'a>(items: &'a [Item], key: &str) -> Vec<&'a Item> {
    items.iter().filter(|item| item.key == key).collect()
}

/// The names of the first, in its order, then those that only the second has; each once.
fn in_both_orders<'a, T, N: PartialEq>(
    left: &'a [T],
    right: &'a [T],
    name: impl Fn(&'a T) -> N,
) -> Vec<N> {
    let mut names = Vec::new();
    for name in left.iter().chain(right).map(name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn titles(left: &Outline, right: &Outline) -> Vec<&'static str> {
    in_both_orders(&left.sections, &right.sections, |section: &Section| {
        section.title
    })
}

fn body<'a>(outline: &'a Outline, title: &str) -> Option<&'a Body> {
    let mut sections = outline.sections.iter();
    sections
        .find(|section| section.title == title)
        .map(|section| &section.body)
}

fn items(body: Option<&Body>) -> &[Item] {
    match body {
        Some(Body::Items(items)) => items,
        _ => &[],
    }
}

fn text(body: Option<&Body>) -> Option<&str> {
    match body {
        Some(Body::Text(text) | Body::Code(text)) => said(text),
        _ => None,
    }
}

fn fact<'a>(facts: &'a [Fact], label: &str) -> Option<&'a str> {
    let mut facts = facts.iter();
    facts
        .find(|(known, _)| *known == label)
        .and_then(|(_, value)| said(value))
}

/// A text, if it says anything.
fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.trim().is_empty())
}

/// White space is no difference.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
