//! Every crate has what crates.io and docs.rs show.

use super::Finding;
use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use std::path::{Path, PathBuf};

const RULE: &str = "package-data";

/// What the rules ask of a `Cargo.toml`.
#[derive(Clone)]
pub(crate) struct Manifest {
    pub(crate) name: String,
    /// Relative to the workspace's root.
    pub(crate) path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    authors: bool,
    license: bool,
    description: bool,
    docs_rs: bool,
    published: bool,
}

/// A dependency other than a test's.
#[derive(Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// Whether it stands under `[target.….dependencies]`.
    pub(crate) on_some_platforms: bool,
}

/// The workspace around the current directory: its root and its manifests.
pub(crate) fn read() -> Result<(PathBuf, Vec<Manifest>)> {
    let metadata = MetadataCommand::new()
        .no_deps()
        .exec()
        .context("`cargo metadata` failed")?;
    let root = metadata.workspace_root.into_std_path_buf();
    let packages = metadata.packages.iter();
    let manifests = packages.map(|package| manifest(&root, package)).collect();
    Ok((root, manifests))
}

fn manifest(root: &Path, package: &Package) -> Manifest {
    let path = package.manifest_path.as_std_path();
    let dependencies = package.dependencies.iter();
    Manifest {
        name: package.name.to_string(),
        path: path.strip_prefix(root).unwrap_or(path).to_owned(),
        dependencies: dependencies
            .filter(|dependency| dependency.kind != DependencyKind::Development)
            .map(|dependency| Dependency {
                name: dependency.name.clone(),
                on_some_platforms: dependency.target.is_some(),
            })
            .collect(),
        authors: !package.authors.is_empty(),
        license: package.license.is_some(),
        description: package.description.is_some(),
        docs_rs: package.metadata.pointer("/docs/rs").is_some(),
        // `publish = false` is an empty list of registries.
        published: package.publish.as_ref().is_none_or(|to| !to.is_empty()),
    }
}

pub(super) fn check(manifests: &[Manifest]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for manifest in manifests {
        let fields = [
            ("authors", manifest.authors),
            ("license", manifest.license),
            ("description", manifest.description),
            (
                "[package.metadata.docs.rs]",
                manifest.docs_rs || !manifest.published,
            ),
        ];
        for (field, _) in fields.iter().filter(|(_, present)| !present) {
            let message = format!("{} has no {field}; add it", manifest.name);
            findings.push(Finding::new(&manifest.path, 1, RULE, message));
        }
    }
    findings
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A complete manifest for a test to spoil.
    pub(crate) fn complete(name: &str, dependencies: &[&str]) -> Manifest {
        let dependencies = dependencies.iter().map(|name| Dependency {
            name: (*name).to_owned(),
            on_some_platforms: false,
        });
        Manifest {
            name: name.to_owned(),
            path: Path::new("crates").join(name).join("Cargo.toml"),
            dependencies: dependencies.collect(),
            authors: true,
            license: true,
            description: true,
            docs_rs: true,
            published: true,
        }
    }

    #[test]
    fn missing_fields_are_found() {
        assert!(check(&[complete("a", &[])]).is_empty());
        let spoil: [fn(&mut Manifest); 4] = [
            |manifest| manifest.authors = false,
            |manifest| manifest.license = false,
            |manifest| manifest.description = false,
            |manifest| manifest.docs_rs = false,
        ];
        for spoil in spoil {
            let mut manifest = complete("a", &[]);
            spoil(&mut manifest);
            assert_eq!(check(&[manifest]).len(), 1);
        }
    }

    #[test]
    fn what_is_not_published_needs_no_docs_rs() {
        let mut manifest = complete("xtask", &[]);
        manifest.docs_rs = false;
        manifest.published = false;
        assert!(check(&[manifest]).is_empty());
    }

    #[test]
    fn this_workspace_reads() {
        let (root, manifests) = read().unwrap();
        assert!(root.join("xtask/src/tidy/manifests.rs").exists());
        let named = |name: &str| manifests.iter().find(|manifest| manifest.name == name);
        let sys = named("stayput-sys").unwrap();
        assert_eq!(sys.path, Path::new("crates/stayput-sys/Cargo.toml"));
        assert!(sys.license && sys.published && !named("xtask").unwrap().published);
    }
}
