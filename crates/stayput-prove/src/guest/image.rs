//! The guest's disk, as its host finds it.

use super::cell::{Cell, word};
use crate::marker::{Marker, Seed};
use crate::observation::Evidence;
use crate::scan::Scanner;
use anyhow::{Context, Result, ensure};
use std::fs::File;
use std::io;
use std::path::Path;

/// Completes the cells that the guest's log, on standard input, leaves open.
pub(super) fn judge(image: &Path, seed: Seed) -> Result<()> {
    let lines = io::stdin().lines().collect::<io::Result<Vec<_>>>()?;
    let cells = lines.iter().filter_map(|line| Cell::read(line));
    let cells = cells.collect::<Result<Vec<_>>>()?;
    ensure!(!cells.is_empty(), "the log leaves nothing to judge");
    let markers: Vec<_> = cells
        .iter()
        .map(|cell| Marker::new(seed, &cell.subject))
        .collect();
    let mut scanner = Scanner::new(&markers)?;
    let mut disk = File::open(image).with_context(|| format!("opening {}", image.display()))?;
    let scanned = scanner.file(&mut disk).context("reading the image")?;
    for (cell, found) in cells.into_iter().zip(scanner.found()) {
        let figures = Evidence::default()
            .with("found", found.hits)
            .with("found_on_pages", found.pages)
            .with("scanned_bytes", scanned);
        cell.with(figures).result(word(found.hits))?;
    }
    Ok(())
}
