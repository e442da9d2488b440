//! How many secrets of 32 bytes fit under a limit, without privilege.

use super::live::{count_locked, hold, intact};
use super::{Outcome, several_at_once, unseen};
use crate::clock::thread_time;
use crate::peer::{Peer, Refusal, Work};
use crate::sample::Sample;
use anyhow::Context;
use caps::{CapSet, Capability};
use std::time::Duration;

/// A limit in bytes.
pub(crate) struct Budget(pub(crate) u64);

impl Work for Budget {
    type Outcome = Outcome;

    fn run<P: Peer>(&self) -> Outcome {
        several_at_once::<P>()?;
        confine(self.0).map_err(unseen)?;
        let wanted = self.0 as usize / LEN;
        P::prepare(wanted * LEN)?;
        let mut held = Vec::with_capacity(wanted + 1);
        let start = thread_time();
        let (locked, refusal) = loop {
            // Once memory that is not locked was handed out, the work is over: who goes
            // on until the mappings run out could not even be looked at.
            let most = (held.len() + PART).min(wanted + 1);
            let refusal = hold_until::<P>(most, &mut held);
            let locked = count_locked::<P>(&held)?;
            if refusal.is_some() || locked < held.len() {
                break (locked, refusal);
            }
            if thread_time() - start > PATIENCE {
                break (locked, Some(String::from("nothing: given up, too slow")));
            }
        };
        intact::<P>(&held, |index| index)?;
        let mut sample = Sample::of([
            ("locked secrets", locked as f64),
            ("unlocked secrets", (held.len() - locked) as f64),
        ]);
        sample.refusal = refusal;
        Ok(sample)
    }
}

/// Holds secrets until there are `most`, or returns what the library says instead.
fn hold_until<P: Peer>(most: usize, held: &mut Vec<P::Held>) -> Option<String> {
    while held.len() < most {
        match hold::<P>(LEN, held.len()) {
            Ok(secret) => held.push(secret),
            Err(Refusal(why)) => return Some(why),
        }
    }
    None
}

/// Makes the limit count: root is above it. Growth of the limit stays impossible too.
fn confine(limit: u64) -> anyhow::Result<()> {
    for set in [CapSet::Effective, CapSet::Permitted] {
        caps::drop(None, set, Capability::CAP_IPC_LOCK).context("dropping CAP_IPC_LOCK")?;
    }
    let limits = libc::rlimit {
        rlim_cur: limit,
        rlim_max: limit,
    };
    // SAFETY: `limits` is live.
    if unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limits) } != 0 {
        return Err(std::io::Error::last_os_error()).context("setrlimit(RLIMIT_MEMLOCK)");
    }
    Ok(())
}

const LEN: usize = 32;
/// Secrets between two looks at what is locked.
const PART: usize = 4096;
/// Others need a hundredth of it.
const PATIENCE: Duration = Duration::from_secs(5);
