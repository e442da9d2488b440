//! Which modules and crates a source names: in `use` trees and in plain paths.

use super::source::Source;
use super::tokens::{self, group, ident, is_ident, is_path_sep, is_punct, line};
use proc_macro2::{Delimiter, TokenTree};
use std::collections::{BTreeMap, BTreeSet};

/// One path as it stands in a source, made absolute where it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) line: usize,
    /// The module it stands in, inline modules included.
    pub(crate) module: Vec<String>,
    /// Begins with `crate` or with a crate's or a name in scope.
    pub(crate) path: Vec<String>,
    /// The name that a `use` gives it here; `*` for a glob, none for a plain path.
    pub(crate) name: Option<String>,
}

/// Every path of two names or more, and every `use`, in what `source` ships.
pub(crate) fn imports(source: &Source) -> Vec<Import> {
    let mut found = Vec::new();
    if let Some(place) = &source.place {
        let trees = tokens::trees(&source.shipped);
        read(&trees, &place.module, &mut found);
    }
    found
}

fn read(trees: &[TokenTree], module: &[String], found: &mut Vec<Import>) {
    let mut at = 0;
    while at < trees.len() {
        let body = group(trees, at + 2, Delimiter::Brace);
        if let (true, Some(name), Some(body)) =
            (is_ident(trees, at, "mod"), ident(trees, at + 1), body)
        {
            let inner = [module, &[name]].concat();
            read(&tokens::trees(&body.stream()), &inner, found);
            at += 3;
        } else if is_use(trees, at) {
            let is_end = |at: &usize| is_punct(trees, *at, ';');
            let end = (at..trees.len()).find(is_end).unwrap_or(trees.len());
            read_tree(&trees[at + 1..end], &[], module, true, found);
            at = end;
        } else if begins_path(trees, at) {
            at += read_tree(&trees[at..], &[], module, false, found);
        } else {
            if let TokenTree::Group(group) = &trees[at] {
                read(&tokens::trees(&group.stream()), module, found);
            }
            at += 1;
        }
    }
}

/// Not `use<'a>`, which captures lifetimes.
fn is_use(trees: &[TokenTree], at: usize) -> bool {
    is_ident(trees, at, "use") && !is_punct(trees, at + 1, '<')
}

fn begins_path(trees: &[TokenTree], at: usize) -> bool {
    ident(trees, at).is_some() && is_path_sep(trees, at + 1)
}

/// Reads a path or one branch of a `use` tree; tells how many tokens it took.
fn read_tree(
    trees: &[TokenTree],
    prefix: &[String],
    module: &[String],
    is_use: bool,
    found: &mut Vec<Import>,
) -> usize {
    let mut path = prefix.to_vec();
    let mut at = if is_path_sep(trees, 0) { 2 } else { 0 };
    let start = trees.first().map_or(1, line);
    while let Some(name) = ident(trees, at) {
        path.push(name);
        at += 1;
        if !is_path_sep(trees, at) {
            break;
        }
        at += 2;
    }
    if let Some(branches) = group(trees, at, Delimiter::Brace).filter(|_| is_use) {
        let branches = tokens::trees(&branches.stream());
        let is_comma = |tree: &TokenTree| is_punct(std::slice::from_ref(tree), 0, ',');
        for branch in branches.split(is_comma).filter(|branch| !branch.is_empty()) {
            read_tree(branch, &path, module, true, found);
        }
        return at + 1;
    }
    // `{self}` names the path before it.
    if path.len() > 1 && path.last().is_some_and(|name| name == "self") {
        path.pop();
    }
    let name = if !is_use {
        None
    } else if is_punct(trees, at, '*') {
        Some("*".to_owned())
    } else if is_ident(trees, at, "as") {
        ident(trees, at + 1)
    } else {
        path.last().cloned()
    };
    // A macro's `use $path` names nothing yet.
    if !path.is_empty() {
        found.push(Import {
            line: start,
            module: module.to_vec(),
            path: absolute(path, module),
            name,
        });
    }
    at.max(1)
}

/// `self::a` and `super::a` from the crate's root on.
fn absolute(path: Vec<String>, module: &[String]) -> Vec<String> {
    let mut base = module.to_vec();
    let steps = path.iter().take_while(|name| {
        if *name == "super" {
            base.pop();
        }
        *name == "super" || *name == "self"
    });
    match steps.count() {
        0 => path,
        steps => [&["crate".to_owned()], &base[..], &path[steps..]].concat(),
    }
}

/// A package's modules and the names its `use` lines give to things.
pub(crate) struct Names {
    modules: BTreeSet<Vec<String>>,
    /// A module and a name in it, to what the name stands for.
    aliases: BTreeMap<(Vec<String>, String), Vec<String>>,
}

impl Names {
    pub(crate) fn of(package: &str, sources: &[Source]) -> Self {
        let mut names = Self {
            modules: BTreeSet::new(),
            aliases: BTreeMap::new(),
        };
        let sources = sources.iter().filter(|source| {
            let place = source.place.as_ref();
            place.is_some_and(|place| place.package == package)
        });
        for source in sources {
            let place = source.place.iter();
            names
                .modules
                .extend(place.map(|place| place.module.clone()));
            for import in imports(source) {
                if let Some(name) = import.name.filter(|name| name != "*") {
                    names.aliases.insert((import.module, name), import.path);
                }
            }
        }
        names
    }

