//! Ours, through the public containers and the process-wide pool.

use crate::peer::{Peer, Refusal};
use stayput::secret::{Secret, SecretBytes};

pub(crate) const NAME: &str = "stayput";

/// 32 bytes, known at compile time.
pub(crate) struct Typed;

/// Any number of bytes.
pub(crate) struct Bytes;

impl Peer for Typed {
    const NAME: &'static str = NAME;
    type Held = Secret<[u8; 32]>;

    #[inline]
    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        debug_assert_eq!(len, 32);
        Secret::try_init_with(|place: &mut [u8; 32]| fill(place)).map_err(Refusal::new)
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(held.expose())
    }
}

impl Peer for Bytes {
    const NAME: &'static str = NAME;
    type Held = SecretBytes;

    #[inline]
    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self::Held, Refusal> {
        SecretBytes::try_init_with(len, fill).map_err(Refusal::new)
    }

    fn read<R>(held: &Self::Held, see: impl FnOnce(&[u8]) -> R) -> R {
        see(held.expose())
    }
}
