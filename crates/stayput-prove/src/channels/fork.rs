//! What a fork child sees where its parent's secrets lie.

use super::{Outcomes, directory, outcomes};
use crate::janitor::Janitor;
use crate::marker::Seed;
use crate::report::Outcome;
use crate::victim::Victim;
use std::io;

pub(super) fn run(seed: Seed, janitor: &Janitor) -> io::Result<Outcomes> {
    let mut victim = Victim::start(seed, &directory(janitor)?, janitor, |_| Ok(()))?;
    let said = victim.tell("fork")?;
    Ok(outcomes(&victim, |storage, _| {
        let row = storage.index().to_string();
        let seen = said.iter().find_map(|line| match line.split_once(' ') {
            Some((index, seen)) if index == row => Some(seen),
            _ => None,
        });
        match seen {
            Some("marker") => Outcome::Leaked("the child reads the marker".into()),
            Some(seen @ ("zeros" | "EFAULT")) => Outcome::Safe(format!("the child reads: {seen}")),
            other => Outcome::Skipped(format!("the child said {other:?}")),
        }
    }))
}
