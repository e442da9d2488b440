//! Bytes of any length.

use crate::limits::{LockError, Protection};
use crate::pool::{Block, Pool};
use std::fmt;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes in locked memory. Growing moves them and wipes where they were.
///
/// ```
/// # fn main() -> Result<(), stayput::LockError> {
/// use stayput::SecretBytes;
/// let mut input = b"from elsewhere".to_vec();
/// let mut secret = SecretBytes::take_from(&mut input)?;
/// assert!(input.iter().all(|&byte| byte == 0)); // the source is wiped
/// secret.try_extend_from_slice(b" and more")?;
/// assert_eq!(secret.expose(), b"from elsewhere and more");
/// # Ok(()) }
/// ```
pub struct SecretBytes {
    block: Block,
    len: usize,
}

impl SecretBytes {
    /// No bytes, in the process-wide pool.
    ///
    /// # Errors
    /// [`LockError`] with the limit in the way.
    pub fn try_new() -> Result<Self, LockError> {
        Self::try_with_capacity_in(0, Pool::global())
    }

    /// No bytes, with room for `capacity` before the first move, in `pool`.
    ///
    /// # Errors
    /// As [`SecretBytes::try_new`].
    pub fn try_with_capacity_in(capacity: usize, pool: &Pool) -> Result<Self, LockError> {
        Ok(Self {
            block: pool.block(capacity)?,
            len: 0,
        })
    }

    /// `len` bytes in the process-wide pool, filled in place; they start as zeros.
    ///
    /// # Errors
    /// As [`SecretBytes::try_new`]; `fill` is then not called.
    #[inline]
    pub fn try_init_with(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self, LockError> {
        Self::try_init_with_in(len, fill, Pool::global())
    }

    /// `len` bytes in `pool`, filled in place; they start as zeros.
    ///
    /// # Errors
    /// As [`SecretBytes::try_init_with`].
    #[inline]
    pub fn try_init_with_in(
        len: usize,
        fill: impl FnOnce(&mut [u8]),
        pool: &Pool,
    ) -> Result<Self, LockError> {
        let mut block = pool.block(len)?;
        fill(block.as_mut_slice());
        Ok(Self { block, len })
    }

    /// Copies the bytes in and wipes the source, its spare capacity included.
    /// The vector is left empty.
    ///
    /// # Errors
    /// As [`SecretBytes::try_new`]; the source is then as it was.
    pub fn take_from(source: &mut Vec<u8>) -> Result<Self, LockError> {
        Self::take_from_in(source, Pool::global())
    }

    /// As [`SecretBytes::take_from`], in `pool`.
    ///
    /// # Errors
    /// As [`SecretBytes::take_from`].
    pub fn take_from_in(source: &mut Vec<u8>, pool: &Pool) -> Result<Self, LockError> {
        let taken =
            Self::try_init_with_in(source.len(), |bytes| bytes.copy_from_slice(source), pool)?;
        source.zeroize();
        Ok(taken)
    }

    /// Appends bytes; the caller answers for the source.
    ///
    /// # Errors
    /// [`LockError`] where room is needed and the pool can't grow; the content
    /// is then as it was.
    pub fn try_extend_from_slice(&mut self, more: &[u8]) -> Result<(), LockError> {
        self.try_reserve(more.len())?;
        let end = self.len + more.len();
        self.block.as_mut_slice()[self.len..end].copy_from_slice(more);
        self.len = end;
        Ok(())
    }

    /// Makes room for `additional` bytes more, so that adding them moves nothing. A
    /// move doubles the room where the pool can grow so far, and wipes where the bytes
    /// were.
    ///
    /// # Errors
    /// As [`SecretBytes::try_extend_from_slice`].
    pub fn try_reserve(&mut self, additional: usize) -> Result<(), LockError> {
        let end = self.len.saturating_add(additional);
        if end > self.block.len() {
            let (pool, twice) = (self.block.pool(), self.block.len().saturating_mul(2));
            let mut larger = match pool.block(end.max(twice)) {
                Err(_) if end < twice => pool.block(end)?,
                result => result?,
            };
            larger.as_mut_slice()[..self.len].copy_from_slice(self.expose());
            self.block = larger; // the old one is wiped
        }
        Ok(())
    }

    /// The room behind the bytes, zero but for what a fill left that failed.
    pub(super) fn spare(&mut self) -> &mut [u8] {
        &mut self.block.as_mut_slice()[self.len..]
    }

    /// Counts the first `more` bytes of [`SecretBytes::spare`] in.
    pub(super) fn advance(&mut self, more: usize) {
        self.len = self.len.saturating_add(more).min(self.block.len());
    }

    /// Shortens to `len` bytes and wipes the rest; nothing if it is shorter.
    pub fn truncate(&mut self, len: usize) {
        if len < self.len {
            self.expose_mut()[len..].zeroize();
            self.len = len;
        }
    }

    /// The bytes. Copies of them are unprotected: make none.
    #[must_use]
    #[inline]
    pub fn expose(&self) -> &[u8] {
        &self.block.as_slice()[..self.len]
    }

    /// The bytes, writable.
    #[must_use]
    #[inline]
    pub fn expose_mut(&mut self) -> &mut [u8] {
        &mut self.block.as_mut_slice()[..self.len]
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What protects them.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.block.protection()
    }

    /// The pool they live in.
    #[must_use]
    pub fn pool(&self) -> Pool {
        self.block.pool()
    }
}

impl Zeroize for SecretBytes {
    /// Wipes the bytes and leaves none.
    fn zeroize(&mut self) {
        self.truncate(0);
    }
}

impl ZeroizeOnDrop for SecretBytes {}

impl fmt::Debug for SecretBytes {
    /// Neither the content nor its length is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes(..)")
    }
}
