//! The pool's centre: arenas, and what is allocated in them. One thread at a
//! time; memory that comes back is wiped before it is free.

use super::arena::{Accept, Arena, Use};
use super::classes::{Class, Request, pages_for};
use super::config::{Config, page_bytes};
use super::mapper::Granted;
use super::registry::Registry;
use super::states;
use super::stats::Stats;
use crate::limits::{LockError, Operation, Protection, drop_errors, out_of_room};
use crate::page::HUGE;
use crate::region::SystemAlloc;
use allocator_api2::vec::Vec;
use stayput_sys::{PageRange, page_size, wipe::wipe};
use std::ptr::NonNull;

#[derive(Debug)]
pub(super) struct Heap {
    pub(super) arenas: Vec<Arena, SystemAlloc>,
    /// Whether pages were committed since somebody asked.
    grown: bool,
}

impl Heap {
    pub(super) const fn new() -> Self {
        Self {
            arenas: Vec::new_in(SystemAlloc),
            grown: false,
        }
    }

    /// Tells where the arenas are, and how far they are used, if pages were committed
    /// since this was called last.
    pub(super) fn note_growth(&mut self, registry: &Registry) {
        if std::mem::take(&mut self.grown) {
            for arena in &self.arenas {
                registry.note(arena.data(), arena.high_water());
            }
        }
    }

    /// Zeroed memory.
    pub(super) fn allocate(
        &mut self,
        config: &Config,
        request: Request,
    ) -> Result<NonNull<u8>, LockError> {
        let address = match request.class {
            Some(class) => self.allocate_slot(config, class)?,
            None => self.allocate_run(config, request.size, request.align)?,
        };
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
        let page = arena.page_of(offset);
        let used_for = arena.pages[page].used_for;
        let class = Class::from_index(arena.pages[arena.head_of(page)].class);
        match (used_for, class) {
            (Use::RunHead, _) if offset == arena.offset(page) => {
                let count = arena.run_len(page);
                // SAFETY: the run is live and the caller has given it up.
                unsafe { wipe(ptr.as_ptr(), count * page_size()) };
                arena.write_back(address, count * page_size());
                arena.put_back(page, count);
            }
            (Use::SpanHead | Use::SpanTail, Some(class))
                if arena.states.get(class, offset) == class.live() =>
            {
                // SAFETY: the slot is live and the caller has given it up.
                unsafe { wipe(ptr.as_ptr(), class.size()) };
                arena.write_back(address, class.size());
                arena.put_slot_back(class, offset);
            }
            _ => arena.refuse(offset),
        }
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
            self.grown = true;
            self.arenas[index].commit(page, count)?;
        }
    }

    /// Sees to it that a span has a free slot.
    pub(super) fn provide(&mut self, config: &Config, class: Class) -> Result<(), LockError> {
        if self.arenas.iter().any(|arena| arena.has_slot(class)) {
            return Ok(());
        }
        let (arena, page) = self.acquire(config, class.shape().pages, 1)?;
        self.arenas[arena].make_span(class, page);
        Ok(())
    }

    /// Gives free pages back to the system; the bytes given back.
    pub(super) fn trim(&mut self) -> usize {
        self.empty_depots();
        self.arenas.iter_mut().map(Arena::trim).sum()
    }

    /// Puts what waits for threads back into spans, whose pages become free where it was
    /// all that kept them.
    fn empty_depots(&mut self) {
        for arena in &mut self.arenas {
            arena.empty_depot();
        }
    }

    /// How the allocation of `len` bytes at `address` is protected.
    pub(super) fn protection(&self, address: usize, len: usize) -> Option<Protection> {
        let range = PageRange::covering(address, len.max(1))?;
        let arena = self
            .arenas
            .iter()
            .find(|arena| arena.data().contains(address))?;
        let first = arena.page_of(range.start() - arena.data().start());
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
        let (chunks, used) = self
            .arenas
            .iter()
            .map(Arena::usage)
            .fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
        Stats {
            used,
            free: total - used,
            total,
            locked: sum(Arena::locked_pages) * page_size(),
            chunks_used: chunks,
            chunks_free: sum(Arena::free_chunks),
            errors_in_drop: drop_errors(),
        }
    }

    fn allocate_slot(&mut self, config: &Config, class: Class) -> Result<usize, LockError> {
        self.provide(config, class)?;
        let taken = self.arenas.iter_mut().find_map(|arena| {
            let mut taken = None;
            arena.take_slots(class, class.live(), 1, |place| taken = Some(place));
            taken.map(|place| arena.data().start() + states::offset(class, place))
        });
        // Never: a span with a free slot was provided just above.
        taken.ok_or_else(|| LockError::new(Operation::Map, None, None, out_of_room()))
    }

    fn allocate_run(
        &mut self,
        config: &Config,
        size: usize,
        align: usize,
    ) -> Result<usize, LockError> {
        let count = pages_for(size);
        page_bytes(count)?;
        let (arena, page) = self.acquire(config, count, align)?;
        let arena = &mut self.arenas[arena];
        arena.take(page, count, Use::RunHead, Use::RunTail);
        Ok(arena.address(page))
    }

    /// `count` free pages: arena and first page.
    fn acquire(
        &mut self,
        config: &Config,
        count: usize,
        align: usize,
    ) -> Result<(usize, usize), LockError> {
        let free = self.find(count, align, Accept::Free).or_else(|| {
            self.empty_depots();
            self.find(count, align, Accept::Free)
        });
        match free {
            Some(found) => Ok(found),
            None => self.grow(config, count, align),
        }
    }

    fn find(&self, count: usize, align: usize, accept: Accept) -> Option<(usize, usize)> {
        let found = |(index, arena): (usize, &Arena)| {
            arena.find(count, align, accept).map(|page| (index, page))
        };
        self.arenas.iter().enumerate().find_map(found)
    }

    /// Commits `count` neighbouring pages, and more if the limits allow: a step (see
    /// [`step`]), and to the end of one.
    fn grow(
        &mut self,
        config: &Config,
        count: usize,
        align: usize,
    ) -> Result<(usize, usize), LockError> {
        let (index, page) = match self.find(count, align, Accept::FreeOrReserved) {
            Some(found) => found,
            None => self.add_arena(config, count, align)?,
        };
        self.grown = true;
        let mut step = step(self.committed_bytes()) / page_size();
        loop {
            let held = self.committed_bytes();
            let arena = &mut self.arenas[index];
            let end = (page + count).next_multiple_of(1 << step.ilog2());
            let more = arena.reserved_from(page + count, end - page - count);
            let missing = page_bytes(arena.range_missing(page, count) + more)?;
            let outcome = config
                .check(held, missing)
                .and_then(|()| arena.commit(page, count + more));
            match outcome {
                Ok(()) => return Ok((index, page)),
                Err(error) if step == 1 => return Err(error),
                Err(_) => step = (step / 8).max(1),
            }
        }
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
        let page = arena.find(count, align, Accept::FreeOrReserved);
        let (Some(page), Ok(())) = (page, self.arenas.try_reserve(1)) else {
            return Err(arena.no_room());
        };
        self.arenas.push(arena);
        Ok((self.arenas.len() - 1, page))
    }
}

/// How much to commit at once beside `held` bytes: small pools double, larger ones grow
/// by an eighth, up to a huge page.
fn step(held: usize) -> usize {
    let eighth = (held / 8).clamp(SMALL, HUGE);
    held.clamp(page_size(), eighth.max(page_size()))
}

/// Pools of this size stop doubling.
const SMALL: usize = 256 << 10;