    /// Follows re-exports to the path of what is meant.
    pub(crate) fn resolve(&self, import: &Import) -> Vec<String> {
        let mut path = self.below_parent(&import.module, import.path.clone());
        // More steps than a chain of re-exports has; `use` lines can run in a circle.
        for _ in 0..16 {
            let Some(next) = self.step(&path) else {
                break;
            };
            path = next;
        }
        path
    }

    /// The longest module that a resolved path of this package names.
    pub(crate) fn module_of(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let longest = (0..=rest.len())
            .rev()
            .find(|&len| self.modules.contains(&rest[..len]))?;
        (first == "crate").then(|| rest[..longest].to_vec())
    }

    fn step(&self, path: &[String]) -> Option<Vec<String>> {
        let inside = path.strip_prefix(&["crate".to_owned()])?;
        let module = self.module_of(path)?;
        let (name, rest) = inside[module.len()..].split_first()?;
        let target = self.aliases.get(&(module.clone(), name.clone()))?;
        let next = self.below_parent(&module, [target, rest].concat());
        (next != path).then_some(next)
    }

    /// `child::Name`, said in the child's parent, from the crate's root on.
    fn below_parent(&self, module: &[String], path: Vec<String>) -> Vec<String> {
        let child = [module, &path[..1]].concat();
        if self.modules.contains(&child) {
            [&["crate".to_owned()], module, &path[..]].concat()
        } else {
            path
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::source;
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        let source = source("crates/stayput/src/pool/arena.rs", text);
        let imports = imports(&source).into_iter();
        imports.map(|import| import.path.join("::")).collect()
    }

    #[test]
    fn use_trees_are_read() {
        assert_eq!(paths("use crate::limits;"), ["crate::limits"]);
        assert_eq!(
            paths("use crate::{limits::{self, LockError}, region as r};"),
            ["crate::limits", "crate::limits::LockError", "crate::region"]
        );
        assert_eq!(
            paths("pub(crate) use super::chunk::*;"),
            ["crate::pool::chunk"]
        );
        assert_eq!(paths("use ::libc;"), ["libc"]);
        assert_eq!(
            paths("use super::{super::page, chunk};"),
            ["crate::page", "crate::pool::chunk"]
        );
    }

    #[test]
    fn plain_paths_are_read() {
        assert_eq!(
            paths("fn a() -> crate::limits::A { b }"),
            ["crate::limits::A"]
        );
        assert_eq!(
            paths("fn a() { assert!(self::b::c(super::d())) }"),
            ["crate::pool::arena::b::c", "crate::pool::d"]
        );
        assert_eq!(
            paths("fn a() { ::stayput_sys::lock::mlock(0) }"),
            ["stayput_sys::lock::mlock"]
        );
        assert_eq!(
            paths("macro_rules! a { () => { $crate::page::b() } }"),
            ["crate::page::b"]
        );
        assert_eq!(
            paths("fn a(b: Vec<crate::c::D<crate::e::F>>) {}"),
            ["crate::c::D", "crate::e::F"]
        );
        assert_eq!(
            paths("fn a() { A { b: crate::c::D, ..crate::e::f() } }"),
            ["crate::c::D", "crate::e::f"]
        );
    }

    #[test]
    fn unusual_places_are_read() {
        assert_eq!(
            paths("fn a(b: ::libc::c_int) -> ::libc::c_long { let c = ::libc::d(); }"),
            ["b", "libc::c_int", "libc::c_long", "libc::d"]
        );
        assert_eq!(
            paths("fn a(b: &B) -> impl C + use<'_> { crate::d() } const E: F = crate::G;"),
            ["crate::d", "crate::G"]
        );
        assert!(paths("macro_rules! a { ($b:path) => { use $b; }; }").is_empty());
    }

    #[test]
    fn words_and_tests_are_not_read() {
        assert!(paths("// crate::a\n/// crate::a\nconst A: &str = \"crate::a\";").is_empty());
        assert!(paths("#[cfg(test)] mod tests { use crate::a; }").is_empty());
    }

    #[test]
    fn inline_modules_count_for_super() {
        assert_eq!(paths("mod a { use super::b; }"), ["crate::pool::arena::b"]);
    }

    #[test]
    fn re_exports_are_followed() {
        let sources = [
            source(
                "crates/a/src/lib.rs",
                "pub use limits::Error; pub use stayput_sys as sys;",
            ),
            source("crates/a/src/limits.rs", "mod cause; pub use cause::Error;"),
            source("crates/a/src/limits/cause.rs", "pub enum Error {}"),
            source(
                "crates/a/src/page.rs",
                "use crate::{Error, sys::lock}; use crate::b;",
            ),
        ];
        let names = Names::of("a", &sources);
        let resolved: Vec<_> = imports(&sources[3])
            .iter()
            .map(|import| names.resolve(import).join("::"))
            .collect();
        assert_eq!(
            resolved,
            [
                "crate::limits::cause::Error",
                "stayput_sys::lock",
                "crate::b"
            ]
        );
    }
}
