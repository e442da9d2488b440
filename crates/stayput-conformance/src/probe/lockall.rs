//! `mlockall`.

use super::Probe;
use super::access::map_droppable;
use super::scene::{
    CURRENT, FUTURE, LATER, NONE, ON_FAULT, Outcome, READ, READ_WRITE, Scene, page_size, skip,
};
use stayput_sys::limits::{Resource, getrlimit};
use stayput_sys::raw::{self, Source};

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("mlockall.error.einval.flags", flags),
    ("mlockall.error.eperm.limit-zero", limit_zero),
    ("mlockall.error.enomem.total-vm", total_vm),
    ("mlockall.precedence.einval-before-eperm", einval_first),
    ("mlockall.error.enomem.counts-reservations", reservations),
    ("mlockall.effect.current", current),
    ("mlockall.effect.future", future),
    ("mlockall.effect.current-and-future", current_and_future),
    ("mlockall.effect.onfault-current", onfault_current),
    ("mlockall.effect.onfault-future", onfault_future),
    ("mlockall.effect.current-drops-future", drops_future),
    ("mlockall.effect.current-replaces-onfault", replaces_onfault),
    ("mlockall.effect.ignores-failures", ignores_failures),
    ("mlockall.effect.special-skipped", special),
    ("mlockall.capability.lifts-limit", lifts_limit),
    ("mlockall.effect.future-droppable", future_droppable),
];

fn flags(s: &mut Scene) -> Outcome {
    for flags in [0, 4, 8, !3] {
        s.note(raw::mlockall(flags));
    }
    s.charged()
}

fn limit_zero(s: &mut Scene) -> Outcome {
    s.confined(0)?;
    s.note(raw::mlockall(CURRENT));
    s.note(raw::mlockall(FUTURE));
    s.charged()
}

fn total_vm(s: &mut Scene) -> Outcome {
    s.confined(16 * page_size())?;
    s.note(raw::mlockall(CURRENT));
    s.note(raw::mlockall(CURRENT | FUTURE));
    let p = s.map(1)?;
    s.run(p, 1)?;
    s.charged()
}

fn einval_first(s: &mut Scene) -> Outcome {
    s.confined(0)?;
    for flags in [0, 4, 8] {
        s.note(raw::mlockall(flags));
    }
    Ok(())
}

fn reservations(s: &mut Scene) -> Outcome {
    s.unprivileged()?;
    let hard = getrlimit(Resource::Memlock)?.hard;
    let limit = hard.min(64 << 20);
    s.limit(usize::try_from(limit).unwrap_or(usize::MAX))?;
    if s.proc.sizes()?.0 > limit {
        return Err(skip("this process is larger than the hard RLIMIT_MEMLOCK"));
    }
    s.note(raw::mlockall(CURRENT));
    s.note(raw::munlockall());
    let pages = usize::try_from(limit).unwrap_or(usize::MAX) / page_size();
    s.map_as(pages, NONE, Source::Anonymous, 0)?;
    s.note(raw::mlockall(CURRENT));
    Ok(())
}

fn current(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let p = s.map(2)?;
    s.note(raw::mlockall(CURRENT));
    let new = s.map(1)?;
    s.pages([p, p + page_size(), new])?;
    s.resident_run(p, 2)
}

fn future(s: &mut Scene) -> Outcome {
    let old = s.map_as(1, READ, Source::Anonymous, 0)?;
    s.note(raw::mlockall(FUTURE));
    let new = s.map(2)?;
    // Reading smaps maps nothing of its own: its buffers are there already.
    s.pages([old, new, new + page_size()])?;
    s.resident_run(new, 2)?;
    s.charged()
}

fn current_and_future(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let old = s.map(1)?;
    s.note(raw::mlockall(CURRENT | FUTURE));
    let new = s.map(1)?;
    s.pages([old, new])?;
    s.resident([old, new])
}

fn onfault_current(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let p = s.map(2)?;
    s.write(p, 1)?;
    s.note(raw::mlockall(CURRENT | LATER));
    s.run(p, 2)?;
    s.resident_run(p, 2)
}

fn onfault_future(s: &mut Scene) -> Outcome {
    s.note(raw::mlockall(FUTURE | LATER));
    let p = s.map(2)?;
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()
}

fn drops_future(s: &mut Scene) -> Outcome {
    s.privileged()?;
    s.note(raw::mlockall(FUTURE));
    s.note(raw::mlockall(CURRENT));
    let p = s.map(1)?;
    s.run(p, 1)
}

fn replaces_onfault(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let p = s.map(2)?;
    raw::mlock2(p, 2 * page_size(), ON_FAULT)?;
    s.note(raw::mlockall(FUTURE));
    s.run(p, 2)?;
    s.note(raw::mlockall(CURRENT));
    s.run(p, 2)?;
    s.resident_run(p, 2)
}

fn ignores_failures(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let none = s.map_as(1, NONE, Source::Anonymous, 0)?;
    let file = raw::memfd(0)?;
    let empty = s.map_shared(1, READ_WRITE, &file)?;
    s.note(raw::mlockall(CURRENT));
    s.pages([none, empty])?;
    s.resident([none, empty])
}

fn special(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let (vdso, _) = s.named("[vdso]")?;
    s.note(raw::mlockall(CURRENT));
    s.run(vdso, 1)
}

fn lifts_limit(s: &mut Scene) -> Outcome {
    s.privileged()?;
    s.limit(0)?;
    s.note(raw::mlockall(CURRENT | FUTURE));
    let p = s.map(64)?;
    s.run(p, 1)
}

fn future_droppable(s: &mut Scene) -> Outcome {
    let locked = raw::mlockall(FUTURE);
    let p = map_droppable(s, 2)?;
    s.note(locked);
    s.run(p, 2)?;
    s.charged()
}
