//! Platforms are told apart in `stayput-sys`'s backends and nowhere else.

use super::Finding;
use super::manifests::Manifest;
use super::source::Source;
use super::tokens::{group, ident, is_punct, line, trees, walk};
use proc_macro2::{Delimiter, TokenTree};
use std::path::Path;

const RULE: &str = "platform-cfg";

/// The selector; its folder of the same name may have cfgs too.
const SELECTOR: &str = "crates/stayput-sys/src/backends.rs";

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let selector = Path::new(SELECTOR);
    if source.path == selector || source.path.starts_with(selector.with_extension("")) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    walk(&source.shipped, &mut |trees, at| {
        for tree in predicate(trees, at) {
            find_platforms(source, &[tree], &mut findings);
        }
    });
    findings
}

/// Dependencies that only some platforms have, outside `stayput-sys`.
pub(super) fn check_manifests(manifests: &[Manifest]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests.iter().filter(|it| it.name != "stayput-sys") {
        let dependencies = manifest.dependencies.iter();
        for dependency in dependencies.filter(|it| it.on_some_platforms) {
            let message = format!(
                "{} depends on {} on some platforms only; let stayput-sys do so",
                manifest.name, dependency.name
            );
            findings.push(Finding::new(&manifest.path, 1, RULE, message));
        }
    }
    findings
}

/// The predicate of the `cfg`, `cfg!`, `cfg_attr` or `cfg_select!` at `at`.
fn predicate(trees: &[TokenTree], at: usize) -> Vec<TokenTree> {
    let Some(name) = ident(trees, at) else {
        return Vec::new();
    };
    let after = at + 1 + usize::from(is_punct(trees, at + 1, '!'));
    let Some(TokenTree::Group(group)) = trees.get(after) else {
        return Vec::new();
    };
    let content = self::trees(&group.stream());
    match name.as_str() {
        "cfg" => content,
        "cfg_attr" => {
            let is_comma = |tree: &TokenTree| is_punct(std::slice::from_ref(tree), 0, ',');
            let end = content.iter().position(is_comma).unwrap_or(content.len());
            content[..end].to_vec()
        }
        // Its arms' bodies are code: `walk` comes by there itself.
        "cfg_select" => (0..content.len())
            .filter(|&at| self::group(&content, at, Delimiter::Brace).is_none())
            .map(|at| content[at].clone())
            .collect(),
        _ => Vec::new(),
    }
}

fn find_platforms(source: &Source, trees: &[TokenTree], findings: &mut Vec<Finding>) {
    for (at, tree) in trees.iter().enumerate() {
        if let TokenTree::Group(group) = tree {
            find_platforms(source, &self::trees(&group.stream()), findings);
        }
        let Some(name) = ident(trees, at).filter(|name| is_platform(name)) else {
            continue;
        };
        let message = format!(
            "`{name}` tells platforms apart outside {SELECTOR} and its folder; \
             put the difference behind a call of stayput-sys"
        );
        findings.push(Finding::new(&source.path, line(tree), RULE, message));
    }
}

fn is_platform(name: &str) -> bool {
    matches!(name, "unix" | "windows" | "stayput_backend") || name.starts_with("target_")
}

#[cfg(test)]
mod tests {
    use super::super::manifests::tests::complete;
    use super::super::source::tests::source;
    use super::*;

    fn findings(text: &str) -> usize {
        check(&source("crates/stayput/src/region.rs", text)).len()
    }

    #[test]
    fn platform_cfgs_are_found() {
        for text in [
            "#[cfg(unix)] fn a() {}",
            "#![cfg(windows)]",
            "#[cfg(not(target_os = \"linux\"))] use a;",
            "#[cfg_attr(target_env = \"gnu\", inline)] fn a() {}",
            "fn a() -> bool { cfg!(target_family = \"wasm\") }",
            "fn a() { assert!(cfg!(all(debug_assertions, target_vendor = \"apple\"))) }",
            "macro_rules! a { () => { #[cfg(unix)] fn b() {} } }",
            "cfg_select! { unix => { fn a() {} } _ => { } }",
            "#[cfg(any(test, unix))] fn a() {}",
        ] {
            assert_eq!(findings(text), 1, "{text}");
        }
    }

    #[test]
    fn other_cfgs_pass() {
        for text in [
            "// #[cfg(unix)]",
            "/// #[cfg(unix)]\nfn a() { \"cfg!(windows)\"; }",
            "#[cfg(feature = \"windows\")] fn a() {}",
            "#[cfg_attr(docsrs, doc(unix))] fn a() {}",
            "fn unix(windows: u8) -> u8 { f(unix) }",
            "cfg_select! { docsrs => { fn unix() {} } }",
        ] {
            assert_eq!(findings(text), 0, "{text}");
        }
    }

    #[test]
    fn platform_dependencies_are_found() {
        let found = |name: &str| {
            let mut manifest = complete(name, &["libc"]);
            assert!(check_manifests(&[manifest.clone()]).is_empty());
            manifest.dependencies[0].on_some_platforms = true;
            check_manifests(&[manifest]).len()
        };
        assert_eq!(found("stayput"), 1);
        assert_eq!(found("stayput-sys"), 0);
    }

    #[test]
    fn backends_and_tests_may() {
        let text = "#[cfg(unix)] fn a() {}";
        for path in [
            "crates/stayput-sys/src/backends.rs",
            "crates/stayput-sys/src/backends/linux.rs",
            "crates/stayput-sys/tests/lock.rs",
            "crates/stayput/examples/a.rs",
            "crates/stayput/build.rs",
        ] {
            assert!(check(&source(path, text)).is_empty(), "{path}");
        }
        assert_eq!(
            findings("#[cfg(test)] mod tests { #[cfg(unix)] fn a() {} }"),
            0
        );
        let elsewhere = source("crates/stayput-sys/src/lib.rs", text);
        assert_eq!(check(&elsewhere).len(), 1);
    }
}
