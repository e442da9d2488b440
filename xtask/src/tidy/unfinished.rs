//! Nothing is left unfinished, unheard or switched off.

use super::Finding;
use super::source::Source;
use super::tokens::{attribute, ident, is_ident, is_punct, line, walk};
use proc_macro2::TokenTree;

const RULE: &str = "unfinished";

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(&source.tokens, &mut |trees, at| {
        if let Some(message) = breach(trees, at) {
            findings.push(Finding::new(&source.path, line(&trees[at]), RULE, message));
        }
    });
    findings
}

fn breach(trees: &[TokenTree], at: usize) -> Option<&'static str> {
    if ignores(&attribute(trees, at).unwrap_or_default()) {
        return Some("an ignored test proves nothing; let it run, or skip loudly by name");
    }
    // `path::todo!` is a call too; `!=` is not.
    if !is_punct(trees, at + 1, '!') || is_punct(trees, at + 2, '=') {
        return None;
    }
    match ident(trees, at)?.as_str() {
        "todo" | "unimplemented" => Some("unfinished; write it, or leave its caller out"),
        "dbg" => Some("a left-over `dbg!`; remove it"),
        _ => None,
    }
}

/// `ignore`, `ignore = "…"` and `cfg_attr(…, ignore)`.
fn ignores(attribute: &[TokenTree]) -> bool {
    if !is_ident(attribute, 0, "cfg_attr") {
        return is_ident(attribute, 0, "ignore");
    }
    let Some(TokenTree::Group(group)) = attribute.get(1) else {
        return false;
    };
    let content = super::tokens::trees(&group.stream());
    (1..content.len()).any(|at| is_punct(&content, at - 1, ',') && is_ident(&content, at, "ignore"))
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::source;
    use super::*;

    fn findings(text: &str) -> usize {
        check(&source("crates/a/tests/b.rs", text)).len()
    }

    #[test]
    fn unfinished_code_is_found() {
        assert_eq!(findings("fn a() { todo!() }"), 1);
        assert_eq!(findings("fn a() { core::unimplemented!(\"later\") }"), 1);
        assert_eq!(findings("fn a() { vec![dbg!(1)]; }"), 1);
    }

    #[test]
    fn ignored_tests_are_found() {
        assert_eq!(findings("#[test] #[ignore] fn a() {}"), 1);
        assert_eq!(findings("#[ignore = \"slow\"] fn a() {}"), 1);
        assert_eq!(findings("#[cfg_attr(miri, ignore)] fn a() {}"), 1);
    }

    #[test]
    fn words_are_not_code() {
        assert_eq!(
            findings("/* todo!() */ const A: &str = \"#[ignore] dbg!()\";"),
            0
        );
        assert_eq!(
            findings("/// todo!()\nfn todo() -> bool { todo() != dbg }"),
            0
        );
    }
}
