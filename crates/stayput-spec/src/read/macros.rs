//! The C macro notation.

mod build;
mod fields;
mod item;
mod lex;
mod parse;
mod set;

use super::source::Source;
use super::{Finding, Notation, ReadSpec, Reading};
use build::Builder;
pub(crate) use item::quote;
use parse::{DEFINE, Parser};

/// Reads every `DEFINE_KERNEL_API_SPEC(…)` block.
pub(super) fn read(source: &Source<'_>, reading: &mut Reading) {
    let mut next = 0;
    while let Some(start) = find_define(source, next) {
        let mut parser = Parser::new(source.lines(), start);
        let head = parser.define();
        let line = head.line;
        let mut builder = Builder::new(head);
        while let Some(event) = parser.next_event() {
            builder.take(event);
        }
        next = parser.line_index().max(start + 1);
        let (spec, findings) = builder.finish();
        reading.findings.extend::<Vec<Finding>>(findings);
        reading.specs.push(ReadSpec {
            spec,
            notation: Notation::Macros,
            line,
        });
    }
}

/// The next line that starts a block. Only a line of its own counts: the macro's `#define` and
/// mentions in prose are not blocks.
fn find_define(source: &Source<'_>, from: usize) -> Option<usize> {
    let lines = source.lines().get(from..)?;
    let at = lines.iter().position(|line| {
        line.trim_start()
            .strip_prefix(DEFINE)
            .is_some_and(|rest| rest.trim_start().starts_with('('))
    })?;
    Some(from + at)
}
