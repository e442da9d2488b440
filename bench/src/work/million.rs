//! A million live secrets of 32 bytes, in a process that starts with none.

use super::live::{hold, intact};
use super::{Outcome, several_at_once, unseen};
use crate::clock::{nanoseconds, timed};
use crate::observe::{locked_bytes, mappings};
use crate::peer::{Peer, Refusal, Work};
use crate::sample::Sample;
use crate::warm::provide;
use std::mem::MaybeUninit;
use std::time::{Duration, Instant};

pub(crate) struct Million;

impl Work for Million {
    type Outcome = Outcome;

    fn run<P: Peer>(&self) -> Outcome {
        several_at_once::<P>()?;
        provide(2 * LEN * COUNT)?;
        let mut held = Vec::with_capacity(COUNT);
        // The handles' own page faults are not the library's.
        held.spare_capacity_mut().fill_with(MaybeUninit::zeroed);
        let locked_before = locked_bytes().map_err(unseen)?;
        let mappings_before = mappings().map_err(unseen)?;
        P::prepare(LEN * COUNT)?;

        let ((), build) = timed(|| build::<P>(&mut held))?;
        let locked = locked_bytes().map_err(unseen)? - locked_before;
        let mappings = mappings().map_err(unseen)?.saturating_sub(mappings_before);
        intact::<P>(&held, |index| index)?;
        let ((), release) = timed(|| {
            drop(held);
            Ok::<_, Refusal>(())
        })?;
        let mut sample = Sample::of([
            ("build", nanoseconds(build)),
            ("drop", nanoseconds(release)),
            ("more mappings", mappings as f64),
        ]);
        // A heap that locks nothing has no figure here, and none that looks good.
        if locked >= (LEN * COUNT) as u64 {
            let mebibytes = locked as f64 / f64::from(1 << 20);
            sample.figures.insert("locked MiB".to_owned(), mebibytes);
            sample.locked = Some(1.0);
        } else {
            sample.locked = Some(locked as f64 / (LEN * COUNT) as f64);
        }
        Ok(sample)
    }
}

fn build<P: Peer>(held: &mut Vec<P::Held>) -> Result<(), Refusal> {
    let start = Instant::now();
    while held.len() < COUNT {
        let end = (held.len() + PART).min(COUNT);
        for number in held.len()..end {
            held.push(hold::<P>(LEN, number).map_err(|Refusal(why)| {
                Refusal(format!("refused after {number} secrets: {why}"))
            })?);
        }
        if start.elapsed() > PATIENCE {
            let reached = held.len();
            return Err(Refusal(format!(
                "given up at {reached} secrets, after a hundred times the yardstick's whole time"
            )));
        }
    }
    Ok(())
}

const LEN: usize = 32;
const COUNT: usize = 1_000_000;
const PART: usize = 1_000;
/// The yardstick needs less than a hundredth of it.
const PATIENCE: Duration = Duration::from_secs(10);
