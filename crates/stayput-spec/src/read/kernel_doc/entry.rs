//! From the lines of a comment to annotations: a head with its value, and what is under it.

use crate::language::Counted;

/// A kernel-doc comment without its stars.
pub(super) struct Comment<'a> {
    /// The line it starts on, from 1.
    pub(super) line: u32,
    lines: Vec<Line<'a>>,
}

#[derive(Clone, Copy)]
struct Line<'a> {
    number: u32,
    /// Columns before the text.
    indent: usize,
    text: &'a str,
    /// The text with what indentation it has beyond that of a continued line.
    code: &'a str,
}

/// An annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// What is annotated, such as `param` or `long-desc`.
    pub(super) key: String,
    /// What stands after it; lines that only continue it are joined.
    pub(super) value: String,
    /// Its line, from 1.
    pub(super) line: u32,
    /// The attributes under it.
    pub(super) attributes: Vec<Attribute>,
}

/// An attribute of an annotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attribute {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) line: u32,
    indent: usize,
}

/// Annotations with attributes, and with them the flat names (`lock-acquired:`).
const HEADS: &[&str] = &[
    "param",
    "return",
    "error",
    "lock",
    "signal-mask",
    "signal",
    "side-effect",
    "state-trans",
    "capability",
    "constraint",
];

/// Annotations that are text alone.
const TEXTS: &[&str] = &[
    "long-desc",
    "context-flags",
    "contexts",
    "context",
    "since-version",
    "since",
    "examples",
    "notes",
];

impl<'a> Comment<'a> {
    pub(super) fn new(source: &[&'a str], start: usize) -> Self {
        let number = |at: usize| u32::try_from(start + at + 1).unwrap_or(u32::MAX);
        let lines = source
            .iter()
            .enumerate()
            .map(|(at, line)| {
                let line = line.trim();
                let line = line.strip_prefix("/**").unwrap_or(line);
                let line = line.strip_suffix("*/").unwrap_or(line);
                let line = line.strip_prefix('*').unwrap_or(line);
                let line = line.strip_prefix(' ').unwrap_or(line);
                Line {
                    number: number(at),
                    indent: line.len() - line.trim_start().len(),
                    text: line.trim(),
                    code: line.strip_prefix("  ").unwrap_or(line).trim_end(),
                }
            })
            .collect();
        Self {
            line: number(0),
            lines,
        }
    }

    /// The first line with text: `name - description`.
    pub(super) fn title(&self) -> &'a str {
        self.lines
            .iter()
            .map(|line| line.text)
            .find(|text| !text.is_empty())
            .unwrap_or("")
    }

    /// Every annotation and every `@parameter`, in order.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        // Where lines that continue go: a flat attribute may belong to an earlier entry.
        let mut current = 0;
        let mut gap = false;
        let body = self
            .lines
            .iter()
            .skip_while(|line| line.text.is_empty())
            .skip(1);
        for line in body {
            if line.text.is_empty() {
                gap = true;
                continue;
            }
            match entries.get_mut(current) {
                Some(entry) if line.indent > 0 => entry.continue_with(line, gap),
                _ => {
                    current = match flat_attribute(line) {
                        Some(attribute) => attach(attribute, &mut entries),
                        None => add(Entry::new(line), &mut entries),
                    }
                }
            }
            gap = false;
        }
        entries
    }
}

/// Whether a comment specifies a call: two different annotations, so that an ordinary kernel-doc
/// comment that has a section of the same name isn't taken for one.
pub(super) fn is_specification(comment: &Comment<'_>) -> bool {
    let mut seen = Vec::new();
    for line in comment.lines.iter().filter(|line| line.indent == 0) {
        let Some((key, _)) = split(line.text) else {
            continue;
        };
        let known = is_head(key) || TEXTS.contains(&key) || flat_attribute(line).is_some();
        if known && !seen.contains(&key) {
            seen.push(key);
        }
    }
    seen.len() >= 2
}

