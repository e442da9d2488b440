//! Sealed bytes, and what they are bound to.

use super::SealError;
use super::key::Key;
use crate::secret::with_wiped_stack;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::{Nonce, Tag};

/// More stack than the cipher uses, without optimisation too.
const DEPTH: usize = 32 << 10;

/// Encrypted bytes in ordinary memory.
pub(super) struct Envelope {
    ciphertext: Box<[u8]>,
    tag: Tag,
    nonce: Nonce,
    key: u64,
}

impl Envelope {
    /// Encrypts `plain` from where it lies; nothing else is a copy of it.
    pub(super) fn seal(plain: &[u8], kind: &str) -> Result<Self, SealError> {
        let key = Key::current()?;
        let mut ciphertext = vec![0; plain.len()].into_boxed_slice();
        let nonce = key.next_nonce();
        let bound = bound(kind, plain.len());
        let tag = with_wiped_stack(DEPTH, || {
            let buffer = InOutBuf::new(plain, &mut ciphertext).ok()?;
            let cipher = key.cipher();
            cipher.encrypt_inout_detached(&nonce, &bound, buffer).ok()
        });
        let tag = tag.ok_or(SealError::TooLong)?;
        Ok(Self {
            ciphertext,
            tag,
            nonce,
            key: key.id,
        })
    }

    /// Decrypts into `place`, which is as long as what was sealed.
    pub(super) fn open(&self, place: &mut [u8], kind: &str) -> Result<(), SealError> {
        let key = Key::current()?;
        if key.id != self.key {
            return Err(SealError::Inherited);
        }
        let bound = bound(kind, place.len());
        let opened = with_wiped_stack(DEPTH, || {
            let buffer = InOutBuf::new(&self.ciphertext, place).ok()?;
            let cipher = key.cipher();
            cipher
                .decrypt_inout_detached(&self.nonce, &bound, buffer, &self.tag)
                .ok()
        });
        opened.ok_or(SealError::Altered)
    }

    /// What may be read by anybody.
    pub(super) fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }
}

#[cfg(test)]
impl Envelope {
    pub(super) fn flip(&mut self, byte: usize, bit: u32) {
        self.ciphertext[byte] ^= 1 << bit;
    }

    pub(super) fn nonce(&self) -> Nonce {
        self.nonce
    }
}

/// What is authenticated beside the content. The length has a fixed one, so the
/// two can't run into each other.
fn bound(kind: &str, len: usize) -> Vec<u8> {
    [kind.as_bytes(), &(len as u64).to_le_bytes()].concat()
}
