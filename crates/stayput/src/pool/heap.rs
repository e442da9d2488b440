//! The pool's centre: arenas, and what is allocated in them. One thread at a
//! time; memory that comes back is wiped before it is free.

use super::arena::{Accept, Arena, Use};
use super::classes::{Class, GRANULE, pages_for};
use super::config::{Config, page_bytes};
use super::mapper::Granted;
use super::stats::Stats;
use crate::limits::{LockError, Protection};
use crate::region::SystemAlloc;
use allocator_api2::vec::Vec;
use stayput_sys::{PageRange, page_size, wipe::wipe};
use std::ptr::NonNull;

/// The state byte of an allocation of whole pages.
const RUN: u8 = u8::MAX;

/// Most pages that growth commits beyond what is asked for.
const MOST_STEP: usize = 256;

#[derive(Debug)]
pub(super) struct Heap {
    pub(super) arenas: Vec<Arena, SystemAlloc>,
    live: usize,
    used: usize,
}

impl Heap {
    pub(super) fn new() -> Self {
        Self {
            arenas: Vec::new_in(SystemAlloc),
            live: 0,
            used: 0,
        }
    }

    /// Zeroed memory for `size` bytes at `align`.
    pub(super) fn allocate(
        &mut self,
        config: &Config,
        size: usize,
        align: usize,
    ) -> Result<NonNull<u8>, LockError> {
        let (address, bytes) = match Class::holding(size, align) {
            Some(class) => (self.allocate_slot(config, class)?, class.size()),
            None => self.allocate_run(config, size, align)?,
        };
        self.live += 1;
        self.used += bytes;
        let start = std::ptr::with_exposed_provenance_mut(address);
        // SAFETY: the address lies in a mapped arena, which never starts at 0.
        Ok(unsafe { NonNull::new_unchecked(start) })
    }

    /// Wipes the allocation that starts at `ptr` and takes it back; `false` if
    /// it lies in none of the arenas. Ends the process where nothing live
    /// starts there.
    ///
    /// # Safety
    /// Nobody uses the allocation any more.
    pub(super) unsafe fn free(&mut self, ptr: NonNull<u8>) -> bool {
        let address = ptr.as_ptr().expose_provenance();
        let Some(arena) = self
            .arenas
            .iter_mut()
            .find(|arena| arena.data().contains(address))
        else {
            return false;
        };
        let offset = address - arena.data().start();
        let state = if offset % GRANULE == 0 {
            arena.states[offset / GRANULE]
        } else {
            0
        };
        let bytes = match (state, Class::from_index(state.wrapping_sub(1))) {
            (RUN, _) => {
                let (page, count) = (offset / page_size(), arena.run_len(offset / page_size()));
                // SAFETY: the run is live and the caller has given it up.
                unsafe { wipe(ptr.as_ptr(), count * page_size()) };
                arena.states[offset / GRANULE] = 0;
                arena.put_back(page, count);
                count * page_size()
            }
            (_, Some(class)) => {
                // SAFETY: the slot is live and the caller has given it up.
                unsafe { wipe(ptr.as_ptr(), class.size()) };
                arena.put_slot_back(class, offset);
                class.size()
            }
            _ => arena.refuse(offset),
        };
        self.live -= 1;
        self.used -= bytes;
        true
    }

    /// Commits pages until `bytes` are free.
    pub(super) fn reserve(&mut self, config: &Config, bytes: usize) -> Result<(), LockError> {
        let wanted = pages_for(bytes);
        loop {
            let free = self.arenas.iter().map(|arena| arena.free).sum::<usize>();
            let Some(missing) = wanted.checked_sub(free).filter(|&missing| missing > 0) else {
                return Ok(());
            };
            let place = self
                .arenas
                .iter()
                .enumerate()
                .find_map(|(index, arena)| arena.first_reserved().map(|page| (index, page)));
            let (index, page) = match place {
                Some(place) => place,
                None => self.add_arena(config, 1, 1)?,
            };
            let count = self.arenas[index].reserved_from(page, missing);
            config.check(self.committed_bytes(), page_bytes(count)?)?;
            self.arenas[index].commit(page, count)?;
        }
    }

    /// Gives free pages back to the system; the bytes given back.
    pub(super) fn trim(&mut self) -> usize {
        self.arenas.iter_mut().map(Arena::trim).sum()
    }

