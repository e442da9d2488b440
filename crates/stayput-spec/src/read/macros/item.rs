//! From tokens to the items of a block: macro calls, initialisers, ends.

use super::build::Builder;
use super::lex::{Lexer, Token};

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

/// Parses the items of one block.
pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    peeked: Option<(Token, u32)>,
    ended: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(lines: &'a [&'a str], line: usize) -> Self {
        Self {
            lexer: Lexer::new(lines, line),
            peeked: None,
            ended: false,
        }
    }

    /// The index of the line after what was read.
    pub(super) fn line_index(&self) -> usize {
        match &self.peeked {
            Some((_, line)) => *line as usize - 1,
            None => self.lexer.line_index(),
        }
    }

    /// The head, `DEFINE_KERNEL_API_SPEC(name)`: the name and the line.
    pub(super) fn define(&mut self) -> (String, u32) {
        let line = self.next().map_or(1, |(_, line)| line);
        let name = match self.arguments() {
            Ok(arguments) | Err(arguments) => {
                arguments.first().map(Argument::written).unwrap_or_default()
            }
        };
        (name, line)
    }

    /// The next item; `None` at the end of the block or of the text.
    pub(super) fn next_item(&mut self, builder: &mut Builder) -> Option<Item> {
        while !self.ended {
            let Some((token, line)) = self.next() else {
                builder.unfinished();
                return None;
            };
            match token {
                Token::Word(name) if name == "KAPI_END_SPEC" => self.ended = true,
                // Something else starts: this block has no end.
                Token::Word(name) if name == super::DEFINE || is_code(&name) => {
                    self.peeked = Some((Token::Word(name), line));
                    builder.unfinished();
                    self.ended = true;
                }
                Token::Word(name) => return Some(self.call(name, line, builder)),
                Token::Mark('.') => return Some(self.initialiser(line)),
                Token::Mark('}') => {
                    if matches!(self.peek(), Some(Token::Mark(';'))) {
                        self.ended = true;
                    } else {
                        builder.end_part(None, line);
                    }
                }
                Token::Mark(',' | ';') => {}
                Token::Mark(mark) => builder.stray(&mark.to_string(), line),
                Token::Text(text) => builder.stray(&quote(&text), line),
                Token::Directive(text) => builder.stray(&text, line),
                Token::Unterminated(text) => builder.unterminated(&text, line),
            }
        }
        None
    }

    fn call(&mut self, name: String, line: u32, builder: &mut Builder) -> Item {
        let arguments = matches!(self.peek(), Some(Token::Mark('('))).then(|| {
            self.arguments().unwrap_or_else(|arguments| {
                builder.unclosed(&name, line);
                arguments
            })
        });
        Item {
            name,
            arguments,
            line,
        }
    }

    fn initialiser(&mut self, line: u32) -> Item {
        let name = match self.peek() {
            Some(Token::Word(name)) => {
                let name = format!(".{name}");
                self.next();
                name
            }
            _ => ".".to_owned(),
        };
        if matches!(self.peek(), Some(Token::Mark('='))) {
            self.next();
        }
        let mut value = Argument::default();
        let mut depth = 0_u32;
        while let Some(token) = self.peek() {
            match token {
                Token::Mark(',' | ';') if depth == 0 => break,
                Token::Mark('}') if depth == 0 => break,
                Token::Mark('(' | '{' | '[') => depth += 1,
                Token::Mark(')' | '}' | ']') => depth = depth.saturating_sub(1),
                // A lost comma: the next macro or initialiser starts here.
                Token::Word(word) if word.starts_with("KAPI_") && is_item(word) && depth == 0 => {
                    break;
                }
                _ => {}
            }
            value.0.extend(self.next().map(|(token, _)| token));
        }
        Item {
            name,
            arguments: Some(vec![value]),
            line,
        }
    }

    /// The arguments in parentheses; `Err` with what there is when they don't end within the
    /// block.
    fn arguments(&mut self) -> Result<Vec<Argument>, Vec<Argument>> {
        if !matches!(self.peek(), Some(Token::Mark('('))) {
            return Err(Vec::new());
        }
        self.next();
        let (mut arguments, mut depth) = (vec![Argument::default()], 0_u32);
        while let Some(token) = self.peek() {
            match token {
                Token::Mark(')') if depth == 0 => {
                    self.next();
                    if arguments.len() == 1 && arguments[0].0.is_empty() {
                        arguments.clear();
                    }
                    return Ok(arguments);
                }
                Token::Mark(',') if depth == 0 => {
                    self.next();
                    arguments.push(Argument::default());
                    continue;
                }
                Token::Word(word) if word == "KAPI_END_SPEC" || word == super::DEFINE => break,
                Token::Mark('(' | '{' | '[') => depth += 1,
                Token::Mark(')' | '}' | ']') => depth = depth.saturating_sub(1),
                _ => {}
            }
            if let (Some((token, _)), Some(last)) = (self.next(), arguments.last_mut()) {
                last.0.push(token);
            }
        }
        Err(arguments)
    }

    fn peek(&mut self) -> Option<&Token> {
        if self.peeked.is_none() {
            self.peeked = self.lexer.next();
        }
        self.peeked.as_ref().map(|(token, _)| token)
    }

    fn next(&mut self) -> Option<(Token, u32)> {
        self.peeked.take().or_else(|| self.lexer.next())
    }
}

/// Whether a word starts code that can't stand in a block.
fn is_code(word: &str) -> bool {
    ["SYSCALL_DEFINE", "COMPAT_SYSCALL_DEFINE", "EXPORT_SYMBOL"]
        .iter()
        .any(|code| word.starts_with(code))
}

/// Whether a word is a macro of the notation, as opposed to one of its symbols.
fn is_item(word: &str) -> bool {
    word.ends_with("_END") || super::fields::is_known(word)
}
