//! One value in pool memory, owned.

use super::block::Block;
use super::{Pool, ZeroInit};
use crate::limits::{LockError, Protection};
use std::fmt;
use std::marker::PhantomData;
use std::mem::needs_drop;
use std::ptr::NonNull;

/// A `T` in pool memory: zero at first, dropped and wiped at the end.
pub struct Place<T: ZeroInit> {
    block: Block,
    /// Also makes `Send` and `Sync` depend on T.
    owns: PhantomData<T>,
}

impl<T: ZeroInit> Place<T> {
    /// A value of zeros.
    pub(super) fn new(pool: &Pool) -> Result<Self, LockError> {
        let block = Block::new(pool, size_of::<T>(), align_of::<T>())?;
        Ok(Self {
            block,
            owns: PhantomData,
        })
    }

    /// The value.
    #[must_use]
    #[inline]
    pub fn get(&self) -> &T {
        // SAFETY: the block has T's size and alignment and `self` owns it. It
        // holds zeros, which `ZeroInit` makes valid, or a T written since.
        unsafe { self.typed().as_ref() }
    }

    /// The value, writable.
    #[must_use]
    #[inline]
    pub fn get_mut(&mut self) -> &mut T {
        // SAFETY: as above, and `&mut self` is the only access.
        unsafe { self.typed().as_mut() }
    }

    /// What protects it.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.block.protection()
    }

    fn typed(&self) -> NonNull<T> {
        self.block.start().cast()
    }
}

impl<T: ZeroInit> Drop for Place<T> {
    #[inline]
    fn drop(&mut self) {
        // In a fork child the value is the parent's to drop.
        if needs_drop::<T>() && !self.block.is_inherited() {
            // SAFETY: the value is valid and never used again: the block, which
            // is dropped next, only wipes bytes.
            unsafe { self.typed().drop_in_place() };
        }
    }
}

impl<T: ZeroInit> fmt::Debug for Place<T> {
    /// The content is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}
