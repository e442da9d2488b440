//! The dryoc crate's protected memory: pages between guards.

use crate::peer::{Peer, Refusal};
use dryoc::protected::{HeapByteArray, HeapBytes, Locked, LockedBytes, NewLocked};
use dryoc::types::{Bytes as _, MutBytes as _, ResizableBytes as _};

const NAME: &str = "dryoc";

pub(crate) struct Typed;
pub(crate) struct Bytes;

impl Peer for Typed {
    const NAME: &'static str = NAME;
    type Held = Locked<HeapByteArray<32>>;

    fn hold(_len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        let mut held = HeapByteArray::<32>::new_locked().map_err(Refusal::new)?;
        fill(held.as_mut_slice());
        Ok(held)
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(held.as_slice())
    }
}

impl Peer for Bytes {
    const NAME: &'static str = NAME;
    type Held = LockedBytes;

    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        let mut held = HeapBytes::new_locked().map_err(Refusal::new)?;
        held.resize(len, 0);
        fill(held.as_mut_slice());
        Ok(held)
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(held.as_slice())
    }
}
