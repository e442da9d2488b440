//! `stayput spec read`.

use super::source;
use crate::format::Format;
use crate::style;
use anyhow::Result;
use serde_json::{Value, json};
use stayput_spec::language::{Counted, Spec};
use stayput_spec::read::{FileReading, Finding, FindingKind, ReadSpec};
use stayput_spec::render::json_details;
use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Read specifications from kernel sources, and say what is wrong with them.
///
/// Both published notations are read: the macros (DEFINE_KERNEL_API_SPEC) and the
/// annotated kernel-doc comments; from plain C, from a diff, or from a mail with a
/// diff in it. What is not known is kept and reported, with file and line.
///
/// Forms: text, json.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 if there are specifications and all are sound; 1 if there \
    are none, or one is malformed or declares a false count; 2 for a usage or internal error."
)]
pub(crate) struct Args {
    /// A file, a directory (its .c and .h files), or `-` for standard input.
    path: PathBuf,
}

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    let format = format.among("spec read", &Format::BASIC)?;
    let files = source::read(&args.path)?;
    let page = match format {
        Format::Json => format!("{:#}\n", report(&files)),
        _ => text(args, &files),
    };
    style::print(page.as_bytes())?;
    let sound = count(&files).0 > 0 && errors(&files) == 0;
    Ok(super::exit_code(sound))
}

/// Specifications and findings.
fn count(files: &[FileReading]) -> (usize, usize) {
    let readings = || files.iter().map(|file| &file.reading);
    let specs = readings().map(|reading| reading.specs.len()).sum();
    (
        specs,
        readings().map(|reading| reading.findings.len()).sum(),
    )
}

fn errors(files: &[FileReading]) -> usize {
    files.iter().map(|file| file.reading.errors().count()).sum()
}

fn text(args: &Args, files: &[FileReading]) -> String {
    let mut page = String::new();
    // Writing to a string can't fail.
    for file in files {
        let path = file.path.display();
        for ReadSpec {
            spec,
            notation,
            line,
        } in &file.reading.specs
        {
            let (name, parts) = (&spec.name, parts(spec));
            let _ = writeln!(page, "{path}:{line}: {name} ({notation}): {parts}");
        }
        for finding in &file.reading.findings {
            let kind = if finding.is_error() { "error: " } else { "" };
            let _ = writeln!(page, "{kind}{}", finding.in_file(&file.path));
        }
    }
    let ((specs, findings), errors) = (count(files), errors(files));
    if specs == 0 {
        let _ = writeln!(page, "{}: {}", args.path.display(), source::NOTHING);
    }
    let notes = findings - errors;
    let _ = writeln!(
        page,
        "specifications: {specs}, errors: {errors}, notes: {notes}"
    );
    page
}

fn parts(spec: &Spec) -> String {
    let counts = Counted::ALL.map(|what| (spec.count(what), what));
    let there = counts.into_iter().filter(|(count, _)| *count > 0);
    let there = there.map(|(count, what)| format!("{count} {}", what.noun(count)));
    there.collect::<Vec<_>>().join(", ")
}

fn report(files: &[FileReading]) -> Value {
    let file = |file: &FileReading| {
        json!({
            "path": file.path.to_string_lossy(),
            "specifications": file.reading.specs.iter().map(specification).collect::<Vec<_>>(),
            "findings": file.reading.findings.iter().map(finding).collect::<Vec<_>>(),
        })
    };
    json!({
        "schema": 1,
        "errors": errors(files),
        "files": files.iter().map(file).collect::<Vec<_>>(),
    })
}

fn specification(read: &ReadSpec) -> Value {
    json!({
        "line": read.line,
        "notation": read.notation.to_string(),
        "api_details": json_details(&read.spec),
    })
}

fn finding(finding: &Finding) -> Value {
    let kind = match &finding.kind {
        FindingKind::Unknown => "unknown",
        FindingKind::UnknownSymbol(_) => "unknown_symbol",
        FindingKind::Repeated => "repeated",
        FindingKind::Malformed { .. } => "malformed",
        FindingKind::Index { .. } => "index",
        FindingKind::Count(_) => "count",
        _ => "other",
    };
    json!({
        "line": finding.line,
        "name": finding.name,
        "within": finding.within,
        "kind": kind,
        "error": finding.is_error(),
        "message": finding.message(),
    })
}
