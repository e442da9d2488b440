//! Memory given back after use, and shared between sizes. Ours alone has a `trim`.

use super::{Outcome, fill, unseen};
use crate::observe::locked_bytes;
use crate::peer::Refusal;
use crate::sample::Sample;
use stayput::pool::Pool;
use stayput::secret::{Secret, SecretBytes};

/// Locked bytes after each step of a process-wide pool's life.
pub(crate) fn give_back() -> Outcome {
    let locked = || locked_bytes().map(|bytes| bytes as f64).map_err(unseen);
    let before = locked()?;
    drop(one(0)?);
    let step = locked()? - before; // one secret made the pool grow by one step
    drop((0..COUNT).map(one).collect::<Result<Vec<_>, _>>()?);
    let peak = locked()? - before;
    // As many bytes again, of another size: the first ones' pages must serve.
    let others = (0..COUNT / 4).map(|_| SecretBytes::try_init_with(128, |b| fill(b, 1)));
    drop(
        others
            .collect::<Result<Vec<_>, _>>()
            .map_err(Refusal::new)?,
    );
    let reused = locked()? - before;
    Pool::global().trim();
    let kept = locked()? - before;
    Ok(Sample::of([
        ("step KiB", step / 1024.0),
        ("peak KiB", peak / 1024.0),
        ("growth by another size KiB", (reused - peak) / 1024.0),
        ("kept after trim, in steps", kept / step),
    ]))
}

fn one(number: usize) -> Result<Secret<[u8; 32]>, Refusal> {
    Secret::try_init_with(|place: &mut [u8; 32]| fill(place, number as u8)).map_err(Refusal::new)
}

const COUNT: usize = 1_000_000;
