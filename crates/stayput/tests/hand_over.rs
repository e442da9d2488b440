//! A model of how slots pass between threads, in every order that memory allows.
//!
//! loom can't look into the pool, whose memory comes from the system. So this is its
//! protocol alone, each function named after the one it stands for, with the same lock
//! and the same orderings (`pool/cache.rs`, `pool/spans.rs`, `pool/heap.rs`); the real
//! thing runs in `pool_threads.rs`. Faults put into the model must be found.
//!
//! Not on Windows: a model of orders in memory, built with `--cfg loom`.
#![cfg(loom)]

use loom::cell::UnsafeCell;
use loom::sync::atomic::{AtomicU8, Ordering};
use loom::sync::{Arc, Mutex, mpsc};
use loom::thread;

const SLOTS: usize = 4;

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
    /// A slot is marked free, and wiped when the lock is gone.
    WipedTooLate,
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

/// The pool's centre: a span, and how many of its slots are out, caches included.
struct Pool {
    slots: [Slot; SLOTS],
    live: Mutex<usize>,
    /// Slots that a cache may hold.
    depth: usize,
    fault: Fault,
}

impl Pool {
    fn new(depth: usize, fault: Fault) -> Arc<Self> {
        let slot = || Slot {
            state: AtomicU8::new(FREE),
            content: UnsafeCell::new(0),
        };
        Arc::new(Self {
            slots: std::array::from_fn(|_| slot()),
            live: Mutex::new(0),
            depth,
            fault,
        })
    }

    /// The caller holds the lock.
    fn take_slot(&self, live: &mut usize, state: u8) -> Option<usize> {
        let is_free = |slot: &Slot| slot.state.load(Ordering::Relaxed) == FREE;
        let index = self.slots.iter().position(is_free)?;
        self.slots[index].state.store(state, Ordering::Relaxed);
        *live += 1;
        Some(index)
    }

    /// The caller holds the lock.
    fn put_slot_back(&self, live: &mut usize, index: usize) {
        self.slots[index].state.store(FREE, Ordering::Relaxed);
        *live -= 1;
    }

    fn wipe(&self, index: usize) {
        if self.fault != Fault::NotWiped {
            self.slots[index].write(0);
        }
    }

    /// Slots in use, while threads change states without the lock.
    fn used(&self) -> usize {
        let live = self.live.lock().expect("no panic");
        let is_cached = |slot: &&Slot| slot.state.load(Ordering::Relaxed) & CACHED != 0;
        let cached = self.slots.iter().filter(is_cached).count();
        live.checked_sub(cached).expect("cached slots are out")
    }
}

/// A thread's stock.
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
        let mut live = self.pool.live.lock().expect("no panic");
        let index = self.pool.take_slot(&mut live, LIVE).expect("enough slots");
        while self.stack.len() < self.pool.depth / 2 {
            match self.pool.take_slot(&mut live, CACHED | LIVE) {
                Some(index) => self.stack.push(index),
                None => break,
            }
        }
        index
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
        let late = self.pool.fault == Fault::WipedTooLate;
        let mut live = self.pool.live.lock().expect("no panic");
        let state = self.pool.slots[index].state.load(Ordering::Relaxed);
        assert_eq!(state, LIVE, "a double free");
        if !late {
            self.pool.wipe(index);
        }
        self.pool.put_slot_back(&mut live, index);
        while self.stack.len() > self.pool.depth / 2 {
            let cached = self.stack.pop().expect("just counted");
            self.pool.put_slot_back(&mut live, cached);
        }
        drop(live);
        if late {
            self.pool.wipe(index);
        }
    }

    /// The thread is ending.
    fn end(mut self) {
        if self.pool.fault == Fault::NoLockAtTheEnd {
            for &index in &self.stack {
                self.pool.slots[index].state.store(FREE, Ordering::Relaxed);
            }
            *self.pool.live.lock().expect("no panic") -= self.stack.len();
            return;
        }
        let mut live = self.pool.live.lock().expect("no panic");
        for index in self.stack.drain(..) {
            self.pool.put_slot_back(&mut live, index);
        }
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
        assert_eq!(pool.used(), 0);
        assert_eq!(*pool.live.lock().expect("no panic"), 0, "all came back");
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
        assert_eq!(*pool.live.lock().expect("no panic"), 0, "all came back");
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
