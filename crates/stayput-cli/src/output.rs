//! Results in a file that is never seen half written.

use crate::style;
use anyhow::{Context, Result};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// Prints, or puts into `file`, replacing it at once when all is written.
pub(crate) fn put(text: &[u8], file: Option<&Path>) -> Result<()> {
    match file {
        None => style::print(text),
        Some(file) => replace(text, file).with_context(|| {
            format!(
                "writing {}: expected a file in a directory that can be written to",
                file.display()
            )
        }),
    }
}

/// The textfile collector reads what ends in `.prom`, at any moment, and as a
/// user of its own: hence another name first, and the mode that new files have
/// (a temporary file's is for its owner alone).
fn replace(text: &[u8], file: &Path) -> Result<()> {
    let dir = match file.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    };
    let mut fresh = tempfile::Builder::new()
        .prefix(".stayput-")
        .suffix(".tmp")
        .make_in(dir, |path| File::create_new(path))?;
    fresh.write_all(text)?;
    fresh.as_file().sync_all()?;
    fresh.persist(file)?;
    Ok(())
}
