//! The attributes of one annotation, taken by name; what is left over is unknown.

use super::entry::{Attribute, Entry};
use crate::language::{Expr, List, Symbol, Text};
use std::borrow::Cow;

/// The attributes of one annotation.
pub(super) struct Attributes {
    rest: Vec<Attribute>,
    /// Symbols that this crate doesn't know, each with the attribute and its line.
    pub(super) unknown_symbols: Vec<(String, String, u32)>,
    line: u32,
}

impl Attributes {
    pub(super) fn new(entry: &Entry) -> Self {
        Self {
            rest: entry.attributes.clone(),
            unknown_symbols: Vec::new(),
            line: entry.line,
        }
    }

    /// Takes the first attribute that has one of these names (`_` and `-` are the same).
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Attribute> {
        let known =
            |attribute: &Attribute| names.contains(&attribute.key.replace('_', "-").as_str());
        let at = self.rest.iter().position(known)?;
        Some(self.rest.remove(at))
    }

    /// What nobody took.
    pub(super) fn rest(self) -> Vec<Attribute> {
        self.rest
    }

    pub(super) fn text(&mut self, names: &[&str]) -> Option<Text> {
        self.take(names)
            .map(|attribute| Cow::Owned(attribute.value))
    }

    pub(super) fn expr(&mut self, names: &[&str]) -> Option<Expr> {
        self.take(names)
            .map(|attribute| Expr::read(&attribute.value))
    }

    /// Two expressions with a comma between them.
    pub(super) fn pair(&mut self, names: &[&str]) -> Option<(Expr, Expr)> {
        let attribute = self.take(names)?;
        match attribute.value.split_once(',') {
            Some((first, second)) => Some((Expr::read(first), Expr::read(second))),
            None => {
                self.rest.push(attribute);
                None
            }
        }
    }

    pub(super) fn flag(&mut self, names: &[&str]) -> bool {
        let Some(attribute) = self.take(names) else {
            return false;
        };
        match attribute.value.to_ascii_lowercase().as_str() {
            "yes" | "true" => true,
            "no" | "false" => false,
            _ => {
                self.rest.push(attribute);
                false
            }
        }
    }

    pub(super) fn symbol<S: Symbol>(&mut self, names: &[&str]) -> Option<S> {
        let attribute = self.take(names)?;
        Some(self.symbol_of(&attribute.key, &attribute.value, attribute.line))
    }

    pub(super) fn mask<S: Symbol>(&mut self, names: &[&str]) -> List<S> {
        match self.take(names) {
            Some(attribute) => self.mask_of(&attribute.key, &attribute.value, attribute.line),
            None => Cow::Borrowed(&[]),
        }
    }

    /// A symbol that stands in the annotation's head.
    pub(super) fn head_symbol<S: Symbol>(&mut self, key: &str, word: &str) -> S {
        self.symbol_of(key, word, self.line)
    }

    /// A mask that stands in the annotation's head.
    pub(super) fn head_mask<S: Symbol>(&mut self, key: &str, words: &str) -> List<S> {
        self.mask_of(key, words, self.line)
    }

    fn symbol_of<S: Symbol>(&mut self, key: &str, word: &str, line: u32) -> S {
        let symbol = S::from_symbol(canonical(word.trim()));
        if symbol.number().is_none() {
            self.unknown_symbols
                .push((key.to_owned(), word.trim().to_owned(), line));
        }
        symbol
    }

    fn mask_of<S: Symbol>(&mut self, key: &str, words: &str, line: u32) -> List<S> {
        let separator = if words.contains('|') { '|' } else { ',' };
        words
            .split(separator)
            .filter(|word| !matches!(word.trim(), "" | "0"))
            .map(|word| self.symbol_of(key, word, line))
            .collect()
    }
}

/// Further short names that kernel-doc comments use for symbols.
fn canonical(word: &str) -> &str {
    match word {
        "input" => "in",
        "output" => "out",
        "uptr" => "user_ptr",
        "align" => "alignment",
        "KAPI_CONSTRAINT_BITMASK" => "mask",
        "bypass" => "bypass_check",
        "limit" => "increase_limit",
        "override" => "override_restriction",
        "grant" => "grant_permission",
        "modify" => "modify_behavior",
        "access" => "access_resource",
        "required" | "KAPI_CAP_REQUIRED" => "perform_operation",
        _ => word,
    }
}