    /// How the allocation of `len` bytes at `address` is protected.
    pub(super) fn protection(&self, address: usize, len: usize) -> Option<Protection> {
        let range = PageRange::covering(address, len.max(1))?;
        let arena = self
            .arenas
            .iter()
            .find(|arena| arena.data().contains(address))?;
        let first = (range.start() - arena.data().start()) / page_size();
        let pages = &arena.pages[first..first + range.pages()];
        let weakest = pages
            .iter()
            .map(|page| page.granted)
            .min_by_key(|&granted| granted as u8);
        Some(
            arena
                .mapper()
                .protection(weakest.unwrap_or(Granted::Unlocked)),
        )
    }

    pub(super) fn stats(&self) -> Stats {
        let sum = |count: fn(&Arena) -> usize| self.arenas.iter().map(count).sum::<usize>();
        let total = sum(|arena| arena.committed) * page_size();
        Stats {
            used: self.used,
            free: total - self.used,
            total,
            locked: sum(Arena::locked_pages) * page_size(),
            chunks_used: self.live,
            chunks_free: sum(|arena| arena.free + arena.free_slots()),
            errors_in_drop: super::stats::failures(),
        }
    }

    fn allocate_slot(&mut self, config: &Config, class: Class) -> Result<usize, LockError> {
        if let Some(address) = self
            .arenas
            .iter_mut()
            .find_map(|arena| arena.take_slot(class))
        {
            return Ok(address);
        }
        let (arena, page) = self.acquire(config, class.span_pages(), 1)?;
        let arena = &mut self.arenas[arena];
        arena.make_span(class, page);
        // A new span has a free slot.
        Ok(arena
            .take_slot(class)
            .unwrap_or_else(|| arena.refuse(page * page_size())))
    }

    fn allocate_run(
        &mut self,
        config: &Config,
        size: usize,
        align: usize,
    ) -> Result<(usize, usize), LockError> {
        let count = pages_for(size);
        let bytes = page_bytes(count)?;
        let (arena, page) = self.acquire(config, count, align)?;
        let arena = &mut self.arenas[arena];
        arena.take(page, count, Use::RunHead, Use::RunTail);
        arena.states[page * page_size() / GRANULE] = RUN;
        Ok((arena.address(page), bytes))
    }

    /// `count` free pages: arena and first page.
    fn acquire(
        &mut self,
        config: &Config,
        count: usize,
        align: usize,
    ) -> Result<(usize, usize), LockError> {
        let free = self.arenas.iter().enumerate().find_map(|(index, arena)| {
            arena
                .find(count, align, Accept::Free)
                .map(|page| (index, page))
        });
        match free {
            Some(found) => Ok(found),
            None => self.grow(config, count, align),
        }
    }

    /// Commits `count` neighbouring pages, and more if the limits allow: as many
    /// as there are already, within bounds.
    fn grow(
        &mut self,
        config: &Config,
        count: usize,
        align: usize,
    ) -> Result<(usize, usize), LockError> {
        let held = self.committed_bytes();
        let found = self.arenas.iter().enumerate().find_map(|(index, arena)| {
            arena
                .find(count, align, Accept::FreeOrReserved)
                .map(|page| (index, page))
        });
        let (index, page) = match found {
            Some(found) => found,
            None => self.add_arena(config, count, align)?,
        };
        let arena = &mut self.arenas[index];
        let before = arena.committed;
        let step = (held / page_size()).min(MOST_STEP);
        let more = arena.reserved_from(page + count, step.saturating_sub(count));
        let whole = config
            .check(held, page_bytes(count + more)?)
            .and_then(|()| arena.commit(page, count + more));
        if whole.is_err() {
            // What is there already may suffice; what is missing must fit.
            let missing = arena.range_missing(page, count);
            config.check(
                held + (arena.committed - before) * page_size(),
                page_bytes(missing)?,
            )?;
            arena.commit(page, count)?;
        }
        Ok((index, page))
    }

    fn committed_bytes(&self) -> usize {
        self.arenas
            .iter()
            .map(|arena| arena.committed)
            .sum::<usize>()
            * page_size()
    }

    fn add_arena(
        &mut self,
        config: &Config,
        count: usize,
        align: usize,
    ) -> Result<(usize, usize), LockError> {
        let least = count + align.div_ceil(page_size());
        let arena = Arena::reserve(config, config.arena_bytes(self.arenas.len()), least)?;
        let no_room = arena.no_room();
        let page = arena.find(count, align, Accept::FreeOrReserved);
        let (Some(page), Ok(())) = (page, self.arenas.try_reserve(1)) else {
            return Err(no_room);
        };
        self.arenas.push(arena);
        Ok((self.arenas.len() - 1, page))
    }
}
