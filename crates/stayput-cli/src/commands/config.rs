//! `stayput config`.

use crate::format::Format;
use crate::{output, size};
use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;
use stayput_doctor::Target;
use std::path::PathBuf;
use std::process::ExitCode;

/// Print settings that let a service or container lock memory.
///
/// Ready to paste, with comments. Without --bytes any amount may be locked. With
/// it, that much, and no capability is granted, which would lift the limit again;
/// a pod has no field for limits, so there the capability stays.
///
/// Forms: text, json.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status: 0, or 2 for a usage or internal error.")]
pub(crate) struct Args {
    /// Who reads the settings.
    #[arg(value_enum, value_name = "systemd|docker|compose|kubernetes")]
    target: For,
    /// How much may be locked: 64MiB, 1GiB, 65536 (bytes).
    #[arg(long, value_name = "SIZE", value_parser = size::parse_some, allow_negative_numbers = true)]
    bytes: Option<u64>,
    /// Write to this file, which is replaced in one step.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum For {
    /// A drop-in for a systemd service.
    Systemd,
    /// A command line of docker or podman.
    Docker,
    /// A Compose file.
    Compose,
    /// A pod.
    Kubernetes,
}

/// The JSON form.
#[derive(Serialize)]
struct Config {
    schema: u32,
    version: &'static str,
    target: Target,
    bytes: Option<u64>,
    text: String,
}

pub(crate) fn run(args: &Args, format: Format) -> Result<ExitCode> {
    let format = format.among("config", &Format::BASIC)?;
    let target = match args.target {
        For::Systemd => Target::Systemd,
        For::Docker => Target::Docker,
        For::Compose => Target::Compose,
        For::Kubernetes => Target::Kubernetes,
    };
    let text = stayput_doctor::config(target, args.bytes);
    let text = match format {
        Format::Json => json(target, args.bytes, text)?,
        _ => text,
    };
    output::put(text.as_bytes(), args.output.as_deref())?;
    Ok(ExitCode::SUCCESS)
}

fn json(target: Target, bytes: Option<u64>, text: String) -> Result<String> {
    let config = Config {
        schema: 1,
        version: env!("CARGO_PKG_VERSION"),
        target,
        bytes,
        text,
    };
    Ok(serde_json::to_string_pretty(&config)? + "\n")
}
