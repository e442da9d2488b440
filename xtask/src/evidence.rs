//! `docs/evidence.md`: what README.md and SECURITY.md claim, and what was seen.
//!
//! `docs/evidence/claims.json` says which experiments a claim rests on,
//! `docs/evidence/cells.json` what they last saw. Page and picture follow from
//! these two; a test compares.

mod claims;
mod page;
mod picture;
mod record;
mod runs;
mod tests_named;

use anyhow::{Context, Result};
use claims::Claims;
use record::Record;
use std::fs;
use std::path::{Path, PathBuf};

const CLAIMS: &str = "docs/evidence/claims.json";
const RECORD: &str = "docs/evidence/cells.json";
const PAGE: &str = "docs/evidence.md";
const PICTURE: &str = "docs/evidence/matrix.svg";

/// Writes page and picture; what contradicts a claim, and which links are dead.
pub(crate) fn write() -> Result<Vec<String>> {
    let root = root()?;
    let (claims, record) = (Claims::read(&root)?, Record::read(&root)?);
    put(&root, PAGE, &page::render(&claims, &record))?;
    put(&root, PICTURE, &picture::draw(&record.cells))?;
    let mut findings = claims.dead_links(&root)?;
    findings.extend(claims.contradictions(&record));
    Ok(findings)
}

/// Runs the tests that claims rest on and prints their cells.
pub(crate) fn test() -> Result<Vec<String>> {
    let root = root()?;
    let cells = tests_named::run(&root, &Claims::read(&root)?)?;
    println!("{}", serde_json::json!({ "results": cells }));
    Ok(Vec::new())
}

/// Takes over the cells of runs.
pub(crate) fn collect(files: &[PathBuf]) -> Result<Vec<String>> {
    let mut cells = Vec::new();
    for file in files {
        let name = file.display();
        let text = fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
        let run = serde_json::from_str(&text).with_context(|| format!("{name} is no JSON"))?;
        cells.extend(runs::cells(run).with_context(|| format!("understanding {name}"))?);
    }
    let root = root()?;
    let record = Record::new(&root, cells)?;
    put(&root, RECORD, &record.to_json()?)?;
    println!("{RECORD}: {} cells", record.cells.len());
    Ok(Vec::new())
}

fn put(root: &Path, file: &str, text: &str) -> Result<()> {
    fs::write(root.join(file), text).with_context(|| format!("writing {file}"))
}

/// The root of the workspace.
fn root() -> Result<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    Ok(root.context("xtask lies in the workspace")?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn committed(file: &str) -> String {
        fs::read_to_string(root().expect("a root").join(file)).expect(file)
    }

    #[test]
    fn the_page_is_what_the_record_says() {
        let root = root().expect("a root");
        let claims = Claims::read(&root).expect("claims");
        let record = Record::read(&root).expect("a record");
        let again = "run `cargo xtask evidence`";
        assert!(committed(PAGE) == page::render(&claims, &record), "{again}");
        assert!(
            committed(PICTURE) == picture::draw(&record.cells),
            "{again}"
        );
    }

    #[test]
    fn every_claim_is_linked_where_it_is_made_and_every_link_leads_to_one() {
        let root = root().expect("a root");
        let claims = Claims::read(&root).expect("claims");
        assert_eq!(claims.dead_links(&root).expect("documents"), [""; 0]);
    }

    #[test]
    fn nothing_that_was_seen_contradicts_a_claim() {
        let root = root().expect("a root");
        let claims = Claims::read(&root).expect("claims");
        let record = Record::read(&root).expect("a record");
        assert_eq!(claims.contradictions(&record), [""; 0]);
    }
}
