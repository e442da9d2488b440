//! One cell of the matrix, and what is expected of it.

use crate::locking::Locking;
use anyhow::{Error, Result, ensure};
use clap::ValueEnum;
use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// How requests reach the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// io_uring commands of the ublk driver.
    Ublk,
    /// The network block device's protocol over a pair of Unix sockets.
    Nbd,
}

/// What makes the kernel use the daemon's swap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Load {
    /// `memory.reclaim` pushes the daemon's control group out, then a hog works
    /// in one of 32 MiB. Free memory stays ample.
    Reclaim,
    /// A hog wants 48 MiB more than is free.
    Global,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The hog went through its memory as often as it should, and found it whole.
    Survives,
    /// Nothing moves, and a thread of the daemon waits inside a page fault or an
    /// allocation of its own for memory that its own device holds or must take.
    Hangs,
    /// The same, but for memory that is not what the cell is about.
    HangsOtherwise,
    /// Nothing moves, and the daemon's stacks don't say why.
    Stuck,
    /// The daemon or the hog ended otherwise.
    Fails,
}

/// One daemon under one load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// How requests reach the daemon.
    pub transport: Transport,
    /// How it locks its memory.
    pub locking: Locking,
    /// What it has to bear.
    pub load: Load,
}

impl Cell {
    /// The matrix: locking that leaves the table out hangs. Locking is not enough
    /// where the kernel allocates on the daemon's behalf (sockets) and memory is
    /// short everywhere: there it takes real time and the I/O flag, and with real
    /// time alone it depends on the moment (`None`).
    #[must_use]
    pub fn expected(self) -> Option<Outcome> {
        let on_its_behalf = self.transport == Transport::Nbd && self.load == Load::Global;
        match self.locking {
            locking if !locking.holds() => Some(Outcome::Hangs),
            Locking::Fifo if on_its_behalf => None,
            Locking::Profile => Some(Outcome::Survives),
            _ if on_its_behalf => Some(Outcome::Hangs),
            _ => Some(Outcome::Survives),
        }
    }

    /// Whether a run may end like this.
    #[must_use]
    pub fn allows(self, outcome: Outcome) -> bool {
        match self.expected() {
            Some(expected) => outcome == expected,
            None => matches!(outcome, Outcome::Survives | Outcome::Hangs),
        }
    }

    /// Memory for the hog, in MiB, where `available` MiB are left.
    #[must_use]
    pub fn hog_mib(self, available: u64) -> u64 {
        match self.load {
            Load::Reclaim => 64,
            Load::Global => available + 48,
        }
    }
}

impl FromStr for Cell {
    type Err = Error;

    /// `TRANSPORT:LOCKING:LOAD`.
    fn from_str(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        ensure!(parts.len() == 3, "{text}: expected TRANSPORT:LOCKING:LOAD");
        let wrong = |error| Error::msg(format!("{text}: {error}"));
        Ok(Self {
            transport: Transport::from_str(parts[0], false).map_err(wrong)?,
            locking: Locking::from_str(parts[1], false).map_err(wrong)?,
            load: Load::from_str(parts[2], false).map_err(wrong)?,
        })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (transport, locking, load) =
            (name(self.transport), name(self.locking), name(self.load));
        write!(f, "{transport}:{locking}:{load}")
    }
}

/// A value's word on the command line.
pub(crate) fn name(value: impl ValueEnum) -> String {
    value
        .to_possible_value()
        .map_or_else(String::new, |word| word.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_reads_what_it_writes() {
        for text in [
            "ublk:none:reclaim",
            "nbd:then-fork:global",
            "nbd:profile:reclaim",
        ] {
            assert_eq!(text.parse::<Cell>().unwrap().to_string(), text);
        }
        assert!("ublk:none".parse::<Cell>().is_err());
        let error = "ublk:nothing:global"
            .parse::<Cell>()
            .unwrap_err()
            .to_string();
        assert!(error.contains("nothing"), "{error}");
    }

    #[test]
    fn the_profile_is_expected_to_survive_everything() {
        for text in ["ublk:profile:reclaim", "nbd:profile:global"] {
            let cell = text.parse::<Cell>().unwrap();
            assert_eq!(cell.expected(), Some(Outcome::Survives));
        }
    }

    #[test]
    fn real_time_alone_may_hang_but_must_end_in_a_way_that_is_understood() {
        let cell = "nbd:fifo:global".parse::<Cell>().unwrap();
        assert!(cell.allows(Outcome::Hangs) && cell.allows(Outcome::Survives));
        assert!(!cell.allows(Outcome::Stuck) && !cell.allows(Outcome::HangsOtherwise));
    }
}
