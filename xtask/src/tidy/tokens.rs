//! Looking at Rust tokens.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Calls `visit` with every token, the tokens beside it and its index among them.
pub(crate) fn walk(stream: &TokenStream, visit: &mut dyn FnMut(&[TokenTree], usize)) {
    let trees = trees(stream);
    for at in 0..trees.len() {
        visit(&trees, at);
        if let TokenTree::Group(group) = &trees[at] {
            walk(&group.stream(), visit);
        }
    }
}

/// The tokens of one level.
pub(crate) fn trees(stream: &TokenStream) -> Vec<TokenTree> {
    stream.clone().into_iter().collect()
}

/// The line (from 1) on which a token begins.
pub(crate) fn line(tree: &TokenTree) -> usize {
    tree.span().start().line
}

/// The identifier at `at`, if one stands there.
pub(crate) fn ident(trees: &[TokenTree], at: usize) -> Option<String> {
    match trees.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

/// Whether the identifier `name` stands at `at`.
pub(crate) fn is_ident(trees: &[TokenTree], at: usize, name: &str) -> bool {
    matches!(trees.get(at), Some(TokenTree::Ident(ident)) if ident == name)
}

/// Whether the character `sign` stands at `at`.
pub(crate) fn is_punct(trees: &[TokenTree], at: usize, sign: char) -> bool {
    matches!(trees.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

/// Whether `::` stands at `at`.
pub(crate) fn is_path_sep(trees: &[TokenTree], at: usize) -> bool {
    is_punct(trees, at, ':') && is_punct(trees, at + 1, ':')
}

/// The group at `at` if it has these delimiters.
pub(crate) fn group(trees: &[TokenTree], at: usize, delimiter: Delimiter) -> Option<&Group> {
    match trees.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// The content of the outer attribute (`#[…]`) at `at`.
pub(crate) fn attribute(trees: &[TokenTree], at: usize) -> Option<Vec<TokenTree>> {
    if !is_punct(trees, at, '#') {
        return None;
    }
    Some(self::trees(
        &group(trees, at + 1, Delimiter::Bracket)?.stream(),
    ))
}

/// The content of the inner attribute (`#![…]`) at `at`.
pub(crate) fn inner_attribute(trees: &[TokenTree], at: usize) -> Option<Vec<TokenTree>> {
    if !is_punct(trees, at, '#') || !is_punct(trees, at + 1, '!') {
        return None;
    }
    Some(self::trees(
        &group(trees, at + 2, Delimiter::Bracket)?.stream(),
    ))
}

/// The tokens without the items that only tests compile.
pub(crate) fn without_tests(stream: &TokenStream) -> TokenStream {
    let trees = trees(stream);
    let mut kept = Vec::new();
    let mut at = 0;
    while at < trees.len() {
        if attribute(&trees, at).is_some_and(|content| is_test_only(&content)) {
            at = after_item(&trees, at);
            continue;
        }
        kept.push(match &trees[at] {
            TokenTree::Group(group) => TokenTree::Group(without_tests_inside(group)),
            tree => tree.clone(),
        });
        at += 1;
    }
    kept.into_iter().collect()
}

fn without_tests_inside(group: &Group) -> Group {
    let mut kept = Group::new(group.delimiter(), without_tests(&group.stream()));
    kept.set_span(group.span());
    kept
}

/// `test` or `cfg(test)` or `cfg(all(test, …))`; not `any`, which ships too.
fn is_test_only(attribute: &[TokenTree]) -> bool {
    if is_ident(attribute, 0, "test") && attribute.len() == 1 {
        return true;
    }
    is_ident(attribute, 0, "cfg") && predicate(attribute, 1).is_some_and(|it| requires_test(&it))
}

fn requires_test(predicate: &[TokenTree]) -> bool {
    if is_ident(predicate, 0, "all") {
        let parts = self::predicate(predicate, 1).unwrap_or_default();
        return parts
            .split(|tree| is_punct(std::slice::from_ref(tree), 0, ','))
            .any(requires_test);
    }
    is_ident(predicate, 0, "test") && predicate.len() == 1
}

fn predicate(trees: &[TokenTree], at: usize) -> Option<Vec<TokenTree>> {
    group(trees, at, Delimiter::Parenthesis).map(|group| self::trees(&group.stream()))
}

/// The index past the item whose first attribute is at `at`: past its block or
/// its semicolon, or past its comma where it is an arm or a field.
fn after_item(trees: &[TokenTree], mut at: usize) -> usize {
    while attribute(trees, at).is_some() {
        at += 2;
    }
    let mut angles = 0_usize;
    while at < trees.len() {
        let arrow = at > 0 && (is_punct(trees, at - 1, '-') || is_punct(trees, at - 1, '='));
        if is_punct(trees, at, '<') {
            angles += 1;
        } else if is_punct(trees, at, '>') && !arrow {
            angles = angles.saturating_sub(1);
        }
        let block = group(trees, at, Delimiter::Brace).is_some();
        let comma = angles == 0 && is_punct(trees, at, ',');
        at += 1;
        if block {
            return at + usize::from(is_punct(trees, at, ';'));
        }
        if comma || is_punct(trees, at - 1, ';') {
            break;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> String {
        without_tests(&text.parse().unwrap()).to_string()
    }

    #[test]
    fn items_only_tests_compile_are_left_out() {
        assert_eq!(
            kept("#[cfg(test)] mod tests { a } fn b() {}"),
            "fn b () { }"
        );
        assert_eq!(kept("#[cfg(test)] mod tests; use c;"), "use c ;");
        assert_eq!(kept("#[cfg(test)] use a::{b, c}; d"), "d");
        assert_eq!(kept("#[cfg(all(test, unix))] fn a() {} d"), "d");
        assert_eq!(kept("#[test] #[should_panic] fn a() {} d"), "d");
        assert_eq!(kept("#[cfg(test)] fn a<T, U>() -> B<T, U> {} d"), "d");
        assert_eq!(kept("f { #[cfg(test)] a: u8, b: u8 }"), "f { b : u8 }");
        assert_eq!(kept("impl A { #[cfg(test)] fn a() {} }"), "impl A { }");
    }

    #[test]
    fn items_that_ship_stay() {
        for text in [
            "# [cfg (unix)] fn a () { }",
            "# [cfg (not (test))] fn a () { }",
            "# [cfg (any (test , unix))] fn a () { }",
            "# [cfg (feature = \"test\")] fn a () { }",
        ] {
            assert_eq!(kept(text), text);
        }
    }
}
