//! Everybody's turn, again and again: each sample is a process of its own, and the
//! contestants follow each other within each round, so that whatever else the machine
//! does meets all of them.

use crate::clock::median;
use crate::peers::OURS;
use crate::rows::{Row, Scale};
use crate::sample::Sample;
use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use wait_timeout::ChildExt as _;

/// How a row is to be run.
pub(crate) struct Settings {
    pub(crate) rounds: usize,
    /// Names to keep; empty for all. The yardstick always runs.
    pub(crate) only: Vec<String>,
}

impl Settings {
    pub(crate) fn keeps(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == name)
    }
}

/// One contestant's results in a row.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) name: &'static str,
    pub(crate) samples: Vec<Sample>,
    /// By figure, in the figure's scale.
    pub(crate) figures: BTreeMap<&'static str, Spread>,
}

/// The middle half of a figure's values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

/// Runs all rounds of a row.
pub(crate) fn run(row: &Row, settings: &Settings, bar: &ProgressBar) -> Result<Vec<Standing>> {
    let mut names = (row.contestants)();
    let Some(&first) = names.first() else {
        return Ok(Vec::new()); // built without the libraries of this row
    };
    names.retain(|&name| name == first || settings.keeps(name));
    let mut entrants: Vec<Entrant> = names.into_iter().map(Entrant::new).collect();
    for entrant in &mut entrants {
        entrant.leads = entrant.name == first || entrant.name == OURS;
    }
    bar.set_length(settings.rounds as u64);
    bar.set_message(row.id);
    for round in 0..settings.rounds {
        let count = entrants.len();
        for turn in 0..count {
            // Nobody always follows the same one.
            let entrant = &mut entrants[(round + turn) % count];
            if entrant.takes_part(round) {
                entrant.sample(row, round)?;
            }
        }
        bar.set_position(round as u64 + 1);
    }
    Ok(standings(row, entrants))
}

struct Entrant {
    name: &'static str,
    /// With the round each was taken in.
    samples: Vec<(usize, Sample)>,
    /// The yardstick, or ours.
    leads: bool,
    slow: bool,
}

impl Entrant {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            samples: Vec::new(),
            leads: false,
            slow: false,
        }
    }

    /// Who refused is not asked again, and of the others the slow a few times only.
    fn takes_part(&self, round: usize) -> bool {
        let refused = self.samples.iter().any(|(_, s)| s.figures.is_empty());
        !refused && (!self.slow || self.leads || round < ROUNDS_OF_THE_SLOW)
    }

    fn sample(&mut self, row: &Row, round: usize) -> Result<()> {
        let start = Instant::now();
        let sample = in_own_process(row.id, self.name)?;
        self.slow |= start.elapsed() > SLOW;
        self.samples.push((round, sample));
        Ok(())
    }

    /// What this contestant had in that round.
    fn value(&self, round: usize, figure: &str) -> Option<f64> {
        let (_, sample) = self.samples.iter().find(|(at, _)| *at == round)?;
        sample.figures.get(figure).copied()
    }
}

/// Our own program, asked for one sample.
fn in_own_process(row: &str, name: &str) -> Result<Sample> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["sample", row, name])
        // Without mappings left, a backtrace's allocations end in a deadlock.
        .env("RUST_BACKTRACE", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if child.wait_timeout(PATIENCE)?.is_none() {
        child.kill()?;
        child.wait()?;
        return refused(row, name, format!("did not end within {PATIENCE:?}"));
    }
    // A line of JSON, or of complaint: both fit into the pipes.
    let output = child.wait_with_output()?;
    if output.status.success() {
        return serde_json::from_slice(&output.stdout).with_context(|| {
            format!("{row}: {name}: {}", String::from_utf8_lossy(&output.stdout))
        });
    }
    let said = String::from_utf8_lossy(&output.stderr)
        .trim()
        .replace('\n', " ");
    refused(row, name, format!("{}: {said}", output.status))
}

/// A library that panics, aborts or hangs has refused in its own way. Ours may not.
fn refused(row: &str, name: &str, why: String) -> Result<Sample> {
    if name == OURS {
        bail!("{row}: {name}: {why}");
    }
    Ok(Sample {
        refusal: Some(why),
        ..Sample::default()
    })
}

fn standings(row: &Row, entrants: Vec<Entrant>) -> Vec<Standing> {
    let scaled = |entrant: &Entrant, figure: &'static str, scale: Scale| {
        let values: Vec<f64> = entrant
            .samples
            .iter()
            .filter_map(|&(round, _)| {
                let own = entrant.value(round, figure)?;
                match scale {
                    Scale::Plain => Some(own),
                    Scale::Ratio => Some(own / entrants[0].value(round, figure)?),
                    Scale::Inverse => Some(entrants[0].value(round, figure)? / own),
                }
            })
            .collect();
        Spread::of(values)
    };
    let figures = |entrant: &Entrant| {
        row.figures
            .iter()
            .filter_map(|f| Some((f.name, scaled(entrant, f.name, f.scale)?)))
            .collect()
    };
    entrants
        .iter()
        .map(|entrant| Standing {
            name: entrant.name,
            figures: figures(entrant),
            samples: entrant.samples.iter().map(|(_, s)| s.clone()).collect(),
        })
        .collect()
}

impl Standing {
    /// The smallest share of its secrets that was seen locked.
    pub(crate) fn locked(&self) -> Option<f64> {
        let shares = self.samples.iter().filter_map(|sample| sample.locked);
        shares.min_by(f64::total_cmp)
    }

    /// What it said when it refused.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.samples
            .iter()
            .find_map(|sample| sample.refusal.as_deref())
    }
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        if values.is_empty() {
            return None;
        }
        let median = median(&mut values);
        let quarter = values.len() / 4;
        Some(Self {
            low: values[quarter],
            median,
            high: values[values.len() - 1 - quarter],
        })
    }
}

/// For one sample, start and end included.
const PATIENCE: Duration = Duration::from_secs(60);
const SLOW: Duration = Duration::from_millis(600);
const ROUNDS_OF_THE_SLOW: usize = 3;
