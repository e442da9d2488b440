//! The blocks of memory that Windows Error Reporting was told to leave out.
//!
//! The system counts registrations, allows few of them, and keeps each by its address
//! beyond the life of what is mapped there. So they are remembered here: advice that says
//! nothing new registers nothing, and what is released is taken off the list. The list
//! stands apart from the calls so that it can be tested on other systems; it lives in no
//! heap, since the heap may be what is being excluded.

use crate::page::PageRange;
use std::io;

/// `WER_MAX_REGISTERED_ENTRIES`, werapi.h.
const MOST: usize = 512;

/// The list, in no order.
pub(crate) struct Blocks {
    blocks: [Option<PageRange>; MOST],
}

impl Blocks {
    pub(crate) const fn new() -> Self {
        Self {
            blocks: [None; MOST],
        }
    }

    /// Has `register` called for `range`, unless a block holds it already.
    pub(crate) fn add(
        &mut self,
        range: PageRange,
        register: impl FnOnce(PageRange) -> io::Result<()>,
    ) -> io::Result<()> {
        let holds =
            |block: &PageRange| block.start() <= range.start() && range.end() <= block.end();
        if self.blocks.iter().flatten().any(holds) {
            return Ok(());
        }
        let free = self.blocks.iter_mut().find(|block| block.is_none());
        let free = free.ok_or(io::ErrorKind::QuotaExceeded)?;
        register(range)?;
        *free = Some(range);
        Ok(())
    }

    /// Has `unregister` called for each block inside `range`; the last error.
    pub(crate) fn remove_within(
        &mut self,
        range: PageRange,
        unregister: impl Fn(PageRange) -> io::Result<()>,
    ) -> io::Result<()> {
        let inside =
            |block: &PageRange| range.start() <= block.start() && block.end() <= range.end();
        let mut answer = Ok(());
        for block in &mut self.blocks {
            if let Some(gone) = block.take_if(|block| inside(block)) {
                answer = unregister(gone).and(answer);
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn pages(from: usize, to: usize) -> PageRange {
        let page = crate::page_size();
        PageRange::exact((1000 + from) * page, (to - from) * page).expect("whole pages")
    }

    #[test]
    fn what_is_excluded_already_is_not_registered_again() {
        let (mut blocks, calls) = (Blocks::new(), RefCell::new(0));
        let mut add = |range| {
            blocks.add(range, |_| {
                *calls.borrow_mut() += 1;
                Ok(())
            })
        };
        for range in [pages(0, 10), pages(0, 10), pages(3, 4), pages(9, 10)] {
            add(range).expect("room");
        }
        assert_eq!(*calls.borrow(), 1);
        add(pages(9, 11)).expect("room");
        assert_eq!(*calls.borrow(), 2, "one page is new");
    }

    #[test]
    fn what_is_released_leaves_the_list_and_nothing_else_does() {
        let (mut blocks, gone) = (Blocks::new(), RefCell::new(Vec::new()));
        for range in [pages(1, 2), pages(3, 5), pages(7, 9)] {
            blocks.add(range, |_| Ok(())).expect("room");
        }
        let note = |range| {
            gone.borrow_mut().push(range);
            Ok(())
        };
        blocks.remove_within(pages(4, 8), note).expect("none");
        assert_eq!(*gone.borrow(), [], "no block lies inside");
        blocks.remove_within(pages(0, 6), note).expect("two");
        assert_eq!(*gone.borrow(), [pages(1, 2), pages(3, 5)]);
        blocks.add(pages(3, 5), |_| Ok(())).expect("room again");
    }

    #[test]
    fn a_refused_registration_is_not_remembered_and_a_full_list_refuses() {
        let mut blocks = Blocks::new();
        let refused = blocks.add(pages(0, 1), |_| Err(io::ErrorKind::InvalidInput.into()));
        assert_eq!(
            refused.expect_err("as told").kind(),
            io::ErrorKind::InvalidInput
        );
        for at in 0..MOST {
            blocks.add(pages(at, at + 1), |_| Ok(())).expect("room");
        }
        let full = blocks.add(pages(MOST, MOST + 1), |_| panic!("no room to remember it"));
        assert_eq!(full.expect_err("full").kind(), io::ErrorKind::QuotaExceeded);
        let whole = pages(0, MOST);
        let error = blocks.remove_within(whole, |_| Err(io::ErrorKind::NotFound.into()));
        assert_eq!(
            error.expect_err("passed on").kind(),
            io::ErrorKind::NotFound
        );
        blocks.add(whole, |_| Ok(())).expect("all are off the list");
    }
}
