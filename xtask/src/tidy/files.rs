//! Files stay short and have no `mod.rs`.

use super::Finding;
use super::source::Source;

const RULE: &str = "files";
const MOST_LINES: usize = 400;

/// Workspaces of their own, whose programs may be long.
const EXEMPT: [&str; 2] = ["bench", "fuzz"];

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = source.text.lines().count();
    let exempt = EXEMPT.iter().any(|folder| source.path.starts_with(folder));
    if lines > MOST_LINES && !exempt {
        findings.push(Finding::new(
            &source.path,
            MOST_LINES + 1,
            RULE,
            format!("{lines} lines, {MOST_LINES} at most; give the file's second role a file"),
        ));
    }
    if source.path.file_name().is_some_and(|name| name == "mod.rs") {
        let message = "`mod.rs` says nothing in a list of files; name it `foo.rs` beside `foo/`";
        findings.push(Finding::new(&source.path, 1, RULE, message));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::source;
    use super::*;

    #[test]
    fn long_files_are_found() {
        let text = "//\n".repeat(MOST_LINES);
        assert!(check(&source("crates/a/src/b.rs", &text)).is_empty());
        let text = "//\n".repeat(MOST_LINES + 1);
        assert_eq!(check(&source("crates/a/tests/b.rs", &text)).len(), 1);
        assert!(check(&source("bench/src/b.rs", &text)).is_empty());
    }

    #[test]
    fn mod_rs_is_found() {
        assert_eq!(check(&source("crates/a/src/b/mod.rs", "")).len(), 1);
        assert!(check(&source("crates/a/src/b.rs", "")).is_empty());
    }
}
