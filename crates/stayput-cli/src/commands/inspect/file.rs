//! Files that appear whole or not at all.

use anyhow::{Context, Result};
use std::io::Write;
use std::path::Path;
use tempfile::Builder;

/// Writes beside `path`, then renames: a reader sees the old content or the new.
/// The file gets the permissions that any new file gets (the collector reads as
/// another user).
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    write(path, content).with_context(|| {
        format!(
            "writing {}: expected a file in a directory that may be written to",
            path.display()
        )
    })
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    let dir = match path.parent() {
        Some(dir) if !dir.as_os_str().is_empty() => dir,
        _ => Path::new("."),
    };
    // Made by File::create, whose permissions follow the umask; not the 0600 of
    // a temporary file.
    let make = |place: &Path| std::fs::File::create_new(place);
    let mut file = Builder::new().prefix(".stayput-").make_in(dir, make)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
