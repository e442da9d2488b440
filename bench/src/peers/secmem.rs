//! The secmem-alloc crate: a stack in one locked page.

use crate::peer::{Peer, Refusal};
use secmem_alloc::allocator_api::Allocator;
use secmem_alloc::sec_alloc::SecStackSinglePageAlloc;
use std::alloc::Layout;
use std::ptr::NonNull;

pub(crate) struct Secmem;

/// A slot in the thread's page.
pub(crate) struct Slot {
    start: NonNull<[u8]>,
}

// SAFETY: not so in general (each thread has its page); `ONE_AT_A_TIME` keeps it out
// of all work that moves a slot to another thread.
unsafe impl Send for Slot {}

thread_local! {
    static PAGE: Option<SecStackSinglePageAlloc> = SecStackSinglePageAlloc::new().ok();
}

impl Peer for Secmem {
    const NAME: &'static str = "secmem-alloc";
    const ZEROED: bool = false; // not promised
    const ONE_AT_A_TIME: Option<&'static str> =
        Some("one page for each thread, reused in reverse order of allocation only");
    type Held = Slot;

    #[inline]
    fn hold(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Slot, Refusal> {
        let mut start = PAGE.with(|page| {
            let page = page.as_ref().ok_or_else(|| Refusal::new("no page"))?;
            page.allocate(layout(len)?)
                .map_err(|_| Refusal::new("the page is full"))
        })?;
        // SAFETY: allocated just above, and only written here.
        fill(&mut unsafe { start.as_mut() }[..len]);
        Ok(Slot { start })
    }

    fn read<R>(held: &Slot, see: impl FnOnce(&[u8]) -> R) -> R {
        // SAFETY: `held` owns the bytes, which `hold` has filled.
        see(unsafe { held.start.as_ref() })
    }
}

impl Drop for Slot {
    #[inline]
    fn drop(&mut self) {
        PAGE.with(|page| {
            if let (Some(page), Ok(layout)) = (page, layout(self.start.len())) {
                // SAFETY: allocated by this thread's page, and going away; it wipes.
                unsafe { page.deallocate(self.start.cast(), layout) };
            }
        });
    }
}

#[inline]
fn layout(len: usize) -> Result<Layout, Refusal> {
    Layout::from_size_align(len, 1).map_err(Refusal::new)
}
