//! Every `unsafe` says who established its precondition.
//!
//! Clippy has rules alike, but sees only what the host compiles; the backends of
//! other platforms and the bodies of macros are checked here alone.

use super::Finding;
use super::source::Source;
use super::tokens::{attribute, group, is_ident, is_punct, line, trees, walk};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

const RULE: &str = "safety-comment";

pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut reader = Reader {
        source,
        lines: lines_outside_strings(source),
        findings: Vec::new(),
    };
    reader.read_statements(&source.tokens);
    let mut findings = reader.findings;
    walk(&source.tokens, &mut |trees, at| {
        if let Some(kind) = undocumented(trees, at) {
            let message = format!("`pub unsafe {kind}` without a `# Safety` section; add one");
            findings.push(Finding::new(&source.path, line(&trees[at]), RULE, message));
        }
    });
    findings
}

/// The lines, empty where a string's content looks like one.
fn lines_outside_strings(source: &Source) -> Vec<&str> {
    let mut lines: Vec<_> = source.text.lines().collect();
    walk(&source.tokens, &mut |trees, at| {
        if let TokenTree::Literal(literal) = &trees[at] {
            let (start, end) = (literal.span().start(), literal.span().end());
            lines[start.line..end.line].fill("");
        }
    });
    lines
}

struct Reader<'a> {
    source: &'a Source,
    lines: Vec<&'a str>,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    /// Reads a block's or a file's content: each statement, item, arm or field
    /// may carry the comment of the `unsafe` in it.
    fn read_statements(&mut self, stream: &TokenStream) {
        let trees = trees(stream);
        let mut start = 0;
        for at in 0..trees.len() {
            self.read_token(&trees, at, line(&trees[start]));
            // A `let` has patterns and generics, whose commas and braces don't end it.
            let is_let = is_ident(&trees, start, "let");
            let ends = is_punct(&trees, at, ';')
                || !is_let
                    && (is_punct(&trees, at, ',') || group(&trees, at, Delimiter::Brace).is_some());
            if ends && at + 1 < trees.len() {
                start = at + 1;
            }
        }
    }

    fn read_token(&mut self, trees: &[TokenTree], at: usize, statement: usize) {
        if let TokenTree::Group(inner) = &trees[at] {
            if inner.delimiter() == Delimiter::Brace {
                self.read_statements(&inner.stream());
            } else {
                let inner = self::trees(&inner.stream());
                for at in 0..inner.len() {
                    self.read_token(&inner, at, statement);
                }
            }
        }
        if !is_ident(trees, at, "unsafe") {
            return;
        }
        let block = group(trees, at + 1, Delimiter::Brace);
        if block.is_none() && !is_ident(trees, at + 1, "impl") {
            return;
        }
        let here = line(&trees[at]);
        let explained = self.comment_ends_above(here)
            || self.comment_ends_above(statement)
            || block.is_some_and(|block| self.comment_begins(block));
        if !explained {
            let message = "`unsafe` without a `// SAFETY:` comment directly above; \
                           name the precondition and who established it";
            let finding = Finding::new(&self.source.path, here, RULE, message);
            self.findings.push(finding);
        }
    }

    /// Whether comments (among attributes) directly above a line have the word.
    fn comment_ends_above(&self, line: usize) -> bool {
        let above = self.lines[..line - 1].iter().rev().map(|text| text.trim());
        above
            .take_while(|text| text.starts_with("//") || text.starts_with("#["))
            .any(is_safety_comment)
    }

    /// Whether a block begins with a comment that has the word.
    fn comment_begins(&self, block: &Group) -> bool {
        let open = block.span_open().start();
        let rest: String = self.lines[open.line - 1]
            .chars()
            .skip(open.column + 1)
            .collect();
        let below = self.lines[open.line..].iter().map(|text| text.trim());
        is_safety_comment(rest.trim())
            || below
                .take_while(|text| text.starts_with("//"))
                .any(is_safety_comment)
    }
}

fn is_safety_comment(text: &str) -> bool {
    text.starts_with("//") && text.contains("SAFETY:")
}

/// What the undocumented `pub unsafe` item at `at` (its `unsafe`) is.
fn undocumented(trees: &[TokenTree], at: usize) -> Option<&'static str> {
    if !is_ident(trees, at, "unsafe") {
        return None;
    }
    let kind = unsafe_item(trees, at + 1)?;
    let mut start = at;
    while start > 0 && (is_ident(trees, start - 1, "const") || is_ident(trees, start - 1, "async"))
    {
        start -= 1;
    }
    // `pub(crate)` ends in a group: not public.
    if start == 0 || !is_ident(trees, start - 1, "pub") {
        return None;
    }
    start -= 1;
    while start >= 2 {
        let Some(content) = attribute(trees, start - 2) else {
            break;
        };
        if is_safety_heading(&content) {
            return None;
        }
        start -= 2;
    }
    Some(kind)
}

