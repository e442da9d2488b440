//! `munlock` and `munlockall`.

use super::Probe;
use super::lock_errors::use_up_mappings;
use super::scene::{CURRENT, FUTURE, LATER, ON_FAULT, Outcome, READ_WRITE, Scene, page_size};
use stayput_sys::raw::{self, MAP_LOCKED, Source};

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("munlock.error.enomem.hole", hole),
    ("munlock.error.enomem.map-count", map_count),
    ("munlock.error.einval.wraps", wraps),
    ("munlock.effect.unlocks", unlocks),
    ("munlock.return.needs-no-permission", needs_no_permission),
    ("munlock.return.not-locked", not_locked),
    ("munlock.parameter.start.rounded-down", rounded_down),
    ("munlock.parameter.len.zero", len_zero),
    ("munlock.parameter.len.wraps-to-zero", wraps_to_zero),
    ("munlock.effect.clears-on-fault", clears_on_fault),
    ("munlock.effect.splits-and-merges", splits_and_merges),
    ("munlock.effect.undoes-mlockall", undoes_lockall),
    (
        "munlockall.return.needs-no-permission",
        all_needs_no_permission,
    ),
    ("munlockall.return.not-locked", all_not_locked),
    ("munlockall.effect.unlocks-all", unlocks_all),
    ("munlockall.effect.clears-future", clears_future),
    ("munlockall.effect.after-mlockall", after_lockall),
];

fn hole(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    raw::mlock(p, 3 * page_size())?;
    s.ground.munmap(p + page_size(), page_size())?;
    s.note(raw::munlock(p, 3 * page_size()));
    s.run(p, 3)?;
    s.charged()
}

fn map_count(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    raw::mlock2(p, 3 * page_size(), ON_FAULT)?;
    use_up_mappings(s)?;
    s.note(raw::munlock(p + page_size(), page_size()));
    s.run(p, 3)?;
    s.charged()
}

fn wraps(s: &mut Scene) -> Outcome {
    s.unprivileged()?;
    let p = s.map(1)?;
    raw::mlock(p, page_size())?;
    s.note(raw::munlock(p, usize::MAX - 8 * page_size() + 1));
    s.run(p, 1)?;
    s.charged()
}

fn unlocks(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(raw::mlock(p, 2 * page_size()));
    s.note(raw::munlock(p, 2 * page_size()));
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()
}

fn needs_no_permission(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.note(raw::mlock(p, page_size()));
    s.confined(0)?;
    s.note(raw::munlock(p, page_size()));
    s.run(p, 1)?;
    s.charged()
}

fn not_locked(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.note(raw::munlock(p, page_size()));
    s.note(raw::mlock(p, page_size()));
    s.note(raw::munlock(p, page_size()));
    s.note(raw::munlock(p, page_size()));
    s.charged()
}

fn rounded_down(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    s.note(raw::mlock(p, 3 * page_size()));
    s.note(raw::munlock(p + page_size() - 1, 2));
    s.run(p, 3)?;
    s.charged()
}

fn len_zero(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(raw::mlock(p, 2 * page_size()));
    s.note(raw::munlock(p + page_size(), 0));
    s.note(raw::munlock(p + 10, 0));
    s.run(p, 2)?;
    s.charged()
}

fn wraps_to_zero(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.note(raw::mlock(p, page_size()));
    s.note(raw::munlock(p, usize::MAX));
    s.run(p, 1)?;
    s.charged()
}

fn clears_on_fault(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(raw::mlock2(p, 2 * page_size(), ON_FAULT));
    s.write(p, 1)?;
    s.note(raw::munlock(p, 2 * page_size()));
    s.run(p, 2)?;
    s.charged()
}

fn splits_and_merges(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    s.note(raw::mlock2(p, 3 * page_size(), ON_FAULT));
    s.note(raw::munlock(p + page_size(), page_size()));
    let split = mappings(s, p, 3)?;
    s.run(p, 3)?;
    s.charged()?;
    s.note(raw::munlock(p, 3 * page_size()));
    let merged = mappings(s, p, 3)?;
    s.holds(split == 3 && merged == 1);
    Ok(())
}

/// How many mappings hold these pages.
fn mappings(s: &mut Scene, addr: usize, pages: usize) -> std::io::Result<usize> {
    s.proc.read_areas(u64::MAX)?;
    let (from, to) = (addr as u64, (addr + pages * page_size()) as u64);
    let inside = s
        .proc
        .areas
        .iter()
        .filter(|area| from < area.end && area.start < to);
    Ok(inside.count())
}

fn undoes_lockall(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let p = s.map(1)?;
    s.note(raw::mlockall(CURRENT));
    s.note(raw::munlock(p, page_size()));
    s.run(p, 1)
}

fn all_needs_no_permission(s: &mut Scene) -> Outcome {
    s.confined(0)?;
    s.note(raw::munlockall());
    Ok(())
}

fn all_not_locked(s: &mut Scene) -> Outcome {
    s.note(raw::munlockall());
    s.note(raw::munlockall());
    s.charged()
}

fn unlocks_all(s: &mut Scene) -> Outcome {
    let (first, second) = (s.map(1)?, s.map(1)?);
    raw::mlock(first, page_size())?;
    raw::mlock2(second, page_size(), ON_FAULT)?;
    let third = s.map_as(1, READ_WRITE, Source::Anonymous, MAP_LOCKED)?;
    s.note(raw::munlockall());
    s.pages([first, second, third])?;
    s.resident([first])?;
    s.charged()
}

fn clears_future(s: &mut Scene) -> Outcome {
    s.note(raw::mlockall(FUTURE | LATER));
    s.note(raw::munlockall());
    let p = s.map(1)?;
    s.run(p, 1)
}

fn after_lockall(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let p = s.map(2)?;
    for flags in [CURRENT, CURRENT | LATER, CURRENT | FUTURE] {
        s.note(raw::mlockall(flags));
        s.note(raw::munlockall());
    }
    s.run(p, 2)?;
    s.charged()
}
