//! A model of how slots pass between threads, in every order that memory allows.
//!
//! loom can't look into the pool, whose memory comes from the system. So this is its
//! protocol alone, each function named after the one it stands for, with the same lock
//! and the same orderings (`pool/cache.rs`, `pool/depot.rs`, `pool/spans.rs`,
//! `pool/heap.rs`); the real thing runs in `pool_threads.rs`. Faults put into the model
//! must be found.
//!
//! Not on Windows: a model of orders in memory, built with `--cfg loom`.
#![cfg(loom)]

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU8, Ordering};
use loom::sync::{Arc, Mutex, MutexGuard, mpsc};
use loom::thread;

const SLOTS: usize = 4;
/// Slots that the depot holds.
const STOCK: usize = 2;

/// As in `pool/states.rs`.
const FREE: u8 = 0;
const LIVE: u8 = 1;
const CACHED: u8 = 0x40;

/// What may be wrong with a model.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// A thread that ends marks its slots free without the pool's lock.
    NoLockAtTheEnd,
    /// A slot is given to others, and wiped when the lock is gone.
    WipedTooLate,
    /// What a thread gives to the depot stays in its cache too.
    GivenTwice,
    /// A slot is never wiped.
    NotWiped,
    /// Memory is handed to another thread without synchronisation.
    Unsynchronised,
}

struct Slot {
    state: AtomicU8,
    content: UnsafeCell<u8>,
}

impl Slot {
    fn read(&self) -> u8 {
        // SAFETY: loom checks that nobody writes meanwhile.
        self.content.with(|content| unsafe { *content })
    }

    fn write(&self, value: u8) {
        // SAFETY: loom checks that nobody else looks or writes meanwhile.
        self.content.with_mut(|content| unsafe { *content = value });
    }
}

/// The pool: a span behind a lock, and slots on their way between threads.
struct Pool {
    slots: [Slot; SLOTS],
    heap: Mutex<Heap>,
    /// Slots that a cache may hold.
    depth: usize,
    fault: Fault,
}

#[derive(Default)]
struct Heap {
    /// How many of the span's slots are out, in caches and the depot included.
    live: usize,
    depot: Vec<usize>,
}

impl Pool {
    fn new(depth: usize, fault: Fault) -> Arc<Self> {
        let slot = || Slot {
            state: AtomicU8::new(FREE),
            content: UnsafeCell::new(0),
        };
        Arc::new(Self {
            slots: std::array::from_fn(|_| slot()),
            heap: Mutex::new(Heap::default()),
            depth,
            fault,
        })
    }

    fn heap(&self) -> MutexGuard<'_, Heap> {
        self.heap.lock().expect("no panic")
    }

    /// A free slot of the span. Where there is none the depot is emptied first.
    fn take_slot(&self, heap: &mut Heap, state: u8) -> Option<usize> {
        let is_free = |slot: &Slot| slot.state.load(Ordering::Relaxed) == FREE;
        let found = self.slots.iter().position(is_free).or_else(|| {
            let waiting = std::mem::take(&mut heap.depot);
            self.put_slots_back(heap, &waiting);
            self.slots.iter().position(is_free)
        });
        let index = found?;
        self.slots[index].state.store(state, Ordering::Relaxed);
        heap.live += 1;
        Some(index)
    }

    fn put_slots_back(&self, heap: &mut Heap, slots: &[usize]) {
        for &index in slots {
            self.slots[index].state.store(FREE, Ordering::Relaxed);
        }
        heap.live -= slots.len();
    }

    fn wipe(&self, index: usize) {
        if self.fault != Fault::NotWiped {
            self.slots[index].write(0);
        }
    }

    /// Slots in use, while threads change states without the lock.
    fn used(&self) -> usize {
        let heap = self.heap();
        let is_cached = |slot: &&Slot| slot.state.load(Ordering::Relaxed) & CACHED != 0;
        let cached = self.slots.iter().filter(is_cached).count();
        heap.live.checked_sub(cached).expect("cached slots are out")
    }

    /// All threads have ended: what is left waits in the depot.
    fn assert_all_came_back(&self) {
        assert_eq!(self.used(), 0);
        let heap = self.heap();
        assert_eq!(heap.live, heap.depot.len());
    }
}

/// A thread's stock, the newest last.
struct Cache {
    pool: Arc<Pool>,
    stack: Vec<usize>,
}

impl Cache {
    fn new(pool: &Arc<Pool>) -> Self {
        Self {
            pool: Arc::clone(pool),
            stack: Vec::new(),
        }
    }

    /// A secret: what was handed out is zero.
    fn allocate(&mut self, secret: u8) -> usize {
        let index = self.take().unwrap_or_else(|| self.allocate_slowly());
        let slot = &self.pool.slots[index];
        assert_eq!(slot.read(), 0, "handed out as it was left");
        slot.write(secret);
        index
    }

    fn take(&mut self) -> Option<usize> {
        let index = self.stack.pop()?;
        self.pool.slots[index].state.store(LIVE, Ordering::Relaxed);
        Some(index)
    }

    fn allocate_slowly(&mut self) -> usize {
        let pool = Arc::clone(&self.pool);
        let mut heap = pool.heap();
        self.stock_up(&mut heap);
        self.take()
            .or_else(|| pool.take_slot(&mut heap, LIVE))
            .expect("enough slots")
    }

