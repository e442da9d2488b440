//! Whether the kernel still agrees with the pool's books.

use super::heap::Heap;
use super::mapper::Granted;
use crate::inspect::{Flag, Mapping, Process, mappings};
use crate::limits::{Cause, LockError, Operation, diagnose};
use crate::page::hardening::exclude_from_dumps;
use crate::region::lock_pages;
use stayput_sys::{PageRange, page_size};
use std::io;

/// Pages that lost a protection which the pool had given them: somebody
/// unlocked or re-advised them (`munlockall`, a raw `munlock`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lapse {
    /// The pages.
    pub pages: PageRange,
    /// What the kernel no longer lists: [`Flag::Locked`] or [`Flag::DontDump`].
    pub missing: Flag,
}

/// Compares every committed page with what the kernel lists for it.
pub(super) fn verify(heap: &Heap) -> io::Result<Vec<Lapse>> {
    let mappings = mappings(Process::Current)?;
    let mut lapses: Vec<Lapse> = Vec::new();
    for arena in &heap.arenas {
        for (index, page) in arena.ever_committed().iter().enumerate() {
            let Some(range) = arena.range(index, 1) else {
                continue;
            };
            if page.granted == Granted::Unlocked {
                continue;
            }
            let mapping = mapping_at(&mappings, range.start());
            // A file's pages are left out of dumps, no more.
            // Secret memory can't be swapped, whether or not the kernel flags it so:
            // since CVE-2026-93243 was mended it does not.
            let locked = (page.granted == Granted::Locked).then_some(Flag::Locked);
            for missing in locked.into_iter().chain([Flag::DontDump]) {
                if !mapping.is_some_and(|mapping| mapping.has(missing)) {
                    note(
                        &mut lapses,
                        Lapse {
                            pages: range,
                            missing,
                        },
                    );
                }
            }
        }
    }
    Ok(lapses)
}

/// Locks and advises again what [`verify`] finds; returns what that was.
pub(super) fn relock(heap: &Heap) -> Result<Vec<Lapse>, LockError> {
    let lapses = verify(heap).map_err(|error| {
        LockError::new(Operation::Lock, None, error.raw_os_error(), Cause::Other)
    })?;
    for lapse in &lapses {
        match lapse.missing {
            // Counted twice for a moment; the pool's own lock is made good.
            Flag::Locked => drop(lock_pages(lapse.pages)?),
            _ => exclude_from_dumps(lapse.pages)
                .map_err(|error| diagnose(Operation::Advise, lapse.pages, 0, &error))?,
        }
    }
    Ok(lapses)
}

fn mapping_at(mappings: &[Mapping], address: usize) -> Option<&Mapping> {
    let address = address as u64;
    let after = mappings.partition_point(|mapping| mapping.end <= address);
    mappings
        .get(after)
        .filter(|mapping| mapping.contains(address))
}

/// Joins neighbouring pages into one lapse.
fn note(lapses: &mut Vec<Lapse>, lapse: Lapse) {
    let neighbour = lapses
        .iter_mut()
        .rev()
        .take(2)
        .find(|last| last.missing == lapse.missing && last.pages.end() == lapse.pages.start());
    let grown = neighbour
        .as_ref()
        .and_then(|last| PageRange::exact(last.pages.start(), last.pages.len() + page_size()));
    match (neighbour, grown) {
        (Some(last), Some(pages)) => last.pages = pages,
        _ => lapses.push(lapse),
    }
}
