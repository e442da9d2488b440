//! From tokens to items: macro calls, initialisers, ends.

use super::fields::is_known;
use super::item::{Argument, Event, Item, quote};
use super::lex::{Lexer, Token};

/// The macro that opens a block.
pub(super) const DEFINE: &str = "DEFINE_KERNEL_API_SPEC";

/// Parses the items of one block.
pub(super) struct Parser<'a> {
    lexer: Lexer<'a>,
    peeked: Option<(Token, u32)>,
    ended: bool,
}

/// How a block begins.
pub(super) struct Head {
    /// What stands for the name.
    pub(super) name: String,
    pub(super) line: u32,
    pub(super) is_closed: bool,
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

    /// The head, `DEFINE_KERNEL_API_SPEC(name)`.
    pub(super) fn define(&mut self) -> Head {
        let line = self.next().map_or(1, |(_, line)| line);
        let arguments = self.arguments();
        let is_closed = arguments.is_ok();
        let (Ok(arguments) | Err(arguments)) = arguments;
        let written: Vec<_> = arguments.iter().map(Argument::written).collect();
        Head {
            name: written.join(", "),
            line,
            is_closed,
        }
    }

    /// The next event; `None` at the end of the block.
    pub(super) fn next_event(&mut self) -> Option<Event> {
        while !self.ended {
            let Some((token, line)) = self.next() else {
                self.ended = true;
                return Some(Event::Unfinished);
            };
            return Some(match token {
                Token::Word(name) if name == "KAPI_END_SPEC" => break,
                Token::Word(name) if name == DEFINE || is_code(&name) => {
                    self.peeked = Some((Token::Word(name), line));
                    self.ended = true;
                    Event::Unfinished
                }
                Token::Word(name) => self.call(name, line),
                Token::Mark('.') => Event::Item(self.initialiser(line)),
                Token::Mark('}') if matches!(self.peek(), Some(Token::Mark(';'))) => break,
                Token::Mark('}') => Event::Brace(line),
                Token::Mark(',' | ';') => continue,
                Token::Mark(mark) => Event::Stray(mark.to_string(), line),
                Token::Text(text) => Event::Stray(quote(&text), line),
                Token::Directive(text) => Event::Stray(text, line),
                Token::Unterminated(text) => Event::Unterminated(text, line),
            });
        }
        self.ended = true;
        None
    }

    fn call(&mut self, name: String, line: u32) -> Event {
        let item = |arguments| Item {
            name,
            arguments,
            line,
        };
        if !matches!(self.peek(), Some(Token::Mark('('))) {
            return Event::Item(item(None));
        }
        match self.arguments() {
            Ok(arguments) => Event::Item(item(Some(arguments))),
            Err(arguments) => Event::Unclosed(item(Some(arguments))),
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
                Token::Word(word) if word == "KAPI_END_SPEC" || word == DEFINE => break,
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
    word.ends_with("_END") || is_known(word)
}
