//! `MAP_LOCKED`, and what other calls do to locked memory.

use super::Probe;
use super::scene::{
    EBUSY, FUTURE, LATER, MS_INVALIDATE, NONE, Outcome, READ_WRITE, Scene, Stop, page_size, skip,
};
use stayput_sys::raw::{self, MAP_LOCKED, MAP_NONBLOCK, MapArgs, RemapArgs, Source};

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("mmap.error.eperm.limit-zero", map_eperm),
    ("mmap.error.eagain.limit", map_eagain),
    ("mmap.effect.map-locked", map_locked),
    ("mmap.effect.map-locked-ignores-failure", ignores_failure),
    ("mmap.effect.map-locked-under-onfault", under_onfault),
    ("munmap.effect.uncharges", uncharges),
    ("mremap.effect.carries-lock", carries_lock),
    ("mremap.effect.dontunmap", dontunmap),
    ("mremap.effect.dontunmap-charges-twice", charges_twice),
    ("mprotect.effect.keeps-lock", keeps_lock),
    ("mprotect.effect.populates", populates),
    ("madvise.error.einval.locked", advise_locked),
    ("madvise.effect.dontneed-locked", dontneed_locked),
    ("msync.error.ebusy.locked", msync_locked),
    ("ftruncate.effect.drops-locked-pages", truncate),
];

const MAYMOVE_FIXED: u32 = 3;
const MAYMOVE_FIXED_DONTUNMAP: u32 = 7;

fn map_eperm(s: &mut Scene) -> Outcome {
    s.confined(0)?;
    let p = s.map_as(1, READ_WRITE, Source::Anonymous, MAP_LOCKED);
    s.note(p);
    Ok(())
}

fn map_eagain(s: &mut Scene) -> Outcome {
    s.confined(4 * page_size())?;
    let p = s.map_as(8, READ_WRITE, Source::Anonymous, MAP_LOCKED);
    s.note(p);
    s.charged()
}

fn map_locked(s: &mut Scene) -> Outcome {
    let p = s.room(2);
    let q = s.room(2);
    for (addr, flags) in [(p, MAP_LOCKED), (q, MAP_LOCKED | MAP_NONBLOCK)] {
        s.note(s.ground.mmap(&anonymous(addr, 2, flags)));
    }
    s.pages([p, p + page_size(), q, q + page_size()])?;
    s.resident([p, p + page_size(), q, q + page_size()])?;
    s.charged()
}

fn anonymous(addr: usize, pages: usize, flags: u32) -> MapArgs<'static> {
    MapArgs {
        addr,
        len: pages * page_size(),
        prot: READ_WRITE,
        source: Source::Anonymous,
        flags,
        no_replace: false,
    }
}

fn ignores_failure(s: &mut Scene) -> Outcome {
    let file = raw::memfd(0)?;
    let none = s.map_as(1, NONE, Source::Anonymous, MAP_LOCKED)?;
    s.note(Ok(none));
    let empty = s.map_as(1, READ_WRITE, Source::Shared(&file, 0), MAP_LOCKED)?;
    s.note(Ok(empty));
    s.pages([none, empty])?;
    s.resident([none, empty])?;
    s.charged()
}

fn under_onfault(s: &mut Scene) -> Outcome {
    raw::mlockall(FUTURE | LATER)?;
    let p = s.map_as(2, READ_WRITE, Source::Anonymous, MAP_LOCKED)?;
    s.note(Ok(p));
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()
}

fn uncharges(s: &mut Scene) -> Outcome {
    let p = s.map(4)?;
    s.note(raw::mlock(p, 4 * page_size()));
    s.note(s.ground.munmap(p + page_size(), page_size()));
    s.note(s.ground.mmap(&anonymous(p + 2 * page_size(), 1, 0)));
    s.run(p, 4)?;
    s.charged()
}

fn carries_lock(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    let to = s.room(4);
    raw::mlock(p, 2 * page_size())?;
    s.note(remap(s, p, 2, 4, MAYMOVE_FIXED, to));
    s.run(to, 4)?;
    s.resident_run(to, 4)?;
    s.charged()?;
    s.note(remap(s, to, 4, 1, 0, 0));
    s.charged()
}

