//! Secrets that live together, each with its own content.

use super::{fill, unseen};
use crate::observe::LockedRanges;
use crate::peer::{Peer, Refusal};
use std::slice;

/// A secret of `len` bytes, all of which have the `number`'s lowest byte.
#[inline]
pub(super) fn hold<P: Peer>(len: usize, number: usize) -> Result<P::Held, Refusal> {
    P::hold(len, |bytes| fill(bytes, number as u8))
}

/// Checks once what everybody promises: zeros where promised, then what was written.
pub(super) fn check_promise<P: Peer>(len: usize) -> Result<(), Refusal> {
    // One before it, so that not only fresh memory is looked at.
    drop(hold::<P>(len, 0xff)?);
    let mut zero = true;
    let held = P::hold(len, |bytes| {
        // What a heap without that promise hands out is not initialised: not read.
        zero = !P::ZEROED || bytes.iter().all(|&byte| byte == 0);
        fill(bytes, 0xa7);
    })?;
    let kept = P::read(&held, |bytes| {
        bytes.len() == len && bytes.iter().all(|&b| b == 0xa7)
    });
    match (zero, kept) {
        (true, true) => Ok(()),
        (false, _) => Err(Refusal::new("handed out bytes that are not zero")),
        (_, false) => Err(Refusal::new("does not hold what was written")),
    }
}

/// Whether a secret of `len` bytes is locked while it lives: 0 or 1, as a share.
pub(super) fn one_locked<P: Peer>(len: usize) -> Result<f64, Refusal> {
    let held = hold::<P>(len, 1)?;
    locked_share::<P>(slice::from_ref(&held))
}

/// How many of the secrets have every byte locked now.
pub(super) fn count_locked<P: Peer>(held: &[P::Held]) -> Result<usize, Refusal> {
    let ranges = LockedRanges::now().map_err(unseen)?;
    let locked = held
        .iter()
        .filter(|held| P::read(held, |bytes| ranges.hold(bytes.as_ptr(), bytes.len())));
    Ok(locked.count())
}

/// The same as a share of all.
pub(super) fn locked_share<P: Peer>(held: &[P::Held]) -> Result<f64, Refusal> {
    Ok(count_locked::<P>(held)? as f64 / held.len().max(1) as f64)
}

/// Whether each secret still has its own bytes: `expected` says which.
pub(super) fn intact<P: Peer>(
    held: &[P::Held],
    expected: impl Fn(usize) -> usize,
) -> Result<(), Refusal> {
    for (index, held) in held.iter().enumerate() {
        let value = expected(index) as u8;
        if !P::read(held, |bytes| bytes.iter().all(|&byte| byte == value)) {
            return Err(Refusal(format!("secret {index} lost its content")));
        }
    }
    Ok(())
}
