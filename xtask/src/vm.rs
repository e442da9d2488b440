//! What guests on kernels of their own say: collected, and judged.

mod matrix;

use crate::cell::{Cell, failures};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::PathBuf;

/// The version of the form of collected cells.
const SCHEMA: u32 = 1;
const PASSED: &str = "passed";

/// One boot of a guest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Boot {
    schema: u32,
    pub(crate) guest: String,
    pub(crate) release: String,
    pub(crate) seconds: u64,
    /// `passed`, or why not.
    pub(crate) verdict: String,
    pub(crate) results: Vec<Cell>,
}

/// Prints what a guest's log, on standard input, holds.
pub(crate) fn collect(
    guest: &str,
    release: &str,
    seconds: &str,
    verdict: &str,
) -> Result<Vec<String>> {
    let log = io::read_to_string(io::stdin()).context("reading the log")?;
    let boot = Boot {
        schema: SCHEMA,
        guest: guest.to_owned(),
        release: release.to_owned(),
        seconds: seconds.parse().context("the number of seconds")?,
        verdict: verdict.to_owned(),
        results: results(&log)?,
    };
    println!("{}", serde_json::to_string(&boot)?);
    Ok(Vec::new())
}

/// Prints collected cells as a table; what is wrong with them.
pub(crate) fn matrix(files: &[PathBuf]) -> Result<Vec<String>> {
    let boots = read(files)?;
    let cells: Vec<_> = boots.iter().flat_map(|boot| &boot.results).collect();
    println!("{}", matrix::render(&cells));
    let seconds: u64 = boots.iter().map(|boot| boot.seconds).sum();
    let boots_failed = boots.iter().filter(|boot| boot.verdict != PASSED);
    let mut failed: Vec<_> = boots_failed
        .map(|boot| {
            let Boot { guest, release, .. } = boot;
            format!("{guest} on {release}: {}", boot.verdict)
        })
        .collect();
    let cells: Vec<Cell> = cells.into_iter().cloned().collect();
    failed.extend(failures(&cells));
    println!(
        "{} boots, {} cells, {} controls, {} failures; {seconds} s of boots",
        boots.len(),
        cells.len(),
        cells.iter().filter(|cell| cell.is_control).count(),
        failed.len(),
    );
    Ok(failed)
}

pub(crate) fn read(files: &[PathBuf]) -> Result<Vec<Boot>> {
    let read = |file: &PathBuf| {
        let name = file.display();
        let text = fs::read_to_string(file).with_context(|| format!("reading {name}"))?;
        serde_json::from_str(&text).with_context(|| format!("{name} holds no boot"))
    };
    files.iter().map(read).collect()
}

fn results(log: &str) -> Result<Vec<Cell>> {
    let lines = log.lines().filter_map(|line| line.strip_prefix("RESULT "));
    lines
        .map(|json| serde_json::from_str(json).with_context(|| format!("a broken result: {json}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::tests::cell;

    #[test]
    fn results_are_taken_from_a_log_and_broken_ones_are_not_passed_over() {
        let good = cell("swap", "heap", ["found", "found"]);
        let json = serde_json::to_string(&good).expect("serializable");
        let log = format!("booting\nRESULT {json}\nGUEST ENDED 0\n");
        assert_eq!(results(&log).expect("a good log"), [good]);
        assert!(results(&log.replace("\"subject\"", "\"sub[ 1.2] oops")).is_err());
        assert!(results("").expect("an empty log").is_empty());
    }
}
