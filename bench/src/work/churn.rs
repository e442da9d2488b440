//! One secret at a time: create in place, drop.

use super::live::{check_promise, hold, one_locked};
use super::{Outcome, ROOM};
use crate::clock;
use crate::peer::{Peer, Refusal, Work};
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
        match self.length {
            Length::Constant => self.each::<P>(|number| hold::<P>(LEN, number as usize).map(drop)),
            Length::RunTime => {
                self.each::<P>(|number| hold::<P>(black_box(LEN), number as usize).map(drop))
            }
        }
    }
}

impl Churn {
    fn each<P: Peer>(&self, mut operation: impl FnMut(u64) -> Result<(), Refusal>) -> Outcome {
        if let Some(times) = self.times {
            clock::run(&mut operation, times)?;
            return Ok(Sample::default());
        }
        check_promise::<P>(LEN)?;
        let locked = one_locked::<P>(LEN)?;
        let time = clock::per_call(operation)?;
        Ok(Sample::of([("time", time)]).locked(locked))
    }
}

const LEN: usize = 32;
