//! `stayput inspect`.

mod json;
mod permissions;
mod picture;
mod prometheus;
mod select;
mod target;
mod text;
mod watch;

use crate::format::Format;
use crate::output;
use anyhow::{Context, Result, bail};
use select::Selection;
use std::path::PathBuf;
use std::process::ExitCode;
use target::Target;

/// Show what of a process is in memory, locked, in swap.
///
/// Lists each mapping with its size, what of it is resident, locked and swapped,
/// and its flags with their meaning; then the sums.
///
/// Locked means: in memory, in a mapping with the kernel's flag `lo`. (smaps'
/// own `Locked:` line divides shared pages by their users and is not used.) What
/// is charged against RLIMIT_MEMLOCK is `VmLck`: locked mappings whole, pages not
/// in memory included. Resident (Rss) counts shared pages whole, Pss divides them
/// by their users: only Pss may be added up over processes.
///
/// Forms: text, json, prometheus.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0; 2 for a usage or internal error.\n\n\
    Another user's process needs CAP_SYS_PTRACE (root has it).")]
pub(crate) struct Args {
    /// A process by number or by name (of the process, or of its program's file),
    /// or `self`.
    #[arg(value_name = "PID|self|NAME")]
    target: Target,
    #[command(flatten)]
    selection: Selection,
    /// Sums only.
    #[arg(long, short)]
    summary: bool,
    /// Name every flag, not only those of note.
    #[arg(long, short)]
    verbose: bool,
    /// Redraw until `q`, every so many seconds (fractions allowed).
    #[arg(
        long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "1",
        value_parser = watch::interval, conflicts_with_all = ["svg", "output", "summary", "verbose"]
    )]
    watch: Option<std::time::Duration>,
    /// Draw the address space into a file; of text then only what --summary or
    /// --output ask for.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Write into a file instead of standard output, replacing it in one step: what
    /// the node exporter's textfile collector asks for.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    let format = format.among("inspect", &Format::METRICS)?;
    super::needs_proc("inspect")?;
    if let Some(interval) = args.watch {
        if format != Format::Text {
            bail!("--watch draws on a terminal: expected --format text");
        }
        watch::run(&args.target, &args.selection, interval)?;
        return Ok(ExitCode::SUCCESS);
    }
    let snapshot = args.target.snapshot()?;
    if let Some(path) = &args.svg {
        output::put(picture::draw(&snapshot).as_bytes(), Some(path))?;
        if args.output.is_none() && format == Format::Text && !args.summary {
            return Ok(ExitCode::SUCCESS);
        }
    }
    let selected = args.selection.apply(&snapshot.mappings);
    let shown = if args.summary {
        None
    } else {
        Some(&selected[..])
    };
    let text = match format {
        Format::Json => json::render(&snapshot, shown)?,
        Format::Prometheus => prometheus::render(&snapshot).context("encoding metrics")?,
        _ => text::Page {
            snapshot: &snapshot,
            shown,
            filtered: args.selection.is_filtered().then_some(&selected),
            detail: args.verbose.into(),
        }
        .render(),
    };
    output::put(text.as_bytes(), args.output.as_deref())?;
    Ok(ExitCode::SUCCESS)
}
