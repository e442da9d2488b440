//! Each thread's stock of free slots of the process-wide pool: the fast path,
//! without a lock.
//!
//! A fork child inherits the stock, but not the process that its mark names: it
//! takes the slow path and starts afresh.

use super::arena::Arena;
use super::classes::{BOUND, Class, GRANULE, MOST_DEPTH};
use super::config::Config;
use super::heap::Heap;
use super::stack::Stack;
use super::states::{self, CACHED};
use crate::limits::LockError;
use crate::region::SystemAlloc;
use allocator_api2::alloc::{Allocator, Layout};
use stayput_sys::process::ForkMark;
use stayput_sys::wipe::wipe;
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU8, Ordering};

/// A thread's stock of free slots.
pub(super) struct Cache {
    /// The process that it serves.
    mark: ForkMark,
    /// The arena that its slots lie in: first address, length, state bytes.
    start: usize,
    len: usize,
    rows: [*const AtomicU8; BOUND],
    stacks: [Stack<{ MOST_DEPTH as usize }>; BOUND],
}

thread_local! {
    /// Null until the thread's first allocation, and after its last.
    static CACHE: Cell<*mut Cache> = const { Cell::new(ptr::null_mut()) };
}

/// A free slot from this thread's stock, marked live.
#[inline(always)]
pub(super) fn take(class: Class) -> Option<NonNull<u8>> {
    let cache = current()?;
    let place = cache.stacks[class.index()].pop()?;
    // SAFETY: stacks hold places of their row, and the process-wide pool's first
    // arena stays.
    let state = unsafe { &*cache.rows[class.index()].add(place) };
    state.store(class.live(), Ordering::Relaxed);
    let start = ptr::with_exposed_provenance_mut(cache.start + states::offset(class, place));
    // SAFETY: the arena does not start at address 0.
    Some(unsafe { NonNull::new_unchecked(start) })
}

/// Wipes the first `len` bytes of a slot and keeps it in this thread's stock;
/// `false` if it is not a live slot of this class and of the cache's arena, or
/// the stock is full.
///
/// # Safety
/// The caller gives the allocation up, and has written no more than its first
/// `len` bytes, which fit in the class.
#[inline(always)]
pub(super) unsafe fn keep(start: NonNull<u8>, len: usize, class: Class) -> bool {
    let Some(cache) = current() else {
        return false;
    };
    let offset = start.as_ptr().addr().wrapping_sub(cache.start);
    let Some(place) = states::place(class, offset) else {
        return false;
    };
    let stack = &mut cache.stacks[class.index()];
    if offset >= cache.len || stack.len() >= class.depth() {
        return false;
    }
    // SAFETY: the place lies in the row, as the offset does in the data, and the
    // process-wide pool's first arena stays.
    let state = unsafe { &*cache.rows[class.index()].add(place) };
    if state.load(Ordering::Relaxed) != class.live() {
        return false;
    }
    // SAFETY: the slot is live, has `len` bytes, and the caller gave it up.
    unsafe { wipe_slot(start, len) };
    state.store(CACHED | class.live(), Ordering::Relaxed);
    stack.push(place);
    true
}

/// Wipes the first `len` bytes of a slot and the rest of their last granule. Up to
/// eight granules take a few stores that may overlap, which beats a call.
///
/// # Safety
/// The slot has `len` bytes, and nobody uses it.
#[inline]
unsafe fn wipe_slot(start: NonNull<u8>, len: usize) {
    let start = start.as_ptr();
    // SAFETY: slots consist of whole granules; `end` is one's end.
    let both_ends = |len: usize, end: usize| unsafe {
        start.write_bytes(0, len);
        start.add(end - len).write_bytes(0, len);
    };
    match len.max(1).next_multiple_of(GRANULE) {
        end @ ..=32 => both_ends(16, end),
        end @ ..=64 => both_ends(32, end),
        end @ ..=128 => both_ends(64, end),
        // SAFETY: the caller's promise is the same.
        _ => return unsafe { wipe(start, len) },
    }
    // SAFETY: no bytes. The compiler keeps what was written before.
    unsafe { wipe(start, 0) };
}

