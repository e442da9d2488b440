//! What every library that is compared can do: hold bytes, and wipe them after use.

use std::fmt;

/// A way to hold secret bytes. Dropping [`Peer::Held`] wipes and frees them.
pub(crate) trait Peer {
    /// As in the tables.
    const NAME: &'static str;

    /// Whether new bytes are promised to be zero.
    const ZEROED: bool = true;

    /// Why it can take part in nothing but create-and-drop, if so.
    const ONE_AT_A_TIME: Option<&'static str> = None;

    type Held: Send;

    /// Sets the library up for a pool of `bytes`, where it wants to know.
    fn prepare(_bytes: usize) -> Result<(), Refusal> {
        Ok(())
    }

    /// `len` bytes, filled in place.
    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal>;

    /// Shows the bytes.
    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R;
}

/// Why a library did not do the work: its own words where it has some.
#[derive(Clone, Debug)]
pub(crate) struct Refusal(pub(crate) String);

impl Refusal {
    pub(crate) fn new(why: impl fmt::Display) -> Self {
        Self(why.to_string())
    }
}

/// Something to do with each [`Peer`].
pub(crate) trait Work {
    type Outcome;

    fn run<P: Peer>(&self) -> Self::Outcome;
}
