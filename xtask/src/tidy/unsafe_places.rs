//! `unsafe` stands where the design has it, and is forbidden elsewhere.

use super::Finding;
use super::source::{Place, Source};
use super::tokens::{attribute, group, inner_attribute, is_ident, is_punct, line, trees, walk};
use proc_macro2::{Delimiter, TokenTree};

const RULE: &str = "unsafe-place";

/// Packages that may use `unsafe` in every module; `bench` calls C libraries.
const UNSAFE_PACKAGES: [&str; 4] = ["stayput-sys", "stayput-capi", "stayput-prove", "bench"];

/// Modules of the library that may use `unsafe`.
const UNSAFE_MODULES: [&str; 3] = ["region", "page", "pool"];

/// Packages whose roots must say `#![forbid(unsafe_code)]`.
const SAFE_PACKAGES: [&str; 4] = [
    "stayput-spec",
    "stayput-conformance",
    "stayput-doctor",
    "stayput-cli",
];

/// Modules of the library that must forbid `unsafe_code`.
const SAFE_MODULES: [&str; 4] = ["limits", "inspect", "process", "secret"];

/// `unsafe` outside the places that may have it.
pub(super) fn check(source: &Source) -> Vec<Finding> {
    let Some(place) = &source.place else {
        return Vec::new();
    };
    if may_be_unsafe(place) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    walk(&source.tokens, &mut |trees, at| {
        if is_ident(trees, at, "unsafe") {
            let message = format!(
                "`unsafe` above stayput-sys belongs to stayput's {}, stayput-capi and \
                 stayput-prove; move it there behind a safe call",
                UNSAFE_MODULES.join(", ")
            );
            findings.push(Finding::new(&source.path, line(&trees[at]), RULE, message));
        }
    });
    findings
}

fn may_be_unsafe(place: &Place) -> bool {
    let room = place.module.first().map(String::as_str);
    UNSAFE_PACKAGES.contains(&place.package.as_str())
        || place.package == "stayput" && room.is_some_and(|room| UNSAFE_MODULES.contains(&room))
}

/// Crate roots and modules that don't forbid `unsafe_code` though they should.
pub(super) fn check_forbidden(sources: &[Source]) -> Vec<Finding> {
    let root = sources.iter().find(|source| {
        let place = source.place.as_ref();
        place.is_some_and(|place| place.package == "stayput" && place.module.is_empty())
    });
    let mut findings = Vec::new();
    for source in sources {
        let Some(place) = &source.place else {
            continue;
        };
        let must_forbid = match &place.module[..] {
            [] => SAFE_PACKAGES.contains(&place.package.as_str()),
            [room] => place.package == "stayput" && SAFE_MODULES.contains(&room.as_str()),
            _ => false,
        };
        let declared = || root.is_some_and(|root| declares_safe(root, &place.module));
        if must_forbid && !forbids_inside(source) && !declared() {
            let message = "no `#![forbid(unsafe_code)]`; add it at the top of the file";
            findings.push(Finding::new(&source.path, 1, RULE, message));
        }
    }
    findings
}

fn forbids_inside(source: &Source) -> bool {
    let trees = trees(&source.tokens);
    let mut found = false;
    let mut at = 0;
    while let Some(content) = inner_attribute(&trees, at) {
        found |= forbids_unsafe(&content);
        at += 3;
    }
    found
}

/// Whether the crate's root has `#[forbid(unsafe_code)] mod NAME;`.
fn declares_safe(root: &Source, module: &[String]) -> bool {
    let [name] = module else {
        return false;
    };
    let trees = trees(&root.tokens);
    (0..trees.len()).any(|at| {
        if !attribute(&trees, at).is_some_and(|content| forbids_unsafe(&content)) {
            return false;
        }
        let mut item = at;
        while attribute(&trees, item).is_some() {
            item += 2;
        }
        item += usize::from(is_ident(&trees, item, "pub"));
        item += usize::from(group(&trees, item, Delimiter::Parenthesis).is_some());
        is_ident(&trees, item, "mod")
            && is_ident(&trees, item + 1, name)
            && is_punct(&trees, item + 2, ';')
    })
}

fn forbids_unsafe(attribute: &[TokenTree]) -> bool {
    let Some(lints) = group(attribute, 1, Delimiter::Parenthesis) else {
        return false;
    };
    let lints = trees(&lints.stream());
    is_ident(attribute, 0, "forbid")
        && (0..lints.len()).any(|at| is_ident(&lints, at, "unsafe_code"))
}

#[cfg(test)]
mod tests {
    use super::super::source::tests::source;
    use super::*;

    #[test]
    fn unsafe_out_of_place_is_found() {
        let text = "// SAFETY: a\nunsafe impl Send for A {}";
        for path in [
            "crates/stayput/src/lib.rs",
            "crates/stayput/src/secret/bytes.rs",
            "crates/stayput-spec/src/model.rs",
            "xtask/src/main.rs",
        ] {
            assert_eq!(check(&source(path, text)).len(), 1, "{path}");
        }
        for path in [
            "crates/stayput-sys/src/lock.rs",
            "crates/stayput/src/pool/arena.rs",
            "crates/stayput-prove/src/lib.rs",
            "crates/stayput/tests/region.rs",
        ] {
            assert!(check(&source(path, text)).is_empty(), "{path}");
        }
        let words = "/// unsafe\n#![forbid(unsafe_code)]\nconst A: &str = \"unsafe\";";
        assert!(check(&source("crates/stayput/src/lib.rs", words)).is_empty());
    }

    #[test]
    fn roots_must_forbid() {
        let root = |text: &str| check_forbidden(&[source("crates/stayput-spec/src/lib.rs", text)]);
        assert_eq!(root("//! Data.\n#![deny(unsafe_code)]").len(), 1);
        assert_eq!(root("fn a() {} // #![forbid(unsafe_code)]").len(), 1);
        assert!(root("//! Data.\n#![warn(a)]\n#![forbid(unsafe_code)]").is_empty());
        assert!(root("#![forbid(missing_docs, unsafe_code)]").is_empty());
    }

    #[test]
    fn rooms_must_forbid() {
        let rooms = |lib: &str, room: &str| {
            check_forbidden(&[
                source("crates/stayput/src/lib.rs", lib),
                source("crates/stayput/src/limits.rs", room),
                source("crates/stayput/src/region.rs", ""),
            ])
        };
        assert_eq!(rooms("pub mod limits;", "").len(), 1);
        assert_eq!(
            rooms("#[forbid(unsafe_code)] pub mod secret; pub mod limits;", "").len(),
            1
        );
        assert!(rooms("#[forbid(unsafe_code)] #[a] pub mod limits;", "").is_empty());
        assert!(rooms("#[forbid(unsafe_code)] pub(crate) mod limits;", "").is_empty());
        assert!(rooms("pub mod limits;", "//! A.\n#![forbid(unsafe_code)]").is_empty());
    }
}
