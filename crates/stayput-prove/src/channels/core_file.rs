//! Looking through a core file, whoever wrote it.

use crate::marker::Marker;
use crate::observation::{Evidence, Observation};
use crate::scan::Scanner;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::Path;

/// What a victim said of itself before it was dumped.
pub(super) struct Subject {
    pub(super) marker: Marker,
    pub(super) held: u64,
    pub(super) flags: String,
}

/// Scans the file, and removes it.
pub(super) fn examine(file: &Path, subject: &Subject) -> Result<Observation> {
    let mut scanner = Scanner::new(&[subject.marker])?;
    let scanned = File::open(file).and_then(|mut core| scanner.file(&mut core));
    let scanned = scanned.with_context(|| format!("reading {}", file.display()))?;
    fs::remove_file(file).context("removing the core file")?;
    let found = scanner.found()[0];
    Ok(Observation::Ran {
        leaked: found.hits > 0,
        evidence: Evidence::default()
            .with("held", subject.held)
            .with("found", found.hits)
            .with("found_on_pages", found.pages)
            .with("scanned_bytes", scanned)
            .with("vm_flags", subject.flags.as_str()),
    })
}
