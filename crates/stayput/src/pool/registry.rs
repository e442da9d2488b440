//! Where a pool's arenas are, readable without a lock.
//!
//! A fork child needs it: the parent's heap may be locked for ever, yet the
//! child must tell inherited memory from foreign pointers.

use stayput_sys::process::fork_generation;
use stayput_sys::{PageRange, map};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Arenas double in size, so a pool never has many; forks in line add theirs.
const ENTRIES: usize = 64;

#[derive(Debug)]
pub(super) struct Registry {
    entries: [Entry; ENTRIES],
}

/// Written once (`start` last), but for the high-water mark.
#[derive(Debug)]
struct Entry {
    start: AtomicUsize,
    end: AtomicUsize,
    high_water: AtomicUsize,
    generation: AtomicU64,
}

impl Registry {
    pub(super) const fn new() -> Self {
        Self {
            entries: [const {
                Entry {
                    start: AtomicUsize::new(0),
                    end: AtomicUsize::new(0),
                    high_water: AtomicUsize::new(0),
                    generation: AtomicU64::new(0),
                }
            }; ENTRIES],
        }
    }

    /// Remembers an arena of this process and how far it has been used. The
    /// caller holds the heap's lock.
    pub(super) fn note(&self, arena: PageRange, high_water: usize) {
        let generation = fork_generation();
        for entry in &self.entries {
            let start = entry.start.load(Ordering::Relaxed);
            if start == 0 {
                entry.end.store(arena.end(), Ordering::Relaxed);
                entry.generation.store(generation, Ordering::Relaxed);
                entry.high_water.store(high_water, Ordering::Relaxed);
                entry.start.store(arena.start(), Ordering::Release);
                return;
            }
            if start == arena.start() && entry.generation.load(Ordering::Relaxed) == generation {
                entry.high_water.store(high_water, Ordering::Relaxed);
                return;
            }
        }
        // No entry left: after a fork such an arena's blocks would count as
        // foreign in the child, which is the safe side.
    }

    /// Whether `address` lies in what a parent process used, and in nothing that
    /// this one reserved since.
    pub(super) fn inherited(&self, address: usize) -> bool {
        let own = fork_generation();
        let mut found = false;
        for entry in self.known() {
            let start = entry.start.load(Ordering::Acquire);
            if entry.generation.load(Ordering::Relaxed) != own {
                found |= (start..entry.high_water.load(Ordering::Relaxed)).contains(&address);
            } else if (start..entry.end.load(Ordering::Relaxed)).contains(&address) {
                return false;
            }
        }
        found
    }

    /// Whether `address` lies in an arena, of a parent process or of this one.
    pub(super) fn holds(&self, address: usize) -> bool {
        self.known().any(|entry| {
            let start = entry.start.load(Ordering::Acquire);
            (start..entry.end.load(Ordering::Relaxed)).contains(&address)
        })
    }

    /// Closes the holes that a parent's secret memory left in this process, so
    /// that nothing else is mapped where inherited pointers lead.
    pub(super) fn reserve_holes(&self) {
        for entry in self.parents() {
            let start = entry.start.load(Ordering::Acquire);
            let len = entry
                .high_water
                .load(Ordering::Relaxed)
                .saturating_sub(start);
            if let Some(hole) = PageRange::exact(start, len) {
                // Where part of it is mapped (trimmed pages are), the rest stays
                // open: reading an inherited secret is a fault all the same.
                let _ = map::reserve_at(hole);
            }
        }
    }

    fn parents(&self) -> impl Iterator<Item = &Entry> {
        let own = fork_generation();
        self.known()
            .filter(move |entry| entry.generation.load(Ordering::Relaxed) != own)
    }

    fn known(&self) -> impl Iterator<Item = &Entry> {
        self.entries
            .iter()
            .take_while(|entry| entry.start.load(Ordering::Acquire) != 0)
    }
}
