//! Documents that lie outside the workspace.

use std::path::PathBuf;

/// A published document, from `STAYPUT_SEEDS` or from `../shared/seeds` beside the workspace.
/// Where that isn't there the test skips by name.
pub(crate) fn read_seed(test: &str, file: &str) -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/seeds");
    let folder =
        std::env::var_os("STAYPUT_SEEDS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let path = folder.join(file);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => {
            eprintln!("SKIPPED {test}: {}: {error}", path.display());
            None
        }
    }
}
