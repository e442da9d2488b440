//! A block on pages of its own, its end against the rear guard page.

use crate::misuse::end_process;
use stayput::limits::{LockError, Policy, Protection};
use stayput::page::LockedPages;
use stayput_sys::map::{self, Access, INACCESSIBLE_IS_UNLOCKED};
use stayput_sys::process::fork_generation;
use stayput_sys::{PageRange, page_size};
use std::io;
use std::ptr::NonNull;

/// As malloc aligns.
const ALIGNMENT: usize = 16;
/// Fills what the block leaves of its pages.
const CANARY: u8 = 0xC5;

/// Zeroed bytes; wiped, unlocked and unmapped when dropped.
pub(crate) struct OwnPages {
    pages: LockedPages,
    /// The same pages, for use while they may not be looked at.
    range: PageRange,
    start: NonNull<u8>,
    len: usize,
    generation: u64,
    /// Named when the process has to end.
    freed_by: &'static str,
}

impl OwnPages {
    pub(crate) fn new(
        len: usize,
        policy: Policy,
        freed_by: &'static str,
    ) -> Result<Self, LockError> {
        let mut pages = LockedPages::with_policy(len, policy)?;
        let bytes = pages.as_mut_slice();
        // Also without a lock each page shall be this process's own, not the
        // system's common page of zeros.
        for byte in bytes.iter_mut().step_by(page_size()) {
            // SAFETY: a byte of the slice.
            unsafe { std::ptr::from_mut(byte).write_volatile(0) };
        }
        let (before, behind) = slack(bytes, len);
        let first = before.len();
        before.fill(CANARY);
        behind.fill(CANARY);
        let start = NonNull::from(&mut bytes[first..]).cast();
        let range = PageRange::covering(bytes.as_ptr().expose_provenance(), bytes.len());
        Ok(Self {
            range: range.expect("mapped, so within the address space"),
            pages,
            start,
            len,
            generation: fork_generation(),
            freed_by,
        })
    }

    pub(crate) fn start(&self) -> NonNull<u8> {
        self.start
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Whether a parent process made it.
    pub(crate) fn is_inherited(&self) -> bool {
        self.generation != fork_generation()
    }

    pub(crate) fn protection(&self) -> Protection {
        self.pages.protection()
    }

    /// The access that guarded bytes leave between exposures. Where inaccessible pages
    /// can't be locked, pages that are stay readable: what is never paged out outweighs
    /// what faults.
    pub(crate) fn at_rest(&self) -> Access {
        if INACCESSIBLE_IS_UNLOCKED && self.protection().locked.is_yes() {
            Access::Read
        } else {
            Access::None
        }
    }

    /// Changes what the pages may be used for.
    ///
    /// # Safety
    /// Nobody uses them otherwise from now on.
    pub(crate) unsafe fn set_access(&self, access: Access) -> io::Result<()> {
        // SAFETY: `self` owns the pages; the rest is the caller's promise.
        unsafe { map::protect(self.range, access) }
    }
}

impl Drop for OwnPages {
    fn drop(&mut self) {
        if self.is_inherited() {
            return; // zeros, the canary too
        }
        let (before, behind) = slack(self.pages.as_mut_slice(), self.len);
        let broken = |slack: &[u8]| slack.iter().any(|&byte| byte != CANARY);
        let where_to = match (broken(before), broken(behind)) {
            (true, _) => "before the start of",
            (_, true) => "behind the end of",
            _ => return,
        };
        end_process(&format!(
            "{}: something wrote {where_to} this memory (broken canary)",
            self.freed_by
        ));
    }
}

// SAFETY: the block owns its bytes, and is reached by its owner's address only.
unsafe impl Send for OwnPages {}
// SAFETY: a shared block gives an address and numbers only.
unsafe impl Sync for OwnPages {}

/// What lies before and behind a block of `len` bytes at the end of `pages`.
fn slack(pages: &mut [u8], len: usize) -> (&mut [u8], &mut [u8]) {
    let start = pages.len() - len.next_multiple_of(ALIGNMENT);
    let (before, rest) = pages.split_at_mut(start);
    (before, &mut rest[len..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_lies_against_the_guard() {
        let page = page_size();
        for len in [1, 15, 16, 17, page - 1, page, page + 1, 3 * page] {
            let block = OwnPages::new(len, Policy::Prefer, "a test").expect("memory");
            let start = block.start().addr().get();
            assert_eq!(start % ALIGNMENT, 0);
            assert_eq!((start + len).next_multiple_of(ALIGNMENT) % page, 0, "{len}");
            // SAFETY: given back before anybody uses it.
            unsafe {
                block.set_access(Access::None).expect("own pages");
                block.set_access(Access::ReadWrite).expect("own pages");
            }
        }
    }
}
