//! Who may import whom: downwards only.

use super::Finding;
use super::imports::{Import, Names, imports};
use super::manifests::Manifest;
use super::source::Source;

const RULE: &str = "layering";
const LIBRARY: &str = "stayput";

/// Each crate, and the crates of the workspace that it may depend on.
const CRATES: [(&str, &[&str]); 9] = [
    ("stayput-sys", &[]),
    ("stayput-spec", &[]),
    ("stayput", &["stayput-sys"]),
    (
        "stayput-conformance",
        &["stayput-sys", "stayput-spec", "stayput"],
    ),
    // Its controls lock as programs without stayput do: by the raw calls.
    ("stayput-prove", &["stayput-sys", "stayput"]),
    ("stayput-doctor", &["stayput-sys", "stayput"]),
    ("stayput-examples", &["stayput"]),
    ("stayput-capi", BELOW_SHELLS),
    ("stayput-cli", BELOW_SHELLS),
];

/// A shell may import everything below; nothing imports a shell.
const BELOW_SHELLS: &[&str] = &[
    "stayput-sys",
    "stayput-spec",
    "stayput",
    "stayput-conformance",
    "stayput-prove",
    "stayput-doctor",
];

/// Each room of the library, and what it may import: rooms, and `stayput_sys`.
const ROOMS: [(&str, &[&str]); 9] = [
    (CELLAR, &[]),
    ("limits", &["stayput_sys"]),
    ("inspect", &["stayput_sys"]),
    ("input", &["stayput_sys"]),
    ("region", &["stayput_sys", "limits"]),
    ("process", &["stayput_sys", "limits", "inspect"]),
    ("page", &["stayput_sys", "limits", "region"]),
    (
        "pool",
        &["stayput_sys", "limits", "inspect", "region", "page"],
    ),
    ("secret", &["limits", "input", "page", "pool"]),
];

/// The room of events, open to every other.
const CELLAR: &str = "trace";

/// Crates that call the system: `stayput-sys` alone may name them in the library.
const SYSTEM: [&str; 3] = ["stayput_sys", "libc", "windows_sys"];

/// The one room of the library that conformance may see.
const CONFORMANCE: &str = "stayput-conformance";
const CONFORMANCE_ROOM: &str = "inspect";

/// Dependencies between crates, other than the tests' own.
pub(super) fn check_crates(manifests: &[Manifest]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests.iter().filter(|manifest| manifest.name != "xtask") {
        let mut found = |message| findings.push(Finding::new(&manifest.path, 1, RULE, message));
        let name = &manifest.name;
        let Some((_, allowed)) = CRATES.iter().find(|(known, _)| known == name) else {
            found(format!("{name} has no floor; give it one in xtask's table"));
            continue;
        };
        for dependency in &manifest.dependencies {
            let dependency = dependency.name.as_str();
            let is_ours = manifests.iter().any(|other| other.name == dependency);
            if is_ours && !allowed.contains(&dependency) {
                found(format!(
                    "{name} may import {}, not {dependency}; move the code to its floor",
                    list(allowed)
                ));
            }
        }
    }
    findings
}

/// Imports between the library's rooms, and conformance's view of them.
pub(super) fn check_modules(sources: &[Source]) -> Vec<Finding> {
    let names = Names::of(LIBRARY, sources);
    let mut findings = Vec::new();
    for source in sources {
        let Some(place) = &source.place else {
            continue;
        };
        let mut breaches = Vec::new();
        match (place.package.as_str(), place.module.first()) {
            (LIBRARY, None) => root_breaches(source, &names, &mut breaches),
            (LIBRARY, Some(room)) => room_breaches(source, room, &names, &mut breaches),
            (CONFORMANCE, _) => conformance_breaches(source, &mut breaches),
            _ => {}
        }
        let found = breaches.into_iter();
        findings
            .extend(found.map(|(line, message)| Finding::new(&source.path, line, RULE, message)));
    }
    findings
}

type Breaches = Vec<(usize, String)>;

/// A glob at the root would hide which room a name comes from.
fn root_breaches(source: &Source, names: &Names, breaches: &mut Breaches) {
    for import in imports(source).iter().filter(|import| is_glob(import)) {
        if names.resolve(import)[0] == "crate" {
            let message = "a re-exported glob hides the room; re-export by name";
            breaches.push((import.line, message.to_owned()));
        }
    }
}

fn room_breaches(source: &Source, room: &str, names: &Names, breaches: &mut Breaches) {
    let Some((_, allowed)) = ROOMS.iter().find(|(known, _)| *known == room) else {
        let message = format!("`{room}` has no floor; give it one in xtask's table");
        breaches.push((1, message));
        return;
    };
    for import in imports(source) {
        let path = names.resolve(&import);
        let target = if path[0] == "crate" {
            match names.module_of(&path).unwrap_or_default().first() {
                Some(target) => target.clone(),
                None if is_glob(&import) => {
                    let message = "a glob of the crate's root; name what is taken";
                    breaches.push((import.line, message.to_owned()));
                    continue;
                }
                None => continue,
            }
        } else {
            path[0].clone()
        };
        let is_system = SYSTEM.contains(&target.as_str());
        let is_limited = path[0] == "crate" || is_system;
        let is_open = target == room || target == CELLAR;
        if is_limited && !is_open && !allowed.contains(&target.as_str()) {
            let message = format!(
                "`{room}` may import {}, not `{target}`; move the code to its floor",
                list(allowed)
            );
            breaches.push((import.line, message));
        }
    }
}

