//! The house rules that neither the compiler nor clippy checks.
//!
//! Sources are read as tokens, not as text and not as a syntax tree: comments
//! and strings can't confuse a rule, code inside macros is seen, and so is code
//! that the host never compiles (the other platforms' backends). Each rule is a
//! file of its own below, with inputs that it passes and inputs that it finds.
//!
//! What only tests compile (dev-dependencies, `tests/`, `examples/`, build
//! scripts, `#[cfg(test)]` items) is exempt from layering and from the rule on
//! platform cfgs, and so is xtask as a whole from layering: tests may look from
//! outside, and the chores see everything.

mod cycles;
mod dependencies;
mod files;
mod imports;
mod layers;
mod manifests;
mod platform_cfg;
mod safety_comments;
mod source;
mod tokens;
mod unfinished;
mod unsafe_places;

use anyhow::Result;
use std::fmt;
use std::path::{Path, PathBuf};

/// What one run saw.
pub(crate) struct Report {
    pub(crate) sources: usize,
    pub(crate) findings: Vec<Finding>,
}

/// One breach of one rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: PathBuf,
    line: usize,
    rule: &'static str,
    /// What is wrong; what to do.
    message: String,
}

impl Finding {
    fn new(path: &Path, line: usize, rule: &'static str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            message: message.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        write!(f, "{path}:{}: {}: {}", self.line, self.rule, self.message)
    }
}

/// Checks the workspace around the current directory against every rule.
pub(crate) fn run() -> Result<Report> {
    let (root, manifests) = manifests::read()?;
    let sources = source::read_all(&root)?;
    let mut findings = Vec::new();
    for source in &sources {
        findings.extend(files::check(source));
        findings.extend(platform_cfg::check(source));
        findings.extend(safety_comments::check(source));
        findings.extend(unsafe_places::check(source));
        findings.extend(unfinished::check(source));
    }
    findings.extend(unsafe_places::check_forbidden(&sources));
    findings.extend(layers::check_modules(&sources));
    findings.extend(layers::check_crates(&manifests));
    findings.extend(platform_cfg::check_manifests(&manifests));
    findings.extend(cycles::check(&sources));
    findings.extend(manifests::check(&manifests));
    findings.extend(dependencies::check(&root)?);
    findings.sort();
    Ok(Report {
        sources: sources.len(),
        findings,
    })
}
