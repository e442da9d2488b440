//! Memory touched before it is needed.

use crate::inspect::{self, Flag, Mapping, Process};
use crate::limits::{Budget, Cause, LockError, Operation, beyond};
use stayput_sys::limits::{Resource, UNLIMITED, getrlimit};
use std::hint::black_box;
use std::io;

/// Touches `bytes` of the calling thread's stack below the present depth, so
/// that later calls that deep take no page fault, as long as the pages stay in
/// memory: lock them, before or after.
///
/// `mlockall` brings in the whole stack of every thread but the first: the first
/// one's is mapped as it grows, and `mlockall` does not make it grow.
///
/// # Errors
/// [`Cause::StackTooSmall`] where the stack can't be so deep;
/// [`Cause::LimitReached`] where it is locked and `RLIMIT_MEMLOCK` stops its
/// growth. Where the system does not list mappings nothing is checked, and the
/// thread overflows its stack.
pub fn prefault_stack(bytes: usize) -> Result<(), LockError> {
    let here = address_of_frame();
    if let Ok(mappings) = inspect::mappings(Process::Current) {
        refuse_overflow(&mappings, here as u64, bytes as u64)?;
    }
    touch_down_to(here.saturating_sub(bytes));
    Ok(())
}

/// Makes the C library's heap (Rust's own allocator unless the program has
/// another) hold `bytes` of touched memory and keep them: allocations within that
/// room take no page fault, as long as the pages stay in memory.
///
/// For the rest of the process's life, best at its start: blocks are no longer
/// mapped one by one, freed memory is not given back, and threads started from
/// now on share one heap (each would otherwise reserve 64 MiB of its own, charged
/// under `MCL_FUTURE`).
///
/// # Errors
/// [`Cause::LimitReached`] where the heap is locked and the limit stops its
/// growth; [`Cause::OutOfMemory`]; [`Cause::Unsupported`] without glibc.
///
/// # References
/// mallopt(3).
pub fn reserve_heap(bytes: usize) -> Result<(), LockError> {
    stayput_sys::heap::reserve_heap(bytes).map_err(|error| {
        let cause = match error.kind() {
            io::ErrorKind::OutOfMemory => {
                beyond(&Budget::current(), bytes as u64).unwrap_or(Cause::OutOfMemory)
            }
            io::ErrorKind::Unsupported => Cause::Unsupported,
            _ => Cause::Other,
        };
        refused(cause)
    })
}

/// Bytes in each frame of [`touch_down_to`]: no page is smaller.
const FRAME: usize = 4096;
/// For the last frame, and for what a signal handler or a panic needs.
const RESERVE: u64 = 32 * 1024;
/// What the kernel keeps free below a growing stack (`stack_guard_gap`).
const GUARD_GAP_PAGES: u64 = 256;

#[inline(never)]
fn address_of_frame() -> usize {
    let local = 0u8;
    std::ptr::from_ref(black_box(&local)).addr()
}

/// Each call's frame is written, and lies below its caller's.
#[inline(never)]
fn touch_down_to(bottom: usize) {
    let frame = [0u8; FRAME];
    if std::ptr::from_ref(black_box(&frame)).addr() > bottom {
        touch_down_to(bottom);
    }
    black_box(&frame); // still in use: the call above is no tail call
}

fn refuse_overflow(mappings: &[Mapping], here: u64, bytes: u64) -> Result<(), LockError> {
    let Some(index) = mappings.iter().position(|mapping| mapping.contains(here)) else {
        return Ok(());
    };
    let stack = &mappings[index];
    let bottom = if stack.has(Flag::GrowsDown) {
        lowest(stack, index.checked_sub(1).map(|below| &mappings[below]))
    } else {
        stack.start
    };
    let left = here.saturating_sub(bottom).saturating_sub(RESERVE);
    if bytes > left {
        return Err(refused(Cause::StackTooSmall {
            left,
            needed: bytes,
        }));
    }
    if stack.has(Flag::Locked) {
        let grows_by = stack.start.saturating_sub(here - bytes);
        if let Some(cause) = beyond(&Budget::current(), grows_by) {
            return Err(refused(cause));
        }
    }
    Ok(())
}

/// How far the first thread's stack may come down: to its limit, or to the gap
/// above the mapping below.
fn lowest(stack: &Mapping, below: Option<&Mapping>) -> u64 {
    let by_limit = match getrlimit(Resource::Stack) {
        Ok(limit) if limit.soft != UNLIMITED => stack.end.saturating_sub(limit.soft),
        _ => 0,
    };
    let gap = GUARD_GAP_PAGES * stayput_sys::page_size() as u64;
    by_limit.max(below.map_or(0, |mapping| mapping.end + gap))
}

fn refused(cause: Cause) -> LockError {
    LockError::new(Operation::Prefault, None, None, cause)
}
