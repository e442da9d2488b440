//! Memory of a virtual machine that its host has yet to provide.
//!
//! A guest's first touch of such memory costs many times what zeroing it does, and
//! huge pages often come from it while small ones are used again. So that this is
//! nobody's bill, as much as will be needed is touched and given back beforehand.

use crate::peer::Refusal;
use memmap2::{Advice, MmapMut};
use std::hint::black_box;

/// Touches `len` bytes as small pages, then as huge ones where the system has them:
/// what was given back last is used first, and small ones are cut from anything.
pub(crate) fn provide(len: usize) -> Result<(), Refusal> {
    for advice in [Advice::Normal, Advice::HugePage] {
        let mut memory = MmapMut::map_anon(len).map_err(Refusal::new)?;
        // Where there are no huge pages, small ones are touched twice.
        let _ = memory.advise(advice);
        touch(&mut memory);
    }
    Ok(())
}

/// Writes a byte of each page.
pub(crate) fn touch(bytes: &mut [u8]) {
    for page in bytes.chunks_mut(stayput_sys::page_size()) {
        page[0] = 1;
        black_box(page.as_mut_ptr());
    }
}
