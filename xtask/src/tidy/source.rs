//! The workspace's Rust sources, read once for all rules.

use super::tokens;
use anyhow::{Context, Result, anyhow};
use proc_macro2::TokenStream;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// A Rust file.
pub(crate) struct Source {
    /// Relative to the workspace's root.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    pub(crate) tokens: TokenStream,
    /// The tokens without what only tests compile; empty for a test's file.
    pub(crate) shipped: TokenStream,
    /// Where the file stands in its crate, if it is part of one's `src/`.
    pub(crate) place: Option<Place>,
}

/// A module's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The package's folder, which is its name.
    pub(crate) package: String,
    /// Empty for a crate's root.
    pub(crate) module: Vec<String>,
}

impl Source {
    /// Reads one file's text; `path` is relative to the workspace's root.
    pub(crate) fn parse(path: &Path, text: String) -> Result<Self> {
        let tokens: TokenStream = text
            .parse()
            .map_err(|error| anyhow!("{}: not Rust: {error}", path.display()))?;
        let place = place(path);
        let shipped = match &place {
            Some(place) if !place.module.iter().any(|name| name == "tests") => {
                tokens::without_tests(&tokens)
            }
            _ => TokenStream::new(),
        };
        Ok(Self {
            path: path.to_owned(),
            text,
            tokens,
            shipped,
            place,
        })
    }
}

/// Every Rust file below `root` that is not a build's output.
pub(crate) fn read_all(root: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    let entries = WalkDir::new(root).sort_by_file_name().into_iter();
    for entry in entries.filter_entry(is_ours) {
        let entry = entry.context("the workspace can't be walked")?;
        if entry.path().extension() != Some(OsStr::new("rs")) {
            continue;
        }
        let text = std::fs::read_to_string(entry.path())
            .with_context(|| format!("{} can't be read", entry.path().display()))?;
        sources.push(Source::parse(entry.path().strip_prefix(root)?, text)?);
    }
    Ok(sources)
}

fn is_ours(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    entry.depth() == 0 || (name != "target" && !name.starts_with('.'))
}

/// `crates/NAME/src/a/b.rs` is module `a::b` of package `NAME`.
fn place(path: &Path) -> Option<Place> {
    let mut parts: Vec<&str> = path.iter().map(OsStr::to_str).collect::<Option<_>>()?;
    if parts.first() == Some(&"crates") {
        parts.remove(0);
    }
    let [package, "src", folders @ .., file] = &parts[..] else {
        return None;
    };
    let mut module: Vec<String> = folders.iter().map(ToString::to_string).collect();
    module.push(file.strip_suffix(".rs")?.to_owned());
    if module.len() == 1 && (module[0] == "lib" || module[0] == "main") {
        module.clear();
    }
    Some(Place {
        package: (*package).to_owned(),
        module,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A source for another rule's test.
    pub(crate) fn source(path: &str, text: &str) -> Source {
        Source::parse(Path::new(path), text.to_owned()).unwrap()
    }

    #[test]
    fn a_path_tells_package_and_module() {
        let at = |path: &str| {
            let place = place(Path::new(path))?;
            Some(format!("{} {}", place.package, place.module.join("::")))
        };
        assert_eq!(at("crates/stayput/src/lib.rs").unwrap(), "stayput ");
        assert_eq!(
            at("crates/stayput/src/pool/arena.rs").unwrap(),
            "stayput pool::arena"
        );
        assert_eq!(at("xtask/src/main.rs").unwrap(), "xtask ");
        assert_eq!(at("crates/stayput/tests/seeds.rs"), None);
        assert_eq!(at("crates/stayput/build.rs"), None);
    }

    #[test]
    fn test_files_ship_nothing() {
        let file = source("crates/stayput/src/pool/tests.rs", "fn a() {}");
        assert!(file.shipped.is_empty() && !file.tokens.is_empty());
        assert!(
            !source("crates/stayput/src/pool.rs", "fn a() {}")
                .shipped
                .is_empty()
        );
    }

    #[test]
    fn what_is_not_rust_is_an_error() {
        assert!(Source::parse(Path::new("a.rs"), "fn a( {}".into()).is_err());
    }
}
