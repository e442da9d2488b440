//! reStructuredText.

use crate::language::Spec;
use crate::outline::{Body, Fact, Item, outline};
use std::fmt::Write as _;

/// The specification as a reStructuredText page.
#[must_use]
pub fn rst(spec: &Spec) -> String {
    let outline = outline(spec);
    let mut page = String::new();
    heading(&mut page, &outline.title, '=');
    paragraphs(&mut page, &outline.summary, "");
    facts(&mut page, &outline.facts, "");
    for section in &outline.sections {
        heading(&mut page, section.title, '-');
        match &section.body {
            Body::Text(text) => paragraphs(&mut page, text, ""),
            Body::Code(code) => literal(&mut page, code),
            Body::Items(items) => items.iter().for_each(|entry| item(&mut page, entry)),
        }
    }
    page
}

fn heading(page: &mut String, title: &str, mark: char) {
    let title = or_none(line(title));
    // Wide characters take two columns, and docutils insists on the line being as long.
    let width = if title.is_ascii() {
        title.len()
    } else {
        2 * title.chars().count()
    };
    let underline = String::from(mark).repeat(width.max(4));
    let _ = write!(page, "{title}\n{underline}\n\n");
}

fn item(page: &mut String, item: &Item) {
    let _ = writeln!(page, "{}", or_none(line(&item.head)));
    if item.text.trim().is_empty() && item.facts.is_empty() {
        page.push_str("   (nothing more is said)\n\n");
    }
    paragraphs(page, &item.text, "   ");
    facts(page, &item.facts, "   ");
}

fn facts(page: &mut String, facts: &[Fact], indent: &str) {
    for (label, value) in facts {
        let _ = writeln!(page, "{indent}:{label}: {}", or_none(line(value)));
    }
    if !facts.is_empty() {
        page.push('\n');
    }
}

fn paragraphs(page: &mut String, text: &str, indent: &str) {
    for paragraph in text
        .split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
    {
        let _ = write!(page, "{indent}{}\n\n", line(paragraph));
    }
}

fn literal(page: &mut String, code: &str) {
    if code.trim().is_empty() {
        return;
    }
    page.push_str("::\n\n");
    for line in code.lines() {
        // A bar keeps the block's indentation whatever the code's is.
        let line: String = line
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let _ = writeln!(page, "    {}", line.trim_end());
    }
    page.push('\n');
}

fn or_none(text: String) -> String {
    if text.is_empty() {
        "(none)".to_owned()
    } else {
        text
    }
}

/// A text as one line that is nothing but text to docutils.
fn line(text: &str) -> String {
    let separates = |c: char| c.is_whitespace() || c.is_control();
    let words: Vec<&str> = text
        .split(separates)
        .filter(|word| !word.is_empty())
        .collect();
    let mut escaped = String::new();
    if words.first().is_some_and(|word| starts_a_list(word)) {
        escaped.push('\\');
    }
    let text = words.join(" ");
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let special = match c {
            '\\' | '*' | '`' | '|' => true,
            // A word that ends in it is a reference.
            '_' => chars.peek().is_none_or(|next| !next.is_alphanumeric()),
            // ` : ` and a `::` at the end mean something.
            ':' => before == ' ' || before == ':',
            _ => false,
        };
        // The first character may be escaped already.
        if special && !(before == ' ' && escaped == "\\") {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    // A line of one mark is a transition; an escaped space is nothing.
    if !escaped.is_empty() && escaped.chars().all(|c| c == '\\') {
        escaped.insert_str(0, "\\ ");
    }
    escaped
}

/// `1.`, `-`, `..`, `(a)`, `>>>` and the like would start a list, a directive or a test.
fn starts_a_list(word: &str) -> bool {
    !word.starts_with(char::is_alphanumeric) || word.ends_with(['.', ')'])
}
