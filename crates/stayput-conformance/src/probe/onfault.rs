//! `mlock2`, and locking on fault.

use super::Probe;
use super::scene::{NONE, ON_FAULT, Outcome, READ_WRITE, Scene, page_size};
use stayput_sys::raw::{self, Source};

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("mlock2.error.einval.unknown-flags", unknown_flags),
    ("mlock2.effect.onfault-defers", defers),
    ("mlock2.precedence.einval-before-eperm", einval_first),
    ("mlock2.parameter.flags.zero", flags_zero),
    ("mlock2.effect.onfault-rounds", rounds),
    ("mlock2.effect.onfault-locks-present", locks_present),
    ("mlock2.effect.onfault-locks-on-fault", locks_on_fault),
    ("mlock2.effect.plain-after-onfault", plain_after),
    ("mlock2.effect.onfault-after-plain", onfault_after),
    ("mlock2.effect.onfault-charges-at-call", charges_at_call),
    ("mlock2.effect.onfault-prot-none", prot_none),
    ("mlock2.effect.onfault-beyond-file-end", beyond_file_end),
    ("mlock2.effect.onfault-hole", hole),
];

fn unknown_flags(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.note(raw::mlock2(p, page_size(), 2));
    s.note(raw::mlock2(p, page_size(), u32::MAX));
    s.charged()
}

fn defers(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(raw::mlock2(p, 2 * page_size(), ON_FAULT));
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()
}

fn einval_first(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.confined(0)?;
    s.note(raw::mlock2(p, page_size(), 2));
    s.note(raw::mlock2(p, page_size(), 0));
    Ok(())
}

fn flags_zero(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(raw::mlock2(p, 2 * page_size(), 0));
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()
}

fn rounds(s: &mut Scene) -> Outcome {
    let (one, other) = (raw::memfd(0)?, raw::memfd(0)?);
    one.set_len(8 * page_size() as u64)?;
    other.set_len(8 * page_size() as u64)?;
    let p = s.map_shared(8, READ_WRITE, &one)?;
    let q = s.map_shared(8, READ_WRITE, &other)?;
    s.write(p, 1)?;
    s.note(raw::mlock2(p, 4 * page_size() + 1, ON_FAULT));
    s.write(q, 4)?;
    s.note(raw::mlock2(q, 4 * page_size() - 1, ON_FAULT));
    s.resident(
        (0..8)
            .map(|page| p + page * page_size())
            .chain((0..8).map(|page| q + page * page_size())),
    )?;
    s.charged()
}

fn locks_present(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.write(p, 1)?;
    s.note(raw::mlock2(p, 2 * page_size(), ON_FAULT));
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()?;
    let locked = s.smaps(p, "Locked:")?;
    s.holds(locked == page_size() as u64);
    Ok(())
}

fn locks_on_fault(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(raw::mlock2(p, 2 * page_size(), ON_FAULT));
    let before = s.smaps(p, "Locked:")?;
    s.write(p, 1)?;
    let after = s.smaps(p, "Locked:")?;
    s.resident_run(p, 2)?;
    s.holds(before == 0 && after == page_size() as u64);
    Ok(())
}

fn plain_after(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(raw::mlock2(p, 2 * page_size(), ON_FAULT));
    s.note(raw::mlock2(p, 2 * page_size(), 0));
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()
}

fn onfault_after(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(raw::mlock(p, 2 * page_size()));
    s.note(raw::mlock2(p, 2 * page_size(), ON_FAULT));
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()
}

fn charges_at_call(s: &mut Scene) -> Outcome {
    let p = s.map(5)?;
    s.confined(4 * page_size())?;
    s.note(raw::mlock2(p, 5 * page_size(), ON_FAULT));
    s.charged()
}

fn prot_none(s: &mut Scene) -> Outcome {
    let p = s.map_as(2, NONE, Source::Anonymous, 0)?;
    s.note(raw::mlock2(p, 2 * page_size(), ON_FAULT));
    s.run(p, 2)?;
    s.charged()
}

fn beyond_file_end(s: &mut Scene) -> Outcome {
    let file = raw::memfd(page_size())?;
    let p = s.map_shared(3, READ_WRITE, &file)?;
    s.note(raw::mlock2(p, 3 * page_size(), ON_FAULT));
    s.run(p, 3)?;
    s.charged()
}

fn hole(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    s.ground.munmap(p + page_size(), page_size())?;
    s.note(raw::mlock2(p, 3 * page_size(), ON_FAULT));
    s.run(p, 3)?;
    s.charged()
}
