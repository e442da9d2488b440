//! The key of this process.

use super::SealError;
use crate::limits::{Cause, LockError, Operation, Protection};
use crate::pool::{Backing, PerProcess, Pool};
use crate::secret::Secret;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};
use std::sync::atomic::{AtomicU64, Ordering};

/// A key that one process uses, and no other: a fork child draws its own.
pub(super) struct Key {
    /// No ancestor's key has the same.
    pub(super) id: u64,
    bytes: Secret<[u8; 32]>,
    /// How often it has sealed: the next nonce.
    sealed: AtomicU64,
}

impl Key {
    /// This process's key, drawn at first use.
    pub(super) fn current() -> Result<&'static Self, SealError> {
        static KEY: PerProcess<Key> = PerProcess::new();
        KEY.get_or_try_make(Self::draw).unwrap_or_else(|| {
            Err(LockError::new(Operation::Map, None, None, Cause::OutOfMemory).into())
        })
    }

    fn draw() -> Result<Self, SealError> {
        let mut bytes = place()?;
        getrandom::fill(bytes.expose_mut()).map_err(|error| SealError::Random(error.into()))?;
        Ok(Self {
            id: next_id(),
            bytes,
            sealed: AtomicU64::new(0),
        })
    }

    /// A nonce that this key has not had: a count, which no process lives to
    /// exhaust, and which a fork child can't repeat, since it has another key.
    pub(super) fn next_nonce(&self) -> Nonce {
        let mut nonce = Nonce::default();
        let count = self.sealed.fetch_add(1, Ordering::Relaxed);
        nonce[..8].copy_from_slice(&count.to_le_bytes());
        nonce
    }

    /// The cipher. It holds a copy of the key, which it wipes when dropped.
    pub(super) fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(self.bytes.expose().into())
    }

    pub(super) fn protection(&self) -> Protection {
        self.bytes.protection()
    }
}

/// Memory that the kernel itself does not map, else locked memory.
fn place() -> Result<Secret<[u8; 32]>, SealError> {
    let hidden = Pool::builder().backing(Backing::SecretMem).build();
    Secret::try_init_with_in(|_| {}, &hidden)
        .or_else(|_| Secret::try_init_with(|_| {}))
        .map_err(SealError::Lock)
}

/// Counts on in a fork child: siblings may share a number, but hand each other
/// nothing that is sealed.
fn next_id() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed) + 1
}
