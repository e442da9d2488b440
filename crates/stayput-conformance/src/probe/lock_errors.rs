//! How `mlock` fails, and which failure comes first.

use super::Probe;
use super::scene::{EXEC, NONE, Outcome, READ, READ_WRITE, Scene, no_huge_pages, page_size, skip};
use stayput_sys::raw::{self, MapArgs, Source};

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("mlock.error.eperm.limit-zero", limit_zero),
    ("mlock.error.enomem.limit", limit),
    ("mlock.error.enomem.hole", hole),
    ("mlock.error.enomem.prot-none", prot_none),
    ("mlock.error.enomem.beyond-file-end", beyond_file_end),
    ("mlock.error.enomem.map-count", map_count),
    ("mlock.error.einval.wraps", wraps),
    ("mlock.precedence.eperm-first", eperm_first),
    ("mlock.error.enomem.limit-below-page", limit_below_page),
    ("mlock.precedence.limit-before-wrap", limit_before_wrap),
    ("mlock.error.enomem.hole-first", hole_first),
    ("mlock.error.enomem.hole-last", hole_last),
    ("mlock.error.enomem.outside-user-space", outside_user_space),
    ("mlock.error.enomem.huge-page-missing", huge_page_missing),
    ("mlock.error.enomem.execute-only", execute_only),
];

/// The length that wraps the end around to 0 or below `addr`.
fn minus_page() -> usize {
    usize::MAX - page_size() + 1
}

fn limit_zero(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.confined(0)?;
    s.note(s.lock(p, page_size()));
    s.charged()
}

fn limit(s: &mut Scene) -> Outcome {
    let p = s.map(5)?;
    s.confined(4 * page_size())?;
    s.note(s.lock(p, 5 * page_size()));
    s.charged()?;
    s.run(p, 5)
}

fn hole(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    s.ground.munmap(p + page_size(), page_size())?;
    s.note(s.lock(p, 3 * page_size()));
    s.run(p, 3)?;
    s.charged()
}

fn prot_none(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    s.ground.mprotect(p + page_size(), page_size(), NONE)?;
    s.note(s.lock(p, 3 * page_size()));
    s.run(p, 3)?;
    s.resident_run(p, 3)?;
    s.charged()
}

fn beyond_file_end(s: &mut Scene) -> Outcome {
    let file = raw::memfd(page_size())?;
    let p = s.map_shared(3, READ_WRITE, &file)?;
    s.note(s.lock(p, 3 * page_size()));
    s.run(p, 3)?;
    s.resident_run(p, 3)?;
    s.charged()
}

fn map_count(s: &mut Scene) -> Outcome {
    let middle = use_up_mappings(s)?;
    s.note(s.lock(middle, page_size()));
    s.charged()
}

/// Splits a reservation until the kernel refuses; returns a page amid what is
/// still one mapping.
pub(super) fn use_up_mappings(s: &mut Scene) -> Result<usize, super::scene::Stop> {
    const PAGES: usize = 144 << 10;
    // Not writable: so many pages may be more than there is memory for.
    let p = s.map_as(PAGES, READ, Source::Anonymous, 0)?;
    for page in (0..PAGES - 64).step_by(2) {
        match s.ground.mprotect(p + page * page_size(), page_size(), NONE) {
            Ok(()) => {}
            Err(error) if error.raw_os_error() == Some(12) => {
                return Ok(p + (PAGES - 32) * page_size());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(super::scene::skip(
        "vm.max_map_count is too high to be used up",
    ))
}

fn wraps(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let p = s.map(1)?;
    s.note(s.lock(p, minus_page()));
    s.charged()
}

fn eperm_first(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    let unmapped = s.room(1);
    s.confined(0)?;
    s.note(s.lock(p, 0));
    s.note(s.lock(unmapped, page_size()));
    s.note(s.lock(p, minus_page()));
    Ok(())
}

fn limit_below_page(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.confined(page_size() - 1)?;
    s.note(s.lock(p, 0));
    s.note(s.lock(p, page_size()));
    s.charged()
}

fn limit_before_wrap(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    s.confined(4 * page_size())?;
    s.note(s.lock(p, minus_page()));
    Ok(())
}

fn hole_first(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    s.ground.munmap(p, page_size())?;
    s.note(s.lock(p, 3 * page_size()));
    s.run(p, 3)?;
    s.charged()
}

fn hole_last(s: &mut Scene) -> Outcome {
    let p = s.map(3)?;
    s.ground.munmap(p + 2 * page_size(), page_size())?;
    s.note(s.lock(p, 3 * page_size()));
    s.run(p, 3)?;
    s.resident_run(p, 2)?;
    s.charged()
}

fn outside_user_space(s: &mut Scene) -> Outcome {
    s.note(s.lock(1 << 63, page_size()));
    s.charged()
}

fn huge_page_missing(s: &mut Scene) -> Outcome {
    no_huge_pages()?;
    let addr = s.ground.start() + (2 << 20);
    let p = s.ground.mmap(&MapArgs {
        addr,
        len: 2 << 20,
        prot: READ_WRITE,
        source: Source::HugeTlb,
        flags: 0,
        no_replace: false,
    })?;
    s.note(s.lock(p, page_size()));
    s.run(p, 1)?;
    s.charged()
}

fn execute_only(s: &mut Scene) -> Outcome {
    let processor = std::fs::read_to_string("/proc/cpuinfo")?;
    let keys = ["ospke", "poe"];
    if !processor
        .split_whitespace()
        .any(|flag| keys.contains(&flag))
    {
        return Err(skip("needs a processor with protection keys"));
    }
    let p = s.map_as(1, EXEC, Source::Anonymous, 0)?;
    s.note(s.lock(p, page_size()));
    s.run(p, 1)?;
    s.charged()?;
    s.resident([p])
}
