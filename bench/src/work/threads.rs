//! The same from two threads at once.

use super::live::{check_promise, hold};
use super::{Outcome, ROOM};
use crate::clock::{self, median, nanoseconds};
use crate::peer::{Peer, Refusal, Work};
use crate::sample::Sample;
use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

pub(crate) struct Threads;

impl Work for Threads {
    type Outcome = Outcome;

    /// The rate of two threads as a multiple of one's, in turns; the median.
    fn run<P: Peer>(&self) -> Outcome {
        P::prepare(ROOM)?;
        if P::NAME != crate::peers::Control::NAME {
            check_promise::<P>(LEN)?;
        }
        let one = clock::per_call(|number| operation::<P>(number))?;
        let calls = (SLICE / one).ceil() as u64;
        let mut scalings = Vec::new();
        for _ in 0..TURNS {
            let alone = rate::<P>(1, calls)?;
            scalings.push(rate::<P>(2, calls)? / alone);
        }
        Ok(Sample::of([("scaling", median(&mut scalings))]))
    }
}

/// Operations in a nanosecond, of all threads together.
fn rate<P: Peer>(threads: usize, calls: u64) -> Result<f64, Refusal> {
    let barrier = &Barrier::new(threads);
    thread::scope(|scope| {
        let work = move || {
            let run = |calls| (0..calls).try_for_each(operation::<P>);
            run(calls / 10 + 1)?; // a thread's first secrets find nothing ready
            barrier.wait();
            // By the clock on the wall: waiting for each other is what is asked for.
            let start = Instant::now();
            run(calls)?;
            Ok(calls as f64 / nanoseconds(start.elapsed()))
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let rates = handles.into_iter().map(|handle| {
            let panicked = |_| Refusal::new("a thread panicked");
            handle.join().map_err(panicked)?
        });
        rates.sum()
    })
}

#[inline]
fn operation<P: Peer>(number: u64) -> Result<(), Refusal> {
    hold::<P>(black_box(LEN), number as usize).map(drop)
}

const LEN: usize = 32;
const TURNS: usize = 5;
/// Nanoseconds.
const SLICE: f64 = 10e6;
