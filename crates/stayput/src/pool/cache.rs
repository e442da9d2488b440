//! Each thread's stock of free slots of the process-wide pool: the fast path,
//! without a lock.
//!
//! A fork child inherits the stock, but not the process that its mark names: it
//! takes the slow path and starts afresh.

use super::arena::Arena;
use super::classes::{BOUND, Class, GRANULE, MOST_DEPTH};
use super::heap::Heap;
use super::states::{self, CACHED};
use stayput_sys::process::ForkMark;
use stayput_sys::{PageRange, map, wipe::wipe};
use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU8, Ordering};

struct Cache {
    /// The process that it serves.
    mark: ForkMark,
    /// The arena that its slots lie in: first address, length, state bytes.
    start: usize,
    len: usize,
    rows: [*const AtomicU8; BOUND],
    stacks: [Stack; BOUND],
}

/// Free slots of one class, as places (see `states`).
struct Stack {
    len: u32,
    slots: [u32; MOST_DEPTH as usize],
}

impl Stack {
    #[inline]
    fn pop(&mut self) -> Option<usize> {
        self.len = self.len.checked_sub(1)?;
        Some(self.slots[(self.len % u32::from(MOST_DEPTH)) as usize] as usize)
    }

    /// The caller has seen that there is room.
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`own` takes no arena whose places don't fit"
    )]
    fn push(&mut self, place: usize) {
        self.slots[(self.len % u32::from(MOST_DEPTH)) as usize] = place as u32;
        self.len += 1;
    }
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
    if offset >= cache.len || stack.len >= class.depth() {
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

/// Puts free slots of `class` into this thread's stock, half of what it holds,
/// without growing the pool.
pub(super) fn stock_up(heap: &mut Heap, class: Class) {
    let Some(arena) = heap.arenas.first_mut() else {
        return;
    };
    let Some(cache) = own(arena) else { return };
    let stack = &mut cache.stacks[class.index()];
    while stack.len < class.depth() / 2 {
        let Some(address) = arena.take_slot(class, CACHED | class.live()) else {
            return;
        };
        let Some(place) = states::place(class, address - cache.start) else {
            return;
        };
        stack.push(place);
    }
}

/// Gives back half of every stock that is full, and sees to it that this thread
/// has a cache at all: it frees, so it will free more.
pub(super) fn relieve(heap: &mut Heap) {
    let Some(cache) = heap.arenas.first().and_then(own) else {
        return;
    };
    let mut full = [None; BOUND];
    for (place, (stack, index)) in full.iter_mut().zip(cache.stacks.iter().zip(0..)) {
        *place = Class::from_index(index).filter(|class| stack.len >= class.depth());
    }
    for class in full.into_iter().flatten() {
        give_back(heap, class, class.depth() / 2);
    }
}

/// Gives all slots of this thread back, and their list: the thread is ending.
pub(super) fn end(heap: Option<&mut Heap>) {
    if let Some(heap) = heap {
        empty(heap);
    }
    let cache = CACHE.replace(ptr::null_mut()).expose_provenance();
    if let Some(range) = PageRange::covering(cache, size_of::<Cache>()).filter(|_| cache != 0) {
        unmap(range);
    }
}

/// Gives all slots of this thread back.
pub(super) fn empty(heap: &mut Heap) {
    for class in (0..).map_while(Class::from_index) {
        give_back(heap, class, 0);
    }
}

fn give_back(heap: &mut Heap, class: Class, left: u32) {
    let Some(arena) = heap.arenas.first_mut() else {
        return;
    };
    let Some(cache) = current() else { return };
    let stack = &mut cache.stacks[class.index()];
    while stack.len > left {
        let Some(place) = stack.pop() else { return };
        arena.put_slot_back(class, states::offset(class, place));
    }
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
    // SAFETY: the pages are mapped and no reference to them is left. Zeros are
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
    let range = map::reserve(size_of::<Cache>()).ok()?;
    // SAFETY: reserved just above.
    if unsafe { map::commit(range) }.is_err() {
        unmap(range);
        return None;
    }
    Some(range.as_ptr().cast())
}

fn unmap(range: PageRange) {
    // SAFETY: reserved whole by `map_cache`, and nobody uses it any more.
    if unsafe { map::release(range) }.is_err() {
        super::stats::count_failure();
    }
}
