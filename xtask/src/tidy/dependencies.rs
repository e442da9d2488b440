//! The library stays light: few dependencies by default, on every platform.

use super::Finding;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

const RULE: &str = "dependencies";
const LIBRARY: &str = "stayput";

/// What the library may depend on by default, directly or not.
const ALLOWED: [&str; 6] = [
    "stayput-sys",
    "libc",
    "zeroize",
    "allocator-api2",
    "windows-sys",
    "windows-link", // windows-sys' own
];

pub(super) fn check(root: &Path) -> Result<Vec<Finding>> {
    let args = "tree --edges normal --target all --prefix none --format {p}";
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args(args.split(' '))
        .args(["--package", LIBRARY])
        .output()
        .context("`cargo tree` can't be run")?;
    ensure!(
        output.status.success(),
        "`cargo {args}` failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let tree = String::from_utf8(output.stdout).context("`cargo tree` printed no UTF-8")?;
    ensure!(
        tree.starts_with(LIBRARY),
        "`cargo {args}` does not begin with {LIBRARY}: {tree}"
    );
    Ok(findings(&tree))
}

fn findings(tree: &str) -> Vec<Finding> {
    let manifest = Path::new("crates").join(LIBRARY).join("Cargo.toml");
    let finding = |name: &str| {
        let message = format!(
            "{LIBRARY} depends on {name} by default; make it a feature or do without \
             (`cargo tree -p {LIBRARY} --target all -i {name}` tells how it came in)"
        );
        Finding::new(&manifest, 1, RULE, message)
    };
    unexpected(tree).into_iter().map(finding).collect()
}

/// The packages in `cargo tree`'s output that are not allowed.
fn unexpected(tree: &str) -> BTreeSet<&str> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names
        .filter(|name| !name.is_empty() && *name != LIBRARY && !ALLOWED.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_are_found_once() {
        let tree = "stayput v0.1.0 (/a)\nlibc v0.2.1\nserde v1.0.0\nserde v1.0.0 (*)\n";
        assert_eq!(unexpected(tree).into_iter().collect::<Vec<_>>(), ["serde"]);
        assert_eq!(findings(tree).len(), 1);
    }

    #[test]
    fn the_allowed_pass() {
        let tree = "stayput v0.1.0 (/a)\nstayput-sys v0.1.0 (/b)\nwindows-sys v0.61.2\n\
                    windows-link v0.2.1\nzeroize v1.8.2\nallocator-api2 v0.4.0\n";
        assert!(unexpected(tree).is_empty());
    }
}