fn remap(
    s: &Scene,
    addr: usize,
    old: usize,
    new: usize,
    flags: u32,
    new_addr: usize,
) -> std::io::Result<usize> {
    s.ground.mremap(&RemapArgs {
        addr,
        old_len: old * page_size(),
        new_len: new * page_size(),
        flags,
        new_addr,
    })
}

fn dontunmap(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    let to = s.room(1);
    raw::mlock(p, page_size())?;
    s.note(remap(s, p, 1, 1, MAYMOVE_FIXED_DONTUNMAP, to));
    s.pages([p, to])
}

fn charges_twice(s: &mut Scene) -> Outcome {
    if rest_stays_locked(s)? {
        return Err(skip("this kernel has it mended"));
    }
    let p = s.map(1)?;
    let to = s.room(1);
    raw::mlock(p, page_size())?;
    s.note(remap(s, p, 1, 1, MAYMOVE_FIXED_DONTUNMAP, to));
    s.charged()?;
    s.note(raw::munlock(p, page_size()).and_then(|()| raw::munlock(to, page_size())));
    s.ground.munmap(p, page_size())?;
    s.ground.munmap(to, page_size())?;
    s.charged()
}

/// Of a mapping out of which `MREMAP_DONTUNMAP` moves a page: mended together.
fn rest_stays_locked(s: &mut Scene) -> Result<bool, Stop> {
    let code = s.in_child(|s| {
        let p = s.map(2)?;
        let to = s.room(1);
        raw::mlock(p, 2 * page_size())?;
        remap(s, p, 1, 1, MAYMOVE_FIXED_DONTUNMAP, to)?;
        match s.ground.msync(p + page_size(), page_size(), MS_INVALIDATE) {
            Err(error) if error.raw_os_error() == Some(EBUSY) => Ok(()),
            _ => Err(skip("the rest was unlocked")),
        }
    })?;
    Ok(code == 0)
}

fn keeps_lock(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    raw::mlock(p, 2 * page_size())?;
    s.note(s.ground.mprotect(p, 2 * page_size(), NONE));
    s.note(s.ground.mprotect(p, 2 * page_size(), READ_WRITE));
    s.run(p, 2)?;
    s.charged()
}

fn populates(s: &mut Scene) -> Outcome {
    let p = s.map_as(2, NONE, Source::Anonymous, 0)?;
    s.note(raw::mlock(p, 2 * page_size()));
    s.note(s.ground.mprotect(p, 2 * page_size(), READ_WRITE));
    s.run(p, 2)?;
    s.resident_run(p, 2)
}

fn advise_locked(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.write(p, 1)?;
    raw::mlock(p, page_size())?;
    for advice in [4, 8, 20, 21] {
        s.note(s.ground.madvise(p, page_size(), advice));
    }
    let file = raw::memfd(page_size())?;
    let shared = s.map_shared(1, READ_WRITE, &file)?;
    raw::mlock(shared, page_size())?;
    s.note(s.ground.madvise(shared, page_size(), 9));
    s.resident([p])
}

fn dontneed_locked(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    raw::mlock(p, page_size())?;
    s.note(s.ground.madvise(p, page_size(), 24));
    s.run(p, 1)?;
    s.resident([p])?;
    s.charged()
}

fn msync_locked(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    raw::mlock(p, page_size())?;
    s.note(s.ground.msync(p, page_size(), MS_INVALIDATE));
    s.note(s.ground.msync(p + page_size(), page_size(), MS_INVALIDATE));
    Ok(())
}

fn truncate(s: &mut Scene) -> Outcome {
    let file = raw::memfd(2 * page_size())?;
    let p = s.map_shared(2, READ_WRITE, &file)?;
    raw::mlock(p, 2 * page_size())?;
    s.note(file.set_len(0));
    s.resident_run(p, 2)?;
    s.run(p, 2)?;
    s.charged()?;
    let ended = s.in_child(|s| {
        let own = s.map_shared(1, READ_WRITE, &file)?;
        s.write(own, 1)?;
        Ok(())
    })?;
    s.signalled(ended);
    Ok(())
}
