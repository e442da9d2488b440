//! One secret at a time: create in place, drop.

use super::live::{check_promise, hold, one_locked};
use super::{Outcome, ROOM};
use crate::clock;
use crate::peer::{Peer, Work};
use crate::sample::Sample;
use std::hint::black_box;

/// Whether the compiler knows the length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Constant,
    RunTime,
}

pub(crate) struct Churn {
    pub(crate) length: Length,
    /// A fixed number of secrets and no clock, for a profiler.
    pub(crate) times: Option<u64>,
}

impl Work for Churn {
    type Outcome = Outcome;

    fn run<P: Peer>(&self) -> Outcome {
        P::prepare(ROOM)?;
        let constant = |number: u64| hold::<P>(LEN, number as usize).map(drop);
        let run_time = |number: u64| hold::<P>(black_box(LEN), number as usize).map(drop);
        if let Some(times) = self.times {
            match self.length {
                Length::Constant => (0..times).try_for_each(constant)?,
                Length::RunTime => (0..times).try_for_each(run_time)?,
            }
            return Ok(Sample::default());
        }
        check_promise::<P>(LEN)?;
        let locked = one_locked::<P>(LEN)?;
        let time = match self.length {
            Length::Constant => clock::per_call(constant)?,
            Length::RunTime => clock::per_call(run_time)?,
        };
        Ok(Sample::of([("time", time)]).locked(locked))
    }
}

const LEN: usize = 32;
