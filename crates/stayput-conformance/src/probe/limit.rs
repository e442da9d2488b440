//! What `MCL_FUTURE` and locks refuse at the limit.

use super::Probe;
use super::scene::{FUTURE, LATER, NONE, Outcome, READ_WRITE, Scene, page_size};
use stayput_sys::raw::{self, MAP_POPULATE, MapArgs, RemapArgs, Source};
use std::io;

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("mlockall.effect.future-unchecked", future_unchecked),
    ("mmap.error.eagain.future", map_future),
    ("brk.error.enomem.future", brk_future),
    ("mremap.error.eagain.over-limit", remap_over_limit),
    ("mlockall.effect.future-thread", future_thread),
    ("mlock.effect.stack-growth-over-limit", stack_growth),
    ("mlockall.capability.lifts-future-limit", lifts_future_limit),
];

fn future_unchecked(s: &mut Scene) -> Outcome {
    s.confined(page_size() - 1)?;
    s.note(raw::mlockall(FUTURE));
    let p = s.map(1);
    s.note(p);
    Ok(())
}

fn map_future(s: &mut Scene) -> Outcome {
    s.confined(64 * page_size())?;
    raw::mlockall(FUTURE)?;
    let large = s.map(128);
    s.note(large);
    let unreadable = s.map_as(128, NONE, Source::Anonymous, 0);
    s.note(unreadable);
    let small = s.map(1);
    s.note(small);
    raw::mlockall(FUTURE | LATER)?;
    let populated = s.map_as(128, READ_WRITE, Source::Anonymous, MAP_POPULATE);
    s.note(populated);
    Ok(())
}

fn brk_future(s: &mut Scene) -> Outcome {
    s.confined(64 * page_size())?;
    raw::mlockall(FUTURE)?;
    s.note(raw::grow_brk(128 * page_size()));
    // The break need not lie on a page boundary: the page after it is new.
    let grown = raw::grow_brk(page_size());
    let new = grown.as_ref().map_or(0, |start| start + page_size() - 1);
    s.note(grown);
    s.run(new, 1)
}

fn remap_over_limit(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    let to = s.room(8);
    s.confined(4 * page_size())?;
    raw::mlock(p, 2 * page_size())?;
    s.note(s.ground.mremap(&RemapArgs {
        addr: p,
        old_len: 2 * page_size(),
        new_len: 8 * page_size(),
        flags: 3,
        new_addr: to,
    }));
    s.run(p, 2)?;
    s.charged()
}

fn future_thread(s: &mut Scene) -> Outcome {
    s.confined(64 * page_size())?;
    raw::mlockall(FUTURE)?;
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(|| {});
    s.note(thread);
    Ok(())
}

fn stack_growth(s: &mut Scene) -> Outcome {
    s.unprivileged()?;
    let (stack, len) = s.named("[stack]")?;
    s.may_lock(len / page_size())?;
    let locked = raw::mlock(stack, len);
    let worked = locked.is_ok();
    s.note(locked);
    let ended = s.in_child(|s| {
        if worked {
            raw::mlock(stack, len)?;
        }
        let held = s.proc.locked()?;
        s.limit(usize::try_from(held).unwrap_or(usize::MAX))?;
        // Well below the stack's start, from wherever this frame is.
        descend((len + 64 * page_size()) / FRAME);
        Ok(())
    })?;
    s.signalled(ended);
    Ok(())
}

const FRAME: usize = 4096;

/// Takes that many frames of stack, none smaller than named.
#[inline(never)]
fn descend(frames: usize) -> u8 {
    let frame = std::hint::black_box([1_u8; FRAME]);
    let below = if frames == 0 { 0 } else { descend(frames - 1) };
    std::hint::black_box(frame)[below as usize % FRAME]
}

fn lifts_future_limit(s: &mut Scene) -> Outcome {
    s.privileged()?;
    s.limit(4 * page_size())?;
    s.note(raw::mlockall(FUTURE));
    let addr = s.room(64);
    let mapped: io::Result<usize> = s.ground.mmap(&MapArgs {
        addr,
        len: 64 * page_size(),
        prot: READ_WRITE,
        source: Source::Anonymous,
        flags: 0,
        no_replace: true,
    });
    let grown = raw::grow_brk(64 * page_size());
    s.holds(mapped.is_ok() && grown.is_ok());
    Ok(())
}
