//! The secrets crate: libsodium's allocator, inaccessible between borrows.

use crate::peer::{Peer, Refusal};
use secrets::{SecretBox, SecretVec};

const NAME: &str = "secrets";

pub(crate) struct Typed;
pub(crate) struct Bytes;

impl Peer for Typed {
    const NAME: &'static str = NAME;
    const ZEROED: bool = false; // 0xdb
    type Held = SecretBox<[u8; 32]>;

    fn hold(_len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        Ok(SecretBox::new(|place: &mut [u8; 32]| fill(place)))
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(&*held.borrow())
    }
}

impl Peer for Bytes {
    const NAME: &'static str = NAME;
    const ZEROED: bool = false; // 0xdb
    type Held = SecretVec<u8>;

    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        Ok(SecretVec::new(len, fill))
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(&held.borrow())
    }
}
