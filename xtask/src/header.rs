//! `stayput.h`, generated from the C interface's sources.

use anyhow::{Context, Result, anyhow};
use std::fs;
use std::path::{Path, PathBuf};

/// Where the header is kept, from the workspace's root.
pub(crate) const PATH: &str = "crates/stayput-capi/include/stayput.h";
const CRATE: &str = "crates/stayput-capi";

/// Writes the header.
pub(crate) fn write(root: &Path) -> Result<PathBuf> {
    let path = root.join(PATH);
    fs::write(&path, generate(root)?).with_context(|| path.display().to_string())?;
    Ok(path)
}

/// Whether the header that is kept says what the sources say.
pub(crate) fn is_current(root: &Path) -> Result<bool> {
    let path = root.join(PATH);
    let kept = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    Ok(kept == generate(root)?)
}

fn generate(root: &Path) -> Result<String> {
    let directory = root.join(CRATE);
    let config = cbindgen::Config::from_file(directory.join("cbindgen.toml"));
    let config = config.map_err(|error| anyhow!("cbindgen.toml: {error}"))?;
    let mut header = Vec::new();
    cbindgen::Builder::new()
        .with_crate(directory)
        .with_config(config)
        .generate()
        .context("cbindgen")?
        .write(&mut header);
    // Rust's heading for what the caller answers for.
    Ok(String::from_utf8(header)?.replace(" * # Safety\n", " * The caller promises:\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_that_is_kept_is_current() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert!(
            is_current(&root).expect("readable"),
            "{PATH} differs from the sources: run `cargo xtask header`"
        );
    }
}
