//! `stayput spec list`.

use crate::format::Format;
use crate::style;
use anyhow::Result;
use stayput_spec::contract::{SPECS, clauses};
use stayput_spec::render;
use std::fmt::Write;
use std::process::ExitCode;

/// List the calls of the contract, or all its clauses.
///
/// Forms: text, json; of clauses also markdown. The JSON of calls is that of the
/// kernel's kapi tool.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// List the clauses, with what a probe sees of each.
    #[arg(long)]
    clauses: bool,
}

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    let page = if args.clauses {
        match format.among("spec list --clauses", &super::show::CLAUSE_FORMS)? {
            Format::Json => render::json_clauses(clauses()),
            Format::Markdown => render::markdown_clauses(clauses()),
            _ => render::plain_clauses(clauses()),
        }
    } else {
        match format.among("spec list", &Format::BASIC)? {
            Format::Json => render::json_list(&SPECS),
            _ => calls(),
        }
    };
    style::print(page.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn calls() -> String {
    let mut page = String::new();
    for spec in &SPECS {
        let since = spec.since.as_deref().unwrap_or("?");
        let (name, about) = (spec.call_name(), &spec.description);
        // Writing to a string can't fail.
        let _ = writeln!(page, "{name:<11} {about} (since {since})");
    }
    page
}
