//! Markdown, for this project's own documents.

use crate::contract::{Clause, Evidence};
use crate::language::Spec;
use crate::outline::{Body, Fact, outline};
use std::fmt::Write as _;

/// The specification as Markdown.
#[must_use]
pub fn markdown(spec: &Spec) -> String {
    let outline = outline(spec);
    let mut page = format!("# {}\n\n", line(&outline.title));
    paragraphs(&mut page, &outline.summary);
    facts(&mut page, &outline.facts, "");
    for section in &outline.sections {
        let _ = write!(page, "## {}\n\n", section.title);
        match &section.body {
            Body::Text(text) => paragraphs(&mut page, text),
            Body::Code(code) => fenced(&mut page, code),
            Body::Items(items) => {
                for item in items {
                    let text = item
                        .text
                        .split("\n\n")
                        .map(line)
                        .collect::<Vec<_>>()
                        .join(" ");
                    let between = if text.is_empty() { "" } else { ": " };
                    let _ = writeln!(page, "- **{}**{between}{text}", line(&item.head));
                    facts(&mut page, &item.facts, "  ");
                }
                page.push('\n');
            }
        }
    }
    page
}

/// Clauses as a Markdown table, in the order given.
#[must_use]
pub fn markdown_clauses<'a>(clauses: impl IntoIterator<Item = &'a Clause>) -> String {
    let mut page = String::from("| Clause | What the kernel does | Since | Evidence | Source |\n");
    page.push_str("|---|---|---|---|---|\n");
    for clause in clauses {
        let evidence = match clause.evidence {
            Evidence::Observed => "observed".to_owned(),
            Evidence::Traced(how) => format!("traced (`{how}`)"),
            Evidence::Cited(why) => format!("cited: {}", line(why)),
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {evidence} | {} |",
            clause.id,
            line(clause.text),
            clause.since,
            line(clause.source)
        );
    }
    page
}

fn paragraphs(page: &mut String, text: &str) {
    for paragraph in text
        .split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
    {
        let _ = write!(page, "{}\n\n", line(paragraph));
    }
}

fn facts(page: &mut String, facts: &[Fact], indent: &str) {
    for (label, value) in facts {
        let _ = writeln!(page, "{indent}- {label}: {}", line(value));
    }
    if !facts.is_empty() && indent.is_empty() {
        page.push('\n');
    }
}

/// A code block whose fence is longer than any run of back quotes in it.
fn fenced(page: &mut String, code: &str) {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = write!(page, "{fence}c\n{code}\n{fence}\n\n");
}

/// A text as one line that is nothing but text to Markdown, in a table too.
fn line(text: &str) -> String {
    let mut escaped = String::new();
    for c in text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
    {
        if matches!(
            c,
            '\\' | '*' | '_' | '`' | '|' | '<' | '>' | '#' | '[' | ']'
        ) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
