//! Tokens of C, with their lines.

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// An identifier or a number.
    Word(String),
    /// A string literal, unescaped.
    Text(String),
    /// One character of anything else.
    Mark(char),
    /// A preprocessor line, continuations included.
    Directive(String),
    /// A string literal or comment that never ends; what of it there is.
    Unterminated(String),
}

/// Splits lines into tokens, one at a time.
pub(super) struct Lexer<'a> {
    lines: &'a [&'a str],
    line: usize,
    column: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(lines: &'a [&'a str], line: usize) -> Self {
        Self {
            lines,
            line,
            column: 0,
        }
    }

    /// The index of the current line.
    pub(super) fn line_index(&self) -> usize {
        self.line
    }

    fn rest(&self) -> Option<&'a str> {
        self.lines.get(self.line).map(|line| &line[self.column..])
    }

    fn next_line(&mut self) {
        self.line += 1;
        self.column = 0;
    }

    /// The next token and its line, from 1.
    pub(super) fn next(&mut self) -> Option<(Token, u32)> {
        loop {
            let rest = self.rest()?;
            let trimmed = rest.trim_start();
            self.column += rest.len() - trimmed.len();
            let at = u32::try_from(self.line + 1).unwrap_or(u32::MAX);
            let Some(first) = trimmed.chars().next() else {
                self.next_line();
                continue;
            };
            if trimmed.starts_with("//") {
                self.next_line();
            } else if trimmed.starts_with("/*") {
                if let Some(unterminated) = self.skip_comment(trimmed) {
                    return Some((unterminated, at));
                }
            } else {
                return Some((self.token(trimmed, first), at));
            }
        }
    }

    fn token(&mut self, rest: &str, first: char) -> Token {
        match first {
            '"' => self.string(rest),
            '#' => self.directive(),
            _ if is_word(first) => {
                let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                self.column += end;
                Token::Word(rest[..end].to_owned())
            }
            _ => {
                self.column += first.len_utf8();
                Token::Mark(first)
            }
        }
    }

    /// Skips a comment; one that never ends is a token.
    fn skip_comment(&mut self, rest: &str) -> Option<Token> {
        self.column += 2;
        let mut seen = rest.to_owned();
        while let Some(rest) = self.rest() {
            if let Some(end) = rest.find("*/") {
                self.column += end + 2;
                return None;
            }
            self.next_line();
            seen = rest.to_owned();
        }
        Some(Token::Unterminated(seen))
    }

    fn string(&mut self, rest: &str) -> Token {
        let mut text = String::new();
        let mut chars = rest.char_indices().skip(1).peekable();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.column += at + 1;
                    return Token::Text(text);
                }
                '\\' => match chars.next() {
                    Some((_, escaped)) => unescape(escaped, &mut chars, &mut text),
                    None => text.push('\\'),
                },
                _ => text.push(c),
            }
        }
        self.column += rest.len();
        Token::Unterminated(text)
    }

    fn directive(&mut self) -> Token {
        let mut text = String::new();
        while let Some(rest) = self.rest() {
            self.next_line();
            text.push_str(rest.trim());
            if !rest.trim_end().ends_with('\\') {
                break;
            }
        }
        Token::Directive(text)
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Resolves one escape after its backslash; an escape C doesn't have is kept with the backslash.
fn unescape(
    escaped: char,
    rest: &mut std::iter::Peekable<impl Iterator<Item = (usize, char)>>,
    text: &mut String,
) {
    match escaped {
        'n' => text.push('\n'),
        't' => text.push('\t'),
        'r' => text.push('\r'),
        '\\' | '"' | '\'' | '?' => text.push(escaped),
        '0'..='7' => {
            let mut code = escaped.to_digit(8).unwrap_or(0);
            for _ in 0..2 {
                let Some(digit) = rest.peek().and_then(|(_, c)| c.to_digit(8)) else {
                    break;
                };
                code = code * 8 + digit;
                rest.next();
            }
            text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        _ => {
            text.push('\\');
            text.push(escaped);
        }
    }
}
