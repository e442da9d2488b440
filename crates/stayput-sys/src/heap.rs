//! The C library's heap: memory that it has and keeps.

use crate::backends::imp;
use std::io;

/// Makes the C library's heap hold `bytes` more bytes of touched memory and
/// keep them: blocks are no longer mapped one by one, freed memory is not given
/// back, and threads started from now on share this heap.
///
/// Allocations within that room take no page fault, as long as the pages stay
/// in memory (lock them). For the rest of the process's life; best called before
/// other threads allocate, since the settings are not synchronised with them.
/// An allocator of the program's own (`#[global_allocator]`) is not touched.
///
/// # Errors
/// `OutOfMemory` where the heap can't grow by so much; `Unsupported` without
/// glibc.
///
/// # References
/// mallopt(3): `M_MMAP_MAX`, `M_TRIM_THRESHOLD`, `M_ARENA_MAX`.
pub fn reserve_heap(bytes: usize) -> io::Result<()> {
    imp::reserve_heap(bytes)
}
