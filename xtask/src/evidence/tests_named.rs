//! The tests that claims rest on, run by name.

use super::claims::{Claims, TESTS};
use crate::cell::{Cell, SKIPPED};
use anyhow::{Context, Result, ensure};
use serde_json::{Map, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

const PASSED: &str = "passed";

/// Runs each target's tests at once; a cell for each test.
pub(super) fn run(root: &Path, claims: &Claims) -> Result<Vec<Cell>> {
    let mut targets: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for test in claims.claims.iter().flat_map(|claim| &claim.tests) {
        let mut parts = test.splitn(3, '/');
        let mut part = || parts.next();
        let parts = part().zip(part()).zip(part());
        let ((package, target), name) =
            parts.with_context(|| format!("{test}: expected PACKAGE/TARGET/NAME"))?;
        targets.entry((package, target)).or_default().insert(name);
    }
    let kernel =
        fs::read_to_string("/proc/sys/kernel/osrelease").context("the kernel's release")?;
    let mut cells = Vec::new();
    for ((package, target), names) in targets {
        let log = log(root, package, target, &names)?;
        for name in names {
            cells.push(Cell {
                experiment: TESTS.to_owned(),
                subject: format!("{package}/{target}/{name}"),
                is_control: false,
                kernel: kernel.trim().to_owned(),
                expected: PASSED.to_owned(),
                observed: observed(&log, name).to_owned(),
                command: command(package, target, name),
                figures: skip(&log, name).map_or_else(Map::new, |line| {
                    Map::from_iter([("skipped".to_owned(), json!(line))])
                }),
            });
        }
    }
    Ok(cells)
}

/// What runs one test again.
fn command(package: &str, target: &str, name: &str) -> String {
    format!("cargo test --package {package} --all-features --test {target} -- --exact {name}")
}

fn log(root: &Path, package: &str, target: &str, names: &BTreeSet<&str>) -> Result<String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(root)
        .args([
            "test",
            "--package",
            package,
            "--all-features",
            "--test",
            target,
        ])
        .args(["--", "--exact", "--show-output"])
        .args(names)
        .output()
        .context("running cargo")?;
    // A test's child says on its own standard error what it skips.
    let [said, erred] = [output.stdout, output.stderr].map(String::from_utf8);
    let (said, erred) = (
        said.context("cargo's output")?,
        erred.context("cargo's errors")?,
    );
    ensure!(
        said.contains("test result:"),
        "{package}/{target} did not run: {erred}"
    );
    Ok(said + &erred)
}

fn observed(log: &str, name: &str) -> &'static str {
    let line = format!("test {name} ... ");
    let outcome = log.lines().find_map(|text| text.strip_prefix(&line));
    match outcome {
        Some("ok") if skip(log, name).is_some() => SKIPPED,
        Some("ok") => PASSED,
        Some(_) => "failed",
        None => "not there",
    }
}

/// A test that can't do its work says so, by name.
fn skip<'a>(log: &'a str, name: &str) -> Option<&'a str> {
    let skipped = format!("SKIPPED {name}");
    let ends = |rest: &str| !rest.starts_with(|next: char| next == '_' || next.is_alphanumeric());
    log.lines()
        .find(|line| line.split(&skipped).skip(1).any(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_passed_only_if_it_ran_to_its_end() {
        let log = "test a ... ok\ntest b ... FAILED\ntest c ... ok\nSKIPPED c: needs root\n";
        let seen = ["a", "b", "c", "d"].map(|name| observed(log, name));
        assert_eq!(seen, [PASSED, "failed", SKIPPED, "not there"]);
    }

    #[test]
    fn a_test_is_not_skipped_by_one_whose_name_begins_alike() {
        let log = "test swap ... ok\ntest swap_area ... ok\nSKIPPED swap_area: needs root\n";
        let seen = ["swap", "swap_area"].map(|name| observed(log, name));
        assert_eq!(seen, [PASSED, SKIPPED]);
    }
}
