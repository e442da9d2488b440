//! The annotated kernel-doc notation, in the forms it was posted in: flat (`param-type: start,
//! KAPI_TYPE_UINT`), indented under a head (`param: start`), and with short names (`type: uint,
//! input`).

mod attributes;
mod build;
mod entry;
mod parts;
mod prototype;

use super::source::Source;
use super::{Notation, ReadSpec, Reading};
use entry::{Comment, is_specification};

/// Reads every kernel-doc comment that specifies a call.
pub(super) fn read(source: &Source<'_>, reading: &mut Reading) {
    let lines = source.lines();
    let mut next = 0;
    while let Some(start) = find_comment(lines, next) {
        let Some(length) = lines[start..].iter().position(|line| line.contains("*/")) else {
            return;
        };
        let end = start + length;
        next = end + 1;
        let comment = Comment::new(&lines[start..=end], start);
        if !is_specification(&comment) {
            continue;
        }
        let prototype = prototype::parse(lines.get(end + 1..).unwrap_or_default());
        let (spec, findings) = build::build(&comment, &prototype);
        reading.findings.extend(findings);
        let line = comment.line;
        reading.specs.push(ReadSpec {
            spec,
            notation: Notation::KernelDoc,
            line,
        });
    }
}

fn find_comment(lines: &[&str], from: usize) -> Option<usize> {
    let at = lines
        .get(from..)?
        .iter()
        .position(|line| line.trim_start().starts_with("/**"))?;
    Some(from + at)
}
