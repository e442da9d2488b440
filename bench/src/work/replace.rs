//! 10,000 live secrets of mixed sizes, replaced at random.

use super::live::{check_promise, hold, intact, locked_share};
use super::{Outcome, several_at_once, unseen};
use crate::clock::{nanoseconds, thread_time};
use crate::observe::locked_bytes;
use crate::peer::{Peer, Refusal, Work};
use crate::sample::Sample;
use std::time::Duration;

pub(crate) struct Replace;

impl Work for Replace {
    type Outcome = Outcome;

    fn run<P: Peer>(&self) -> Outcome {
        several_at_once::<P>()?;
        let mut random = fastrand::Rng::with_seed(SEED);
        let mut lens: Vec<usize> = (0..LIVE).map(|_| log_uniform(&mut random)).collect();
        let script: Vec<(u32, u32)> = (0..REPLACEMENTS)
            .map(|_| (random.u32(0..LIVE as u32), log_uniform(&mut random) as u32))
            .collect();
        let before = locked_bytes().map_err(unseen)?;
        P::prepare(ROOM)?;
        check_promise::<P>(LEAST)?;
        let mut held = Vec::with_capacity(LIVE);
        for (index, &len) in lens.iter().enumerate() {
            held.push(Some(hold::<P>(len, index)?));
        }
        let time = replace::<P>(&mut held, &mut lens, &script)?;

        let held: Vec<P::Held> = held.into_iter().flatten().collect();
        intact::<P>(&held, |index| index)?;
        let live: usize = lens.iter().sum();
        let locked = locked_share::<P>(&held)?;
        let grown = locked_bytes().map_err(unseen)? - before;
        let mut sample = Sample::of([("time", time)]).locked(locked);
        if locked == 1.0 {
            let density = grown as f64 / live as f64;
            sample.figures.insert("locked/live".to_owned(), density);
        }
        Ok(sample)
    }
}

/// Nanoseconds for each replacement. Slow libraries do fewer.
fn replace<P: Peer>(
    held: &mut [Option<P::Held>],
    lens: &mut [usize],
    script: &[(u32, u32)],
) -> Result<f64, Refusal> {
    let start = thread_time();
    let mut done = 0;
    for part in script.chunks(PART) {
        for &(index, len) in part {
            let (index, len) = (index as usize, len as usize);
            held[index] = None; // wiped and freed
            held[index] = Some(hold::<P>(len, index)?);
            lens[index] = len;
        }
        done += part.len();
        if thread_time() - start > PATIENCE {
            break;
        }
    }
    Ok(nanoseconds(thread_time() - start) / done as f64)
}

/// From 16 to 4,096 bytes, each doubling as often as any other.
fn log_uniform(random: &mut fastrand::Rng) -> usize {
    let len = LEAST as f64 * (MOST as f64 / LEAST as f64).powf(random.f64());
    (len as usize).clamp(LEAST, MOST)
}

const LIVE: usize = 10_000;
const REPLACEMENTS: usize = 1_000_000;
const PART: usize = 1_000;
const PATIENCE: Duration = Duration::from_secs(1);
const LEAST: usize = 16;
const MOST: usize = 4096;
/// For pools of fixed size: twice what lives on the average.
const ROOM: usize = 16 << 20;
const SEED: u64 = 0x5eed;