fn unsafe_item(trees: &[TokenTree], mut at: usize) -> Option<&'static str> {
    if is_ident(trees, at, "trait") {
        return Some("trait");
    }
    if is_ident(trees, at, "extern") {
        at += 1 + usize::from(matches!(trees.get(at + 1), Some(TokenTree::Literal(_))));
    }
    // A function pointer's type has no name.
    let is_named = group(trees, at + 1, Delimiter::Parenthesis).is_none();
    (is_ident(trees, at, "fn") && is_named).then_some("fn")
}

fn is_safety_heading(attribute: &[TokenTree]) -> bool {
    is_ident(attribute, 0, "doc")
        && matches!(attribute.last(), Some(TokenTree::Literal(text)) if text.to_string().contains("# Safety"))
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::source;
    use super::*;

    fn findings(text: &str) -> Vec<usize> {
        let found = check(&source("crates/a/src/b.rs", text));
        found.into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn unexplained_unsafe_is_found() {
        assert_eq!(findings("fn a() {\n    unsafe { b() }\n}"), [2]);
        assert_eq!(findings("unsafe impl Send for A {}"), [1]);
        assert_eq!(findings("// It is safe.\nunsafe impl Send for A {}"), [2]);
        assert_eq!(findings("// SAFETY: a\n\nunsafe impl Send for A {}"), [3]);
        assert_eq!(
            findings("const A: &str = \"\n// SAFETY: a\";\nunsafe impl Send for A {}"),
            [3]
        );
        assert_eq!(
            findings("macro_rules! a { () => {\n    f(unsafe { b() })\n}; }"),
            [2]
        );
    }

    #[test]
    fn a_comment_speaks_for_one_statement_only() {
        let text = "fn a() {\n    // SAFETY: b\n    let b = unsafe { c() };\n    let d = unsafe { c() };\n}";
        assert_eq!(findings(text), [4]);
        let text = "// SAFETY: a\nunsafe impl Send for A {}\nunsafe impl Sync for A {}";
        assert_eq!(findings(text), [3]);
        let text = "fn a() {\n    // SAFETY: b\n    unsafe { b() }\n    unsafe { b() }\n}";
        assert_eq!(findings(text), [4]);
    }

    #[test]
    fn explained_unsafe_passes() {
        for text in [
            "// SAFETY: a\nunsafe impl Send for A {}",
            "// SAFETY: a\n#[allow(b)]\nunsafe impl Send for A {}",
            "fn a() {\n    // SAFETY: two lines,\n    // both of it.\n    unsafe { b() }\n}",
            "fn a() {\n    unsafe {\n        // SAFETY: b\n        b()\n    }\n}",
            "fn a() {\n    unsafe { // SAFETY: b\n        b()\n    }\n}",
            "fn a() {\n    // SAFETY: b\n    let A { b, .. } =\n        c(1, unsafe { d() });\n}",
            "fn a() {\n    match b {\n        // SAFETY: c\n        Some(_) => unsafe { c() },\n        None => {}\n    }\n}",
            "// unsafe { a() }\nconst A: &str = \"unsafe { a() }\";",
            "type A = unsafe extern \"C\" fn(u8);",
        ] {
            assert!(findings(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn undocumented_public_unsafe_items_are_found() {
        assert_eq!(findings("pub unsafe fn a() {}"), [1]);
        assert_eq!(
            findings("/// Locks.\n#[inline]\npub const unsafe fn a() {}"),
            [3]
        );
        assert_eq!(findings("pub unsafe extern \"C\" fn a() {}"), [1]);
        assert_eq!(findings("impl A {\n    pub unsafe fn a() {}\n}"), [2]);
        assert_eq!(findings("pub unsafe trait A {}"), [1]);
    }

    #[test]
    fn documented_and_private_unsafe_items_pass() {
        for text in [
            "/// Locks.\n///\n/// # Safety\n/// `a` is mapped.\n#[inline]\npub unsafe fn a() {}",
            "pub(crate) unsafe fn a() {}",
            "unsafe fn a() {}",
            "pub struct A { pub a: unsafe fn(u8) }",
        ] {
            assert!(findings(text).is_empty(), "{text}");
        }
    }
}
