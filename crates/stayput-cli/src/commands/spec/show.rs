//! `stayput spec show`.

use super::source;
use crate::format::Format;
use crate::style;
use anyhow::{Context, Result, bail};
use stayput_spec::contract::{self, Clause, clauses};
use stayput_spec::language::Spec;
use stayput_spec::render;
use std::path::PathBuf;
use std::process::ExitCode;

/// The forms that clauses come in.
pub(super) const CLAUSE_FORMS: [Format; 3] = [Format::Text, Format::Json, Format::Markdown];

const FORMS: [Format; 6] = [
    Format::Text,
    Format::Json,
    Format::Rst,
    Format::Markdown,
    Format::KernelDoc,
    Format::Macros,
];

/// Show the specification of a call, or its clauses.
///
/// Forms: text, json (the shape of the kernel's kapi tool), rst, markdown, and as
/// source kernel-doc and macros; of clauses text, json and markdown.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The call, with or without `sys_`.
    call: String,
    /// Take it from this file or kernel tree (`-` for standard input) instead of
    /// the contract.
    #[arg(long, value_name = "PATH")]
    from: Option<PathBuf>,
    /// Show the clauses that hold for the call, with what a probe sees of each.
    #[arg(long, conflicts_with = "from")]
    clauses: bool,
}

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    let page = if args.clauses {
        let clauses = clauses_of(&args.call)?;
        match format.among("spec show --clauses", &CLAUSE_FORMS)? {
            Format::Json => render::json_clauses(clauses),
            Format::Markdown => render::markdown_clauses(clauses),
            _ => render::plain_clauses(clauses),
        }
    } else {
        let spec = specification(args)?;
        match format.among("spec show", &FORMS)? {
            Format::Json => render::json(&spec),
            Format::Rst => render::rst(&spec),
            Format::Markdown => render::markdown(&spec),
            Format::KernelDoc => render::kernel_doc(&spec),
            Format::Macros => render::macros(&spec),
            _ => render::plain(&spec),
        }
    };
    style::print(page.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn specification(args: &Args) -> Result<Spec> {
    let Some(path) = &args.from else {
        let known = contract::spec(&args.call).cloned();
        return known.with_context(|| {
            let (call, calls) = (&args.call, source::calls());
            format!("the contract has no specification of `{call}`: expected {calls}, or --from")
        });
    };
    let specs = source::specs(path)?;
    let named = |spec: &&Spec| spec.name == args.call || spec.call_name() == args.call;
    specs.iter().find(named).cloned().with_context(|| {
        let names: Vec<_> = specs.iter().map(|spec| &*spec.name).collect();
        let (path, call, names) = (path.display(), &args.call, names.join(", "));
        format!("{path} has no specification of `{call}`, only of {names}")
    })
}

fn clauses_of(name: &str) -> Result<Vec<&'static Clause>> {
    let call = name.strip_prefix("sys_").unwrap_or(name);
    let holds = |clause: &&Clause| clause.calls.iter().any(|known| known.name() == call);
    let found: Vec<_> = clauses().filter(holds).collect();
    if found.is_empty() {
        let mut names = Vec::new();
        for call in clauses().flat_map(|clause| clause.calls) {
            if !names.contains(&call.name()) {
                names.push(call.name());
            }
        }
        bail!(
            "no clause holds for `{name}`: expected {}",
            names.join(", ")
        );
    }
    Ok(found)
}
