//! Results in a file that is never seen half written, or where else the user says.

use crate::style;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// Prints, or puts into `file`, replacing it at once when all is written. A device or a
/// pipe is written to: in the place of `/dev/null` a file would be there for everybody.
pub(crate) fn put(text: &[u8], file: Option<&Path>) -> Result<()> {
    match file {
        None => style::print(text),
        Some(file) => write(text, file).with_context(|| {
            format!(
                "writing {}: expected a file in a directory that can be written to",
                file.display()
            )
        }),
    }
}

fn write(text: &[u8], file: &Path) -> Result<()> {
    match fs::metadata(file) {
        Ok(there) if !there.is_file() && !there.is_dir() => {
            Ok(File::options().write(true).open(file)?.write_all(text)?)
        }
        // A link stays one: what it leads to is replaced.
        Ok(_) => replace(text, &file.canonicalize()?),
        Err(_) => replace(text, file),
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
    // Its own words repeat the system's.
    fresh.persist(file).map_err(|failure| failure.error)?;
    Ok(())
}