fn conformance_breaches(source: &Source, breaches: &mut Breaches) {
    for import in imports(source) {
        let sees = import.path.get(1).map(String::as_str);
        if import.path[0] == LIBRARY && sees != Some(CONFORMANCE_ROOM) {
            let message = format!(
                "conformance may see `{LIBRARY}::{CONFORMANCE_ROOM}` only, not `{}`; \
                 an oracle shares no code with what it judges",
                import.path.join("::")
            );
            breaches.push((import.line, message));
        }
    }
}

fn is_glob(import: &Import) -> bool {
    import.name.as_deref() == Some("*")
}

fn list(allowed: &[&str]) -> String {
    if allowed.is_empty() {
        "nothing of the workspace".to_owned()
    } else {
        allowed.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifests::tests::complete;
    use super::super::source::tests::source;
    use super::*;

    fn crates(name: &str, dependencies: &[&str]) -> usize {
        let mut manifests: Vec<_> = CRATES
            .iter()
            .filter(|(known, _)| *known != name)
            .map(|(known, _)| complete(known, &[]))
            .collect();
        manifests.push(complete(name, dependencies));
        check_crates(&manifests).len()
    }

    #[test]
    fn crates_import_downwards() {
        assert_eq!(crates("stayput", &["stayput-sys", "libc"]), 0);
        assert_eq!(crates("stayput-cli", &["stayput-prove", "clap"]), 0);
        assert_eq!(crates("xtask", &["stayput-cli"]), 0);
    }

    #[test]
    fn upward_dependencies_are_found() {
        assert_eq!(crates("stayput-sys", &["stayput", "libc"]), 1);
        assert_eq!(crates("stayput-spec", &["stayput-sys"]), 1);
        assert_eq!(crates("stayput-conformance", &["stayput-prove"]), 1);
        assert_eq!(crates("stayput-prove", &["stayput-cli"]), 1);
        assert_eq!(crates("stayput-cli", &["stayput-capi"]), 1);
        assert_eq!(crates("stayput-new", &[]), 1);
    }

    /// How many breaches a room's text has in a library with the usual rooms.
    fn room(room: &str, text: &str) -> usize {
        let lib = "pub use limits::LockError; pub use pool::Pool; pub fn version() {}";
        let mut sources = vec![source("crates/stayput/src/lib.rs", lib)];
        for (other, _) in ROOMS.iter().filter(|(other, _)| *other != room) {
            sources.push(source(&format!("crates/stayput/src/{other}.rs"), ""));
        }
        sources.push(source(&format!("crates/stayput/src/{room}.rs"), text));
        check_modules(&sources).len()
    }

    #[test]
    fn rooms_import_downwards() {
        assert_eq!(room("region", "use crate::limits::{LockError, Policy};"), 0);
        assert_eq!(room("secret", "use crate::trace::event;"), 0);
        assert_eq!(
            room(
                "region",
                "use crate::LockError; fn a() { stayput_sys::page_size(); }"
            ),
            0
        );
        assert_eq!(
            room(
                "pool",
                "use crate::{inspect, page::LockedPages, region, version};"
            ),
            0
        );
        assert_eq!(
            room("limits", "#[cfg(test)] mod tests { use crate::inspect; }"),
            0
        );
        assert_eq!(
            room("limits", "/// See [`crate::pool::Pool`].\nfn a() {}"),
            0
        );
    }

    #[test]
    fn sideways_and_upward_imports_are_found() {
        assert_eq!(room("limits", "use crate::region;"), 1);
        assert_eq!(room("trace", "use crate::limits;"), 1);
        assert_eq!(
            room("region", "use crate::{limits::LockError, inspect::Smaps};"),
            1
        );
        assert_eq!(room("process", "fn a() { super::pool::verify() }"), 1);
        assert_eq!(room("page", "use crate::Pool;"), 1);
        assert_eq!(room("pool", "fn a() -> crate::process::Plan { b() }"), 1);
        assert_eq!(room("page", "use crate::*;"), 1);
        assert_eq!(room("attic", ""), 1);
    }

    #[test]
    fn the_system_has_one_door() {
        assert_eq!(room("secret", "use stayput_sys::wipe::wipe;"), 1);
        assert_eq!(room("pool", "fn a() -> i32 { libc::EAGAIN }"), 1);
        assert_eq!(room("page", "use windows_sys as w;"), 1);
    }

    #[test]
    fn a_root_glob_is_found() {
        let lib = |text: &str| {
            let rooms = source("crates/stayput/src/limits.rs", "");
            check_modules(&[source("crates/stayput/src/lib.rs", text), rooms]).len()
        };
        assert_eq!(lib("pub mod limits; pub use limits::*;"), 1);
        assert_eq!(lib("pub mod limits; pub use limits::LockError;"), 0);
    }

    #[test]
    fn conformance_sees_inspect_only() {
        let breaches = |text: &str| {
            check_modules(&[source("crates/stayput-conformance/src/run.rs", text)]).len()
        };
        assert_eq!(
            breaches("use stayput::inspect::Smaps; use stayput_spec::Clause;"),
            0
        );
        assert_eq!(breaches("use stayput::{inspect, region::lock};"), 1);
        assert_eq!(breaches("fn a() { stayput::process::lock_all() }"), 1);
    }
}
