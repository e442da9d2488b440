//! The work, one file for each line of the table.

mod budget;
mod churn;
mod elsewhere;
mod give_back;
mod guarded;
mod live;
mod million;
mod pages;
mod replace;
mod threads;
mod wipe;

pub(crate) use budget::Budget;
pub(crate) use churn::{Churn, Length};
pub(crate) use elsewhere::Elsewhere;
pub(crate) use give_back::give_back;
pub(crate) use guarded::{GUARDS, borrow_and_return};
pub(crate) use million::Million;
pub(crate) use pages::{LOCKERS, lock_and_touch};
pub(crate) use replace::Replace;
pub(crate) use threads::Threads;
pub(crate) use wipe::{WIPERS, wipe};

use crate::peer::{Peer, Refusal};
use crate::sample::Sample;
use std::hint::black_box;

/// For pools of fixed size, where few secrets live at once: bytes.
const ROOM: usize = 256 << 10;

/// What each work ends in.
pub(crate) type Outcome = Result<Sample, Refusal>;

/// The one way in which all of them write: each byte of what they are given.
#[inline]
fn fill(bytes: &mut [u8], value: u8) {
    bytes.fill(value);
    black_box(bytes.as_mut_ptr()); // the bytes may be read from here on
}

/// Refuses for a library that can only do the simplest work.
fn several_at_once<P: Peer>() -> Result<(), Refusal> {
    P::ONE_AT_A_TIME.map_or(Ok(()), |why| Err(Refusal::new(why)))
}

/// Looking at the kernel's files failed: no result is better than a wrong one.
fn unseen(error: anyhow::Error) -> Refusal {
    Refusal(format!("not measured: {error:#}"))
}
