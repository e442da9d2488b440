//! What a block is made of.

use super::lex::Token;

/// What the parser finds, in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A macro call or an initialiser.
    Item(Item),
    /// A macro call whose arguments have no end.
    Unclosed(Item),
    /// A closing brace: the end of whatever part is open.
    Brace(u32),
    /// What belongs to no item, as written, and its line.
    Stray(String, u32),
    /// A string or comment without an end, and its line.
    Unterminated(String, u32),
    /// The text ends, or something else starts, before the block ends.
    Unfinished,
}

/// One item of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// The macro's name, or `.field` for an initialiser.
    pub(super) name: String,
    /// Its arguments; `None` for a bare macro. An initialiser has one.
    pub(super) arguments: Option<Vec<Argument>>,
    /// Its line, from 1.
    pub(super) line: u32,
}

/// The tokens of one argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Argument(pub(super) Vec<Token>);

impl Argument {
    /// The text of adjacent string literals; `None` if it is anything else.
    pub(super) fn text(&self) -> Option<String> {
        let mut text = String::new();
        for token in &self.0 {
            let Token::Text(part) = token else {
                return None;
            };
            text.push_str(part);
        }
        (!self.0.is_empty()).then_some(text)
    }

    /// The argument as C again, in one line.
    pub(super) fn written(&self) -> String {
        let mut written = String::new();
        let mut word_before = false;
        for token in &self.0 {
            let (piece, is_word) = match token {
                Token::Word(word) => (word.clone(), true),
                Token::Text(text) | Token::Unterminated(text) => (quote(text), true),
                Token::Directive(text) => (text.clone(), true),
                Token::Mark(mark) => (mark.to_string(), false),
            };
            let operator = matches!(piece.as_str(), "|" | "&" | "+" | "?" | ":");
            if operator || (is_word && word_before) || written.ends_with(['|', '&', '+', ',']) {
                written.push(' ');
            }
            written.push_str(&piece);
            word_before = is_word || piece == ")";
        }
        written.trim_start().to_owned()
    }
}

/// A C string literal of a text.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            // Three digits, so that a digit that follows isn't taken into the escape.
            c if c.is_ascii_control() => quoted.push_str(&format!("\\{:03o}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
