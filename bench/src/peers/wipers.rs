//! Libraries that wipe the ordinary heap and lock nothing.

use crate::peer::{Peer, Refusal};
use secrecy::{ExposeSecret, SecretBox, SecretSlice};
use zeroize::Zeroizing;

pub(crate) struct Zeroize;
pub(crate) struct ZeroizeTyped;
pub(crate) struct Secrecy;
pub(crate) struct SecrecyTyped;

impl Peer for ZeroizeTyped {
    const NAME: &'static str = "zeroize";
    type Held = Box<Zeroizing<[u8; 32]>>;

    #[inline]
    fn hold(_len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        let mut held = Box::new(Zeroizing::new([0; 32]));
        fill(&mut held[..]);
        Ok(held)
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(&held[..])
    }
}

impl Peer for Zeroize {
    const NAME: &'static str = "zeroize";
    type Held = Zeroizing<Vec<u8>>;

    #[inline]
    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        let mut held = Zeroizing::new(vec![0; len]);
        fill(&mut held);
        Ok(held)
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(held)
    }
}

impl Peer for SecrecyTyped {
    const NAME: &'static str = "secrecy";
    type Held = SecretBox<[u8; 32]>;

    #[inline]
    fn hold(_len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        Ok(SecretBox::init_with_mut(|place: &mut [u8; 32]| fill(place)))
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(held.expose_secret())
    }
}

impl Peer for Secrecy {
    const NAME: &'static str = "secrecy";
    type Held = SecretSlice<u8>;

    #[inline]
    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        let mut bytes = vec![0; len];
        fill(&mut bytes);
        Ok(bytes.into())
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(held.expose_secret())
    }
}
