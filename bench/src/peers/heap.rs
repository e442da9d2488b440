//! Libraries that hand out pointers.

use crate::peer::{Peer, Refusal};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::slice;

/// A pair of functions like `malloc` and `free`, the second of which wipes.
pub(crate) trait Heap {
    const NAME: &'static str;
    const ZEROED: bool;

    fn prepare(_bytes: usize) -> Result<(), Refusal> {
        Ok(())
    }

    /// `len` bytes that may be written, or null.
    fn allocate(len: usize) -> *mut u8;

    /// # Safety
    /// `start` comes from `allocate(len)` and is used by nobody any more.
    unsafe fn wipe_and_free(start: *mut u8, len: usize);
}

/// Bytes from a heap, owned.
pub(crate) struct Block<H: Heap> {
    start: NonNull<u8>,
    len: usize,
    heap: PhantomData<H>,
}

// SAFETY: `self` owns the bytes, and all these heaps free from any thread.
unsafe impl<H: Heap> Send for Block<H> {}

impl<H: Heap> Drop for Block<H> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: allocated by `hold` with this length, and going away.
        unsafe { H::wipe_and_free(self.start.as_ptr(), self.len) };
    }
}

impl<H: Heap> Peer for H {
    const NAME: &'static str = <H as Heap>::NAME;
    const ZEROED: bool = <H as Heap>::ZEROED;
    type Held = Block<H>;

    fn prepare(bytes: usize) -> Result<(), Refusal> {
        <H as Heap>::prepare(bytes)
    }

    #[inline]
    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Block<H>, Refusal> {
        let start = NonNull::new(H::allocate(len))
            .ok_or_else(|| Refusal::new("returned a null pointer"))?;
        // SAFETY: `allocate` returned `len` bytes that nobody else has. Those of heaps
        // that don't zero are only written here.
        fill(unsafe { slice::from_raw_parts_mut(start.as_ptr(), len) });
        let heap = PhantomData;
        Ok(Block { start, len, heap })
    }

    fn read<R>(held: &Block<H>, see: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: `held` owns the bytes, which `hold` has filled.
        see(unsafe { slice::from_raw_parts(held.start.as_ptr(), held.len) })
    }
}
