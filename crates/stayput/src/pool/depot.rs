//! Free slots on their way from one thread's cache to another's: what one gives back by
//! the half cache, another takes without a look at the spans.

use super::books::{self, Books, Table};
use super::classes::{BOUND, Class, MOST_STOCK};
use super::stack::Stack;
use std::fmt;

/// A stack for each class. Its slots count as cached.
pub(super) struct Depot {
    stacks: Table<Stack<{ MOST_STOCK as usize }>>,
}

impl Depot {
    /// Bytes of the books that it takes.
    pub(super) const ROOM: usize = books::bytes::<Stack<{ MOST_STOCK as usize }>>(BOUND);

    /// An empty one; `None` where the books are full.
    ///
    /// # Safety
    /// As for [`Books::table`].
    pub(super) unsafe fn of(books: &mut Books) -> Option<Self> {
        // SAFETY: the caller's promise is the same.
        let stacks = unsafe { books.table(BOUND)? };
        Some(Self { stacks })
    }

    /// Whether any slot of this class waits.
    pub(super) fn has(&self, class: Class) -> bool {
        self.stacks[class.index()].len() > 0
    }

    /// Moves up to `most` slots to a thread's stack, which has room for them.
    pub(super) fn give<const N: usize>(&mut self, class: Class, most: usize, to: &mut Stack<N>) {
        let stack = &mut self.stacks[class.index()];
        let count = most.min(stack.len());
        to.put(&stack.slots()[stack.len() - count..]);
        stack.forget_newest(count);
    }

    /// Takes all of these slots, or none: `false` where there is no room.
    pub(super) fn take(&mut self, class: Class, slots: &[u32]) -> bool {
        let stack = &mut self.stacks[class.index()];
        let fits = stack.len() + slots.len() <= class.stock();
        if fits {
            stack.put(slots);
        }
        fits
    }
}

impl fmt::Debug for Depot {
    /// Thousands of places tell nobody anything.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Depot").finish_non_exhaustive()
    }
}
