//! Free slots of one class, the newest on top, as places (see `states`).

use super::books::Zeroed;

/// At most `N` slots, a power of two.
pub(super) struct Stack<const N: usize> {
    len: usize,
    slots: [u32; N],
}

// SAFETY: integers, and no slots as long as all are zero.
unsafe impl<const N: usize> Zeroed for Stack<N> {}

impl<const N: usize> Stack<N> {
    pub(super) const fn new() -> Self {
        Self {
            len: 0,
            slots: [0; N],
        }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// What it holds, the oldest first.
    pub(super) fn slots(&self) -> &[u32] {
        &self.slots[..self.len]
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<usize> {
        self.len = self.len.checked_sub(1)?;
        Some(self.slots[self.len % N] as usize)
    }

    /// The caller has seen that there is room.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "an arena whose places don't fit has no stacks"
    )]
    pub(super) fn push(&mut self, place: usize) {
        self.slots[self.len % N] = place as u32;
        self.len += 1;
    }

    /// Puts slots on top; the caller has seen that there is room.
    pub(super) fn put(&mut self, slots: &[u32]) {
        self.slots[self.len..][..slots.len()].copy_from_slice(slots);
        self.len += slots.len();
    }

    /// Forgets the `count` newest.
    pub(super) fn forget_newest(&mut self, count: usize) {
        self.len -= count;
    }

    /// Forgets the `count` oldest.
    pub(super) fn forget_oldest(&mut self, count: usize) {
        self.slots.copy_within(count..self.len, 0);
        self.len -= count;
    }
}