/// This thread's cache, if it has one of this process.
#[inline(always)]
fn current() -> Option<&'static mut Cache> {
    // SAFETY: null, or this thread's cache, which no other reference is to: each
    // ends with the function of this file that asked for it.
    let cache = unsafe { CACHE.get().as_mut()? };
    cache.mark.is_current().then_some(cache)
}

/// Puts free slots of `class` into this thread's empty stock, up to half of what it
/// holds: those that other threads gave back, or else of spans.
pub(super) fn stock_up(heap: &mut Heap, config: &Config, class: Class) -> Result<(), LockError> {
    let waiting = |arena: &Arena| arena.depot.has(class);
    if !heap.arenas.first().is_some_and(waiting) {
        heap.provide(config, class)?;
    }
    let Some(arena) = heap.arenas.first_mut() else {
        return Ok(());
    };
    let Some(cache) = own(arena) else {
        return Ok(());
    };
    let stack = &mut cache.stacks[class.index()];
    let count = class.depth() / 2;
    if arena.depot.has(class) {
        arena.depot.give(class, count, stack);
    } else {
        arena.take_slots(class, CACHED | class.live(), count, |place| {
            stack.push(place);
        });
    }
    Ok(())
}

/// Makes room for `class` by giving the older half of its stock back, and sees to it that
/// this thread has a cache at all: it frees, so it will free more.
pub(super) fn relieve(heap: &mut Heap, class: Class) {
    let Some(arena) = heap.arenas.first_mut() else {
        return;
    };
    let Some(cache) = own(arena) else { return };
    let stack = &mut cache.stacks[class.index()];
    if stack.len() >= class.depth() {
        give_back(arena, class, stack, class.depth() / 2);
    }
}

/// Where the slots of this thread are kept, if they are.
pub(super) fn of_this_thread() -> *mut Cache {
    CACHE.get()
}

/// Gives all slots in `cache` back, and their list: its thread, this one, is ending.
pub(super) fn end(cache: *mut Cache, heap: Option<&mut Heap>) {
    CACHE.set(cache);
    if let Some(heap) = heap {
        empty(heap);
    }
    if let Some(cache) = NonNull::new(CACHE.replace(ptr::null_mut())) {
        // SAFETY: from `map_cache`, and nobody uses it any more.
        unsafe { SystemAlloc.deallocate(cache.cast(), Layout::new::<Cache>()) };
    }
}

/// Gives all slots of this thread back.
pub(super) fn empty(heap: &mut Heap) {
    let Some(arena) = heap.arenas.first_mut() else {
        return;
    };
    let Some(cache) = current() else { return };
    for class in (0..).map_while(Class::from_index) {
        let stack = &mut cache.stacks[class.index()];
        let all = stack.len();
        give_back(arena, class, stack, all);
    }
}

/// Gives the `count` oldest slots to other threads, or back to their spans.
fn give_back<const N: usize>(arena: &mut Arena, class: Class, stack: &mut Stack<N>, count: usize) {
    let slots = &stack.slots()[..count];
    if !arena.depot.take(class, slots) {
        arena.put_slots_back(class, slots);
    }
    stack.forget_oldest(count);
}

/// This thread's cache, made or renewed for this process; `None` where there
/// can be none.
fn own(arena: &Arena) -> Option<&'static mut Cache> {
    u32::try_from(arena.data().len() / GRANULE).ok()?;
    if let Some(cache) = current() {
        return Some(cache);
    }
    let cache = match CACHE.get() {
        cache if cache.is_null() => map_cache()?,
        inherited => inherited,
    };
    // SAFETY: the pages are this thread's and no reference to them is left. Zeros are
    // valid for the stacks, which are empty then.
    unsafe {
        cache.write_bytes(0, 1);
        (&raw mut (*cache).mark).write(ForkMark::of_this_process());
        (&raw mut (*cache).start).write(arena.data().start());
        (&raw mut (*cache).len).write(arena.data().len());
        for class in (0..).map_while(Class::from_index) {
            let row = arena.states.row(class).as_ptr();
            (&raw mut (*cache).rows[class.index()]).write(row);
        }
    }
    CACHE.set(cache);
    current()
}

/// Pages for a cache.
fn map_cache() -> Option<*mut Cache> {
    let pages = SystemAlloc.allocate(Layout::new::<Cache>()).ok()?;
    Some(pages.as_ptr().cast())
}
