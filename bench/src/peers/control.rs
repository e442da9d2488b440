//! No library at all: what the machine itself allows two threads.

use crate::peer::{Peer, Refusal};
use std::cell::{Cell, UnsafeCell};
use std::hint::black_box;
use std::ptr::NonNull;

/// Arithmetic in registers, about as long as an allocation takes.
pub(crate) struct Control;

impl Peer for Control {
    const NAME: &'static str = "(control: arithmetic only)";
    const ZEROED: bool = false;
    type Held = u64;

    #[inline]
    fn hold(len: usize, _fill: impl FnOnce(&mut [u8])) -> Result<u64, Refusal> {
        let start = black_box(len as u64);
        Ok((0..16).fold(start, |sum, _| sum.wrapping_mul(0x9e37_79b9).rotate_left(5)))
    }

    fn read<R>(held: &u64, see: impl FnOnce(&[u8]) -> R) -> R {
        see(&held.to_ne_bytes())
    }
}

/// Slots in turn, written and wiped; nobody asks whether one is free.
pub(crate) struct InTurn;

impl InTurn {
    /// More 32-byte slots than any work that uses them keeps alive.
    const SLOTS: usize = 8192;
}

impl Peer for InTurn {
    const NAME: &'static str = "(control: write and wipe only)";
    type Held = Slot;

    #[inline]
    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Slot, Refusal> {
        let next = NEXT.get();
        NEXT.set((next + 1) % Self::SLOTS);
        let slot = NonNull::new(RING.0[next].get()).ok_or(Refusal(String::new()))?;
        let mut slot = Slot(slot);
        // SAFETY: the slots' users, the works, drop a slot before its turn comes again.
        fill(&mut unsafe { slot.0.as_mut() }[..len]);
        Ok(slot)
    }

    fn read<R>(held: &Slot, see: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: as above.
        see(unsafe { held.0.as_ref() })
    }
}

/// Where the bytes are.
pub(crate) struct Slot(NonNull<[u8; 32]>);

// SAFETY: whoever has it is the only one who uses the bytes.
unsafe impl Send for Slot {}

impl Drop for Slot {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { self.0.write_bytes(0, 1) };
        black_box(self.0);
    }
}

#[repr(align(64))]
struct Ring([UnsafeCell<[u8; 32]>; InTurn::SLOTS]);

// SAFETY: a slot is its user's alone.
unsafe impl Sync for Ring {}

static RING: Ring = Ring([const { UnsafeCell::new([0; 32]) }; InTurn::SLOTS]);

thread_local! {
    static NEXT: Cell<usize> = const { Cell::new(0) };
}
