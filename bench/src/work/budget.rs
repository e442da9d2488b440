//! How many secrets of 32 bytes fit under a limit, without privilege.

use super::live::{hold, intact};
use super::{Outcome, several_at_once, unseen};
use crate::observe::LockedRanges;
use crate::peer::{Peer, Refusal, Work};
use crate::sample::Sample;
use anyhow::{Context, Result};
use caps::{CapSet, Capability};

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
        let refusal = loop {
            match hold::<P>(LEN, held.len()) {
                Ok(secret) => held.push(secret),
                Err(Refusal(why)) => break Some(why),
            }
            if held.len() > wanted {
                break None; // more than the limit allows: some are not locked
            }
        };
        intact::<P>(&held, |index| index)?;
        let ranges = LockedRanges::now().map_err(unseen)?;
        let locked = held
            .iter()
            .filter(|held| P::read(held, |bytes| ranges.hold(bytes)));
        let locked = locked.count();
        let mut sample = Sample::of([
            ("locked secrets", locked as f64),
            ("unlocked secrets", (held.len() - locked) as f64),
        ]);
        sample.refusal = refusal;
        Ok(sample)
    }
}

/// Makes the limit count: root is above it. Growth of the limit stays impossible too.
fn confine(limit: u64) -> Result<()> {
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
