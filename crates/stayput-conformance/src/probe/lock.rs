//! What `mlock` does with its arguments, its limit and its capability.

use super::Probe;
use super::scene::{Outcome, Scene, page_size, skip};
use stayput_sys::raw;

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("mlock.effect.populates", populates),
    ("mlock.parameter.start.rounded-down", rounded_down),
    ("mlock.parameter.start.tag-ignored", tag_ignored),
    ("mlock.parameter.len.zero", zero),
    ("mlock.parameter.len.zero-with-offset", zero_with_offset),
    ("mlock.parameter.len.wraps-to-zero", wraps_to_zero),
    ("mlock.parameter.len.wraps-to-one-page", wraps_to_one_page),
    ("mlock.parameter.len.long-max", long_max),
    ("mlock.capability.lifts-limit", lifts_limit),
    ("mlock.capability.lifts-zero-limit", lifts_zero_limit),
    ("mlock.capability.initial-namespace-only", initial_namespace),
    ("mlock.effect.does-not-stack", does_not_stack),
    ("mlock.effect.overlap-charged-once", overlap),
    ("mlock.effect.lowered-limit", lowered_limit),
];

fn populates(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    s.note(s.lock(p, 3 * page_size()));
    s.run(p, 3)?;
    s.resident_run(p, 3)?;
    s.charged()
}

fn rounded_down(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    s.note(s.lock(p + page_size() - 1, 2));
    s.run(p, 3)?;
    s.charged()
}

fn tag_ignored(s: &mut Scene) -> Outcome {
    const TAG: usize = 0x5a << 56;
    if std::env::consts::ARCH != "aarch64" {
        return Err(skip("needs tagged addresses (arm64)"));
    }
    let p = s.map(2)?;
    s.note(s.lock(TAG | p, 2 * page_size()));
    s.note(raw::munlock(TAG | (p + page_size()), page_size()));
    s.run(p, 2)?;
    s.charged()
}

fn zero(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.note(s.lock(p, 0));
    s.run(p, 1)?;
    s.charged()
}

fn zero_with_offset(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(s.lock(p + 10, 0));
    s.run(p, 2)?;
    s.resident_run(p, 2)?;
    s.charged()
}

fn wraps_to_zero(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.note(s.lock(p, usize::MAX));
    s.run(p, 1)?;
    s.charged()
}

fn wraps_to_one_page(s: &mut Scene) -> Outcome {
    let p = s.map(2)?;
    s.note(s.lock(p + 10, usize::MAX));
    s.run(p, 2)?;
    s.charged()
}

fn long_max(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let (p, q) = (s.map(1)?, s.map(1)?);
    s.note(s.lock(p, (1 << 63) - 1));
    s.note(s.lock(q, 1 << 63));
    Ok(())
}

fn lifts_limit(s: &mut Scene) -> Outcome {
    s.privileged()?;
    s.limit(4 * page_size())?;
    let p = s.map(5)?;
    s.note(s.lock(p, 5 * page_size()));
    s.charged()
}

fn lifts_zero_limit(s: &mut Scene) -> Outcome {
    s.privileged()?;
    s.limit(0)?;
    let p = s.map(1)?;
    s.note(s.lock(p, page_size()));
    s.charged()
}

fn initial_namespace(s: &mut Scene) -> Outcome {
    s.privileged()?;
    s.limit(0)?;
    if let Err(error) = raw::unshare_user() {
        return Err(skip(&format!("unshare(CLONE_NEWUSER): {error}")));
    }
    let p = s.map(1)?;
    s.note(s.lock(p, page_size()));
    s.charged()
}

fn does_not_stack(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    for _ in 0..3 {
        s.note(s.lock(p, page_size()));
    }
    s.note(raw::munlock(p, page_size()));
    s.run(p, 1)?;
    s.charged()
}

fn overlap(s: &mut Scene) -> Outcome {
    let p = s.map(5)?;
    s.confined(4 * page_size())?;
    s.note(s.lock(p, 4 * page_size()));
    s.note(s.lock(p, 4 * page_size()));
    s.note(s.lock(p + page_size(), 4 * page_size()));
    s.charged()
}

fn lowered_limit(s: &mut Scene) -> Outcome {
    let p = s.map(4)?;
    s.confined(4 * page_size())?;
    s.note(s.lock(p, 4 * page_size()));
    s.limit(2 * page_size())?;
    s.note(s.lock(p, page_size()));
    s.run(p, 4)?;
    s.charged()
}