impl Entry {
    fn new(line: &Line<'_>) -> Self {
        let (key, value) = split(line.text).unwrap_or(("", line.text));
        Self {
            key: key.to_owned(),
            value: value.to_owned(),
            line: line.number,
            attributes: Vec::new(),
        }
    }

    /// An indented line: an attribute, or more of what came before.
    fn continue_with(&mut self, line: &Line<'_>, gap: bool) {
        let under = |attribute: &Attribute| line.indent > attribute.indent;
        if HEADS.contains(&self.key.as_str()) && !self.attributes.last().is_some_and(under) {
            if let Some((key, value)) = split(line.text).filter(|(key, _)| is_key(key)) {
                let attribute = Attribute::new(key, value, line);
                return self.attributes.push(attribute);
            }
        }
        let code = self.key == "examples";
        let text = if code { line.code } else { line.text };
        let separator = match gap {
            true => "\n\n",
            false if code || text.starts_with("- ") => "\n",
            false => " ",
        };
        let value = match self.attributes.last_mut() {
            Some(attribute) => &mut attribute.value,
            None => &mut self.value,
        };
        if !value.is_empty() {
            value.push_str(separator);
        }
        value.push_str(text);
    }
}

impl Attribute {
    fn new(key: &str, value: &str, line: &Line<'_>) -> Self {
        Self {
            key: key.to_owned(),
            value: value.to_owned(),
            line: line.number,
            indent: line.indent,
        }
    }
}

/// An attribute in its flat form, such as `lock-acquired: true`, with the head it belongs to and,
/// for those that name it, the name.
struct Flat<'a> {
    head: &'static str,
    name: Option<&'a str>,
    attribute: Attribute,
}

fn flat_attribute<'a>(line: &Line<'a>) -> Option<Flat<'a>> {
    let (key, value) = split(line.text).filter(|(key, _)| !is_head(key))?;
    let (head, rest) = HEADS
        .iter()
        .find_map(|head| Some((*head, key.strip_prefix(head)?.strip_prefix('-')?)))?;
    let (name, value) = match head {
        "param" | "constraint" => {
            let (name, value) = value.split_once(',')?;
            (Some(name.trim()), value.trim())
        }
        _ => (None, value),
    };
    let attribute = Attribute::new(rest, value, line);
    Some(Flat {
        head,
        name,
        attribute,
    })
}

/// Puts a flat attribute under its head: the last of that kind and, where it names one, of that
/// name; where there is none, a new one. Gives its position.
fn attach(flat: Flat<'_>, entries: &mut Vec<Entry>) -> usize {
    let fits = |entry: &Entry| {
        let head = entry.value.split(',').next().unwrap_or("").trim();
        entry.key == flat.head && flat.name.is_none_or(|name| name == head)
    };
    let at = entries.iter().rposition(fits).unwrap_or_else(|| {
        let entry = Entry {
            key: flat.head.to_owned(),
            value: flat.name.unwrap_or("").to_owned(),
            line: flat.attribute.line,
            attributes: Vec::new(),
        };
        add(entry, entries)
    });
    entries[at].attributes.push(flat.attribute);
    at
}

fn add(entry: Entry, entries: &mut Vec<Entry>) -> usize {
    entries.push(entry);
    entries.len() - 1
}

/// What stands by itself, and isn't an attribute in its flat form although it looks like one.
fn is_head(key: &str) -> bool {
    let count = |what: Counted| what.annotation() == key;
    HEADS.contains(&key) || key == "error-code" || Counted::ALL.into_iter().any(count)
}

/// `key: value`. A key is one word; `@name` counts as one.
fn split(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    let word = |c: char| c.is_ascii_alphanumeric() || "-_@.".contains(c);
    (!key.is_empty() && key.chars().all(word)).then(|| (key, value.trim()))
}

/// What can be an attribute, as opposed to a sentence that has a colon after its first word.
fn is_key(key: &str) -> bool {
    key.chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_')
}
