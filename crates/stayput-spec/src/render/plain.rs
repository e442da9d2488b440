//! Plain text.

use super::items::items;
use crate::contract::{Clause, Evidence};
use crate::language::Spec;
use crate::outline::{Body, Fact, outline};
use std::fmt::Write as _;

const WIDTH: usize = 92;

/// The specification as plain text.
#[must_use]
pub fn plain(spec: &Spec) -> String {
    let outline = outline(spec);
    let mut page = format!("{}\n", outline.title);
    wrap(&mut page, &outline.summary, 4);
    facts(&mut page, &outline.facts, 4);
    for section in &outline.sections {
        let _ = write!(page, "\n{}\n", section.title.to_uppercase());
        match &section.body {
            Body::Text(text) => wrap(&mut page, text, 4),
            Body::Code(code) => {
                for line in code.lines() {
                    let _ = writeln!(page, "    {line}");
                }
            }
            Body::Items(items) => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        page.push('\n');
                    }
                    wrap(&mut page, &item.head, 4);
                    wrap(&mut page, &item.text, 8);
                    facts(&mut page, &item.facts, 8);
                }
            }
        }
    }
    page
}

/// Clauses as plain text: id, text, evidence, and for the probed ones what is seen.
#[must_use]
pub fn plain_clauses<'a>(clauses: impl IntoIterator<Item = &'a Clause>) -> String {
    let mut page = String::new();
    for clause in clauses {
        let _ = writeln!(page, "{}", clause.id);
        wrap(&mut page, clause.text, 4);
        let evidence = match clause.evidence {
            Evidence::Observed => "observed".to_owned(),
            Evidence::Traced(how) => format!("traced by {how}"),
            Evidence::Cited(why) => format!("cited: {why}"),
        };
        let mut known = vec![("Evidence", evidence)];
        if !clause.expect.is_empty() {
            let seen: Vec<_> = clause.expect.iter().map(ToString::to_string).collect();
            known.push(("Scenario", clause.scenario.to_owned()));
            known.push(("Seen", seen.join("; ")));
        }
        known.push(("Since", clause.since.to_owned()));
        known.push(("Source", clause.source.to_owned()));
        facts(&mut page, &known, 4);
        page.push('\n');
    }
    page
}

fn facts(page: &mut String, facts: &[Fact], indent: usize) {
    for (label, value) in facts {
        wrap(page, &format!("{label}: {value}"), indent);
    }
}

/// Writes paragraphs and their items, indented, broken between words; a word that is too long
/// stays whole.
fn wrap(page: &mut String, text: &str, indent: usize) {
    let paragraphs = text.split("\n\n").flat_map(items);
    for paragraph in paragraphs.filter(|paragraph| !paragraph.trim().is_empty()) {
        let mut used = 0;
        for word in paragraph.split_whitespace() {
            let length = word.chars().count();
            if used > 0 && used + 1 + length > WIDTH {
                page.push('\n');
                used = 0;
            }
            if used == 0 {
                page.extend(std::iter::repeat_n(' ', indent));
                used = indent;
            } else {
                page.push(' ');
                used += 1;
            }
            page.push_str(word);
            used += length;
        }
        page.push('\n');
    }
}
