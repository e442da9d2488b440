//! Experiments that take a kernel of their own, as the guests in `vm/` run them.
//!
//! What a cell needs is printed as a line with its name in front: `RESULT` for
//! one that is complete, `SEEN` for one whose other half is on the guest's disk.
//! Once the guest has ended, its host scans the disk and completes those.

mod cell;
mod hibernate;
mod image;
mod kcore;
mod swap;

use crate::marker::Seed;
use crate::storage::Storage;
use crate::victim::Victim;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::ExitCode;

const USAGE: &str = "\
usage: guest EXPERIMENT SEED          inside a guest: swap, kcore, hibernate
       guest judge IMAGE SEED <LOG    on its host: completes the lines of a guest
SEED: 32 hex digits, of which all markers are made";

/// Runs an experiment, or judges the disk of one, by the program's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("guest: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &[&str]) -> Result<()> {
    match *args {
        ["judge", image, seed] => image::judge(Path::new(image), seed.parse()?),
        ["swap", seed] => swap::run(seed.parse()?),
        ["kcore", seed] => kcore::run(seed.parse()?),
        ["hibernate", seed] => hibernate::run(seed.parse()?),
        _ => bail!("{USAGE}"),
    }
}

/// A victim that holds its markers. In a guest a storage that can't be had is a
/// failure of the experiment.
fn holding(storage: Storage, seed: Seed) -> Result<Victim> {
    let mut victim = Victim::start(storage, seed, Path::new("/"))?;
    match victim.hold()? {
        Ok(()) => Ok(victim),
        Err(why) => Err(anyhow::Error::msg(why)).with_context(|| storage.title()),
    }
}
