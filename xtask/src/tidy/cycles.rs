//! Modules import one another in one direction only.
//!
//! Siblings are compared, in a crate and in each folder of it: a parent may
//! re-export its children and they may use what it defines.

use super::Finding;
use super::imports::{Names, imports};
use super::source::Source;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;

const RULE: &str = "cycle";

type Module = Vec<String>;

/// Which module imports which, and where it says so first.
type Graph = BTreeMap<Module, BTreeMap<Module, (PathBuf, usize)>>;

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let places = sources.iter().filter_map(|source| source.place.as_ref());
    let packages: BTreeSet<&str> = places.map(|place| place.package.as_str()).collect();
    let mut findings = Vec::new();
    for package in packages {
        let graph = graph(package, sources);
        let mut known = BTreeSet::new();
        for (module, target) in edges(&graph) {
            let Some(back) = shortest(&graph, target, module) else {
                continue;
            };
            // The same circle is met once from each of its modules.
            if known.insert(BTreeSet::from_iter(back.clone())) {
                findings.push(finding(&graph, module, &back));
            }
        }
    }
    findings
}

fn graph(package: &str, sources: &[Source]) -> Graph {
    let names = Names::of(package, sources);
    let mut graph = Graph::new();
    for source in sources {
        if source
            .place
            .as_ref()
            .is_none_or(|place| place.package != package)
        {
            continue;
        }
        for import in imports(source) {
            let Some(target) = names.module_of(&names.resolve(&import)) else {
                continue;
            };
            if let Some((from, to)) = siblings(&import.module, &target) {
                let known = graph.entry(from).or_default().entry(to);
                known.or_insert_with(|| (source.path.clone(), import.line));
            }
        }
    }
    graph
}

/// The two modules' ancestors (or selves) that stand side by side.
fn siblings(from: &[String], to: &[String]) -> Option<(Module, Module)> {
    let shared = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let below = shared + 1;
    Some((from.get(..below)?.to_vec(), to.get(..below)?.to_vec()))
}

fn edges(graph: &Graph) -> impl Iterator<Item = (&Module, &Module)> {
    let targets = |(module, targets)| std::iter::repeat(module).zip(BTreeMap::keys(targets));
    graph.iter().flat_map(targets)
}

/// The shortest way between two modules, both included.
fn shortest<'a>(graph: &'a Graph, from: &'a Module, to: &Module) -> Option<Vec<&'a Module>> {
    let mut seen = BTreeSet::from([from]);
    let mut ways = VecDeque::from([vec![from]]);
    while let Some(way) = ways.pop_front() {
        let last = way[way.len() - 1];
        if last == to {
            return Some(way);
        }
        for next in graph.get(last).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(next) {
                ways.push_back([&way[..], &[next]].concat());
            }
        }
    }
    None
}

fn finding(graph: &Graph, module: &Module, back: &[&Module]) -> Finding {
    let (path, line) = &graph[module][back[0]];
    let names: Vec<_> = back.iter().map(|module| module.join("::")).collect();
    let message = format!(
        "modules import in a circle: {} -> {}; move what they share below them",
        module.join("::"),
        names.join(" -> ")
    );
    Finding::new(path, *line, RULE, message)
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::source;
    use super::*;

    fn circles(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<_> = files
            .iter()
            .map(|(path, text)| source(&format!("crates/x/src/{path}"), text))
            .collect();
        let findings = check(&sources).into_iter();
        findings.map(|finding| finding.message).collect()
    }

    #[test]
    fn circles_are_found_once() {
        let found = circles(&[("a.rs", "use crate::b::B;"), ("b.rs", "use super::a;")]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("a -> b -> a"), "{found:?}");
        let found = circles(&[
            ("lib.rs", "pub use c::C;"),
            ("a.rs", "use crate::b;"),
            ("b/deep.rs", "fn b() { crate::C::new() }"),
            ("b.rs", ""),
            ("c.rs", "use crate::{a, d};"),
            ("d.rs", ""),
        ]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("a -> b -> c -> a"), "{found:?}");
    }

    #[test]
    fn circles_in_a_folder_are_found() {
        let found = circles(&[
            ("a.rs", "mod b; mod c;"),
            ("a/b.rs", "use super::c::C;"),
            ("a/c.rs", "use crate::a::b::B;"),
        ]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("a::b -> a::c -> a::b"), "{found:?}");
    }

    #[test]
    fn one_direction_passes() {
        let files = [
            ("lib.rs", "pub use a::A; pub use b::B;"),
            ("a.rs", "use crate::b; use self::inner::C; mod inner;"),
            ("a/inner.rs", "use super::D; use crate::b::B;"),
            ("b.rs", "#[cfg(test)] mod tests { use crate::a; }"),
        ];
        assert!(circles(&files).is_empty());
    }
}