    fn stock_up(&mut self, heap: &mut Heap) {
        let count = self.pool.depth / 2;
        if heap.depot.is_empty() {
            let found = (0..count).map_while(|_| self.pool.take_slot(heap, CACHED | LIVE));
            self.stack.extend(found);
        } else {
            let kept = heap.depot.len().saturating_sub(count);
            self.stack.extend(heap.depot.drain(kept..));
        }
    }

    fn free(&mut self, index: usize, secret: u8) {
        assert_eq!(self.pool.slots[index].read(), secret, "torn");
        if !self.keep(index) {
            self.free_slowly(index);
        }
    }

    fn keep(&mut self, index: usize) -> bool {
        let slot = &self.pool.slots[index];
        if self.stack.len() >= self.pool.depth || slot.state.load(Ordering::Relaxed) != LIVE {
            return false;
        }
        self.pool.wipe(index);
        slot.state.store(CACHED | LIVE, Ordering::Relaxed);
        self.stack.push(index);
        true
    }

    fn free_slowly(&mut self, index: usize) {
        let pool = Arc::clone(&self.pool);
        let mut heap = pool.heap();
        if self.stack.len() >= pool.depth {
            self.give_back(&mut heap, pool.depth / 2);
        }
        if self.keep(index) {
            return;
        }
        let state = pool.slots[index].state.load(Ordering::Relaxed);
        assert_eq!(state, LIVE, "a double free");
        let late = pool.fault == Fault::WipedTooLate;
        if !late {
            pool.wipe(index);
        }
        pool.put_slots_back(&mut heap, &[index]);
        drop(heap);
        if late {
            pool.wipe(index);
        }
    }

    /// The `count` oldest, to the depot if it has room for all of them.
    fn give_back(&mut self, heap: &mut Heap, count: usize) {
        let oldest: Vec<usize> = match self.pool.fault {
            // They stay in the cache too.
            Fault::GivenTwice => self.stack[..count].to_vec(),
            _ => self.stack.drain(..count).collect(),
        };
        if heap.depot.len() + oldest.len() <= STOCK {
            heap.depot.extend(oldest);
        } else {
            self.pool.put_slots_back(heap, &oldest);
        }
    }

    /// The thread is ending.
    fn end(mut self) {
        let pool = Arc::clone(&self.pool);
        let all = self.stack.len();
        if pool.fault == Fault::NoLockAtTheEnd {
            for &index in &self.stack {
                pool.slots[index].state.store(FREE, Ordering::Relaxed);
            }
            pool.heap().live -= all;
            return;
        }
        self.give_back(&mut pool.heap(), all);
    }
}

/// Runs `body` in every order of up to three preemptions.
fn in_every_order(body: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(body);
}

/// Two threads allocate and free, past a full cache too, and end.
fn both_allocate_and_end(fault: Fault) {
    in_every_order(move || {
        let pool = Pool::new(2, fault);
        let other = thread::spawn({
            let mut cache = Cache::new(&pool);
            move || {
                let held = cache.allocate(1);
                cache.free(held, 1);
                cache.end();
            }
        });
        let mut cache = Cache::new(&pool);
        let held = [2, 3].map(|secret| (cache.allocate(secret), secret));
        for (index, secret) in held {
            cache.free(index, secret);
        }
        assert!(pool.used() <= 1, "the other thread's at most");
        cache.end();
        other.join().expect("no panic");
        pool.assert_all_came_back();
    });
}

/// One thread makes secrets, another frees them into its own cache and past it.
fn one_makes_the_other_frees(depth: usize, fault: Fault) {
    in_every_order(move || {
        let pool = Pool::new(depth, fault);
        let (sender, receiver) = mpsc::channel();
        let other = thread::spawn({
            let mut cache = Cache::new(&pool);
            move || {
                for secret in [1, 2, 3] {
                    let index = receiver.recv().expect("three");
                    cache.free(index, secret);
                }
                cache.end();
            }
        });
        let mut cache = Cache::new(&pool);
        for secret in [1, 2, 3] {
            let index = cache.allocate(secret);
            sender.send(index).expect("the other lives");
            if fault == Fault::Unsynchronised {
                pool.slots[index].write(secret);
            }
        }
        cache.end();
        other.join().expect("no panic");
        pool.assert_all_came_back();
    });
}

#[test]
fn two_threads_share_a_pool() {
    both_allocate_and_end(Fault::None);
}

#[test]
fn what_one_thread_makes_another_frees() {
    for depth in [0, 1, 2] {
        one_makes_the_other_frees(depth, Fault::None);
    }
}

/// Which of its faults loom meets first, wrong counts or a race, is not ours to say.
#[test]
#[should_panic]
fn control_no_lock_at_the_end() {
    both_allocate_and_end(Fault::NoLockAtTheEnd);
}

#[test]
#[should_panic(expected = "Causality violation")]
fn control_wiped_too_late() {
    one_makes_the_other_frees(0, Fault::WipedTooLate);
}

#[test]
#[should_panic(expected = "handed out as it was left")]
fn control_not_wiped() {
    both_allocate_and_end(Fault::NotWiped);
}

#[test]
#[should_panic(expected = "Causality violation")]
fn control_handed_over_unsynchronised() {
    one_makes_the_other_frees(1, Fault::Unsynchronised);
}

/// Two threads have one slot then: torn, counted wrongly or a race, as loom meets it.
#[test]
#[should_panic]
fn control_given_twice() {
    one_makes_the_other_frees(2, Fault::GivenTwice);
}
