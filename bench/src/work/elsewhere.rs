//! Freed on another thread than allocated.

use super::live::{check_promise, hold, one_locked};
use super::{Outcome, ROOM, several_at_once};
use crate::clock::{nanoseconds, thread_time};
use crate::peer::{Peer, Refusal, Work};
use crate::sample::Sample;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

pub(crate) struct Elsewhere;

impl Work for Elsewhere {
    type Outcome = Outcome;

    /// One thread fills batches, the other drops them, both running; their running
    /// time for each secret, without waiting for each other.
    fn run<P: Peer>(&self) -> Outcome {
        several_at_once::<P>()?;
        P::prepare(ROOM)?;
        check_promise::<P>(LEN)?;
        let locked = one_locked::<P>(LEN)?;
        let (full, incoming) = sync_channel(DEPTH);
        let (empty, returned) = sync_channel(DEPTH + 2);
        thread::scope(|scope| {
            let dropper = scope.spawn(move || empty_batches(&incoming, &empty));
            let (count, filling) = fill_batches::<P>(full, &returned)?;
            let panicked = |_| Refusal::new("a thread panicked");
            let emptying = dropper.join().map_err(panicked)?;
            let time = nanoseconds(filling + emptying) / count as f64;
            Ok(Sample::of([("time", time)]).locked(locked))
        })
    }
}

/// Fills for a while, the first batches for warming up; the number of secrets made in
/// all, and the time. Hanging up ends the other side.
fn fill_batches<P: Peer>(
    full: SyncSender<Vec<P::Held>>,
    returned: &Receiver<Vec<P::Held>>,
) -> Result<(usize, Duration), Refusal> {
    let start = thread_time();
    let mut batches = 0;
    while batches < 8 || thread_time() - start < SLICE {
        // Batches are used again, so that the heap of `Vec`s is not measured too.
        let mut batch = returned
            .try_recv()
            .unwrap_or_else(|_| Vec::with_capacity(BATCH));
        for number in 0..BATCH {
            batch.push(hold::<P>(LEN, number)?);
        }
        let gone = |_| Refusal::new("the other thread is gone");
        full.send(batch).map_err(gone)?;
        batches += 1;
    }
    Ok((batches * BATCH, thread_time() - start))
}

fn empty_batches<T>(incoming: &Receiver<Vec<T>>, empty: &SyncSender<Vec<T>>) -> Duration {
    let start = thread_time();
    for mut batch in incoming {
        batch.clear();
        // The other side may have hung up already; then nobody needs the batch.
        let _ = empty.try_send(batch);
    }
    thread_time() - start
}

const LEN: usize = 32;
/// So many that waking the other thread, which is no library's work, takes little of the time.
const BATCH: usize = 1024;
const DEPTH: usize = 4;
const SLICE: Duration = Duration::from_millis(15);
