//! Where specifications come from: the contract, a file, a kernel tree, standard input.

use crate::style;
use anyhow::{Context, Result, bail};
use stayput_spec::contract::SPECS;
use stayput_spec::language::Spec;
use stayput_spec::read::{self, FileReading};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The calls of the contract, for messages.
pub(super) fn calls() -> String {
    SPECS.each_ref().map(Spec::call_name).join(", ")
}

/// Reads a file, a tree, or standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<FileReading>> {
    if path != Path::new("-") {
        return Ok(read::path(path)?);
    }
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .context("reading standard input")?;
    Ok(vec![FileReading {
        path: PathBuf::from("standard input"),
        reading: read::text(&String::from_utf8_lossy(&bytes)),
    }])
}

/// The specifications in it, one at least; what is wrong with them goes to standard error.
pub(super) fn specs(path: &Path) -> Result<Vec<Spec>> {
    let files = read(path)?;
    for file in &files {
        for error in file.reading.errors() {
            let error = error.in_file(&file.path);
            style::say(format_args!("warning: {error}"));
        }
    }
    let readings = files.into_iter().flat_map(|file| file.reading.specs);
    let specs: Vec<_> = readings.map(|read| read.spec).collect();
    if specs.is_empty() {
        bail!("{}: {NOTHING}", path.display());
    }
    Ok(specs)
}

/// What the probes need.
pub(super) const OWN_PATH: &str = "finding this program's own file, which the probes run again";

/// What to say where there is none.
pub(super) const NOTHING: &str = "no specification here: expected DEFINE_KERNEL_API_SPEC(…) or a \
    kernel-doc comment with annotations such as `context-flags:` and `error:`";
