//! Large arrays of zeros that cost memory only where they are written.

use crate::region::SystemAlloc;
use allocator_api2::vec::Vec;
use std::sync::atomic::AtomicU8;

/// # Safety
/// All-zero bytes are a valid value, and dropping it does nothing.
pub(super) unsafe trait Zeroed {}

// SAFETY: as a plain integer.
unsafe impl Zeroed for AtomicU8 {}
// SAFETY: a plain integer.
unsafe impl Zeroed for u64 {}

/// `len` zeros, not touched yet; `None` where address space ran out.
pub(super) fn vec<T: Zeroed>(len: usize) -> Option<Vec<T, SystemAlloc>> {
    let mut items = Vec::new_in(SystemAlloc);
    items.try_reserve_exact(len).ok()?;
    // SAFETY: `SystemAlloc` returns fresh pages, which are zero, and zeros are
    // valid values of T; the capacity was reserved just above.
    unsafe { items.set_len(len) };
    Some(items)
}
