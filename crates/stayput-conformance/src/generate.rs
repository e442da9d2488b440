//! Random steps, weighted so that the interesting ones are frequent.

use crate::splitmix::SplitMix;
use crate::step::{Place, Step, What, page_size};
use stayput_spec::model::Advice;

/// Pages that the steps move about in.
pub(crate) const MAIN_PAGES: u64 = 24;
/// Where the huge page's slot begins; it is one huge page long.
pub(crate) const HUGE_SLOT: u64 = 2 << 20;
/// Size of the playground: room for a huge page asked for off its boundary.
pub(crate) const SIZE: u64 = 6 << 20;
/// Pages of the file; mappings reach past its end.
pub(crate) const FILE_PAGES: u64 = 6;
/// Pages of the secret memory.
pub(crate) const SECRET_PAGES: u64 = 6;

/// What the steps may contain on this machine.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Means {
    pub(crate) secret: bool,
    pub(crate) huge: bool,
    pub(crate) droppable: bool,
    pub(crate) exec: bool,
}

/// The next step.
pub(crate) fn step(rng: &mut SplitMix, means: Means) -> Step {
    match rng.below(1000) {
        0..230 => mmap(rng, means),
        230..265 => {
            let (at, len) = span(rng);
            Step::Munmap(at, len)
        }
        265..350 => {
            let (at, len) = span(rng);
            Step::Mprotect(at, len, prot(rng))
        }
        350..430 => mremap(rng),
        430..530 => {
            let (at, len) = span(rng);
            let advice = rng.pick(&[0, 1, 2, 3, 4, 5, 6]);
            Step::Madvise(at, len, advice % Advice::ALL.len())
        }
        530..680 => Step::Mlock(place(rng), lock_len(rng)),
        680..790 => Step::Mlock2(place(rng), lock_len(rng), rng.pick(&[0, 1, 1, 1, 1, 2, 8])),
        790..890 => Step::Munlock(place(rng), lock_len(rng)),
        890..915 => Step::Mlockall(rng.pick(&[1, 2, 2, 3, 5, 6, 6, 7, 0, 4, 8, 9])),
        915..940 => Step::Munlockall,
        940..945 => Step::Fork,
        945 if means.exec => Step::Exec,
        946 => Step::DropCapability,
        _ => setrlimit(rng),
    }
}

fn mmap(rng: &mut SplitMix, means: Means) -> Step {
    let what = match rng.below(20) {
        0..10 => What::Anonymous,
        10 if means.droppable => What::Droppable,
        11 if means.huge => What::Huge,
        12..14 => What::Private(rng.below(FILE_PAGES + 1)),
        14..17 => What::Shared(rng.below(FILE_PAGES + 1)),
        17..19 if means.secret => What::Secret(rng.below(2)),
        _ => What::Anonymous,
    };
    let (at, len) = match what {
        What::Huge => (
            HUGE_SLOT + rng.pick(&[0, 0, 0, 0, page_size()]),
            page_size(),
        ),
        _ => wide_span(rng),
    };
    Step::Mmap {
        at,
        len,
        prot: prot(rng),
        what,
        locked: rng.chance(20),
        no_replace: rng.chance(15),
    }
}

fn mremap(rng: &mut SplitMix) -> Step {
    let at = rng.below(MAIN_PAGES) * page_size();
    let room = MAIN_PAGES - at / page_size();
    let old = page_size() * (1 + rng.below(room.min(8)));
    let shape = rng.below(10);
    if shape < 4 {
        let new = match rng.below(2) {
            0 => old + page_size() * (1 + rng.below(4)).min(room - old / page_size()),
            _ => page_size() * rng.below(room.min(10) + 1),
        };
        return Step::Mremap {
            at: at + unaligned(rng),
            old,
            new,
            flags: 0,
            to: 0,
        };
    }
    let new = if shape < 8 {
        old
    } else {
        page_size() * (1 + rng.below(8))
    };
    let last = MAIN_PAGES.saturating_sub(new / page_size());
    Step::Mremap {
        at,
        old,
        new,
        flags: rng.pick(&[3, 3, 3, 3, 7, 7, 2, 11]),
        to: rng.below(last + 1) * page_size() + unaligned(rng),
    }
}

fn setrlimit(rng: &mut SplitMix) -> Step {
    let soft = match rng.below(10) {
        0 => 0,
        1 => page_size() - 1,
        2..7 => page_size() * (1 + rng.below(24)) + rng.below(2) * 100,
        7 => 65_536,
        _ => u64::MAX,
    };
    Step::Setrlimit(soft, if rng.chance(5) { page_size() } else { 0 })
}

/// A span that stays inside the main pages, now and then unaligned or empty.
fn span(rng: &mut SplitMix) -> (u64, u64) {
    let first = rng.below(MAIN_PAGES);
    let pages = 1 + rng.below((MAIN_PAGES - first).min(10));
    match rng.below(40) {
        0 => (
            first * page_size() + 1 + rng.below(page_size() - 1),
            (pages - 1) * page_size(),
        ),
        1 => (first * page_size(), 0),
        2 => (
            first * page_size(),
            pages * page_size() - rng.below(page_size()),
        ),
        _ => (first * page_size(), pages * page_size()),
    }
}

/// Now and then most of the main pages, so that holes don't take over.
fn wide_span(rng: &mut SplitMix) -> (u64, u64) {
    if rng.chance(20) {
        let first = rng.below(4);
        (
            first * page_size(),
            (MAIN_PAGES - first - rng.below(4)) * page_size(),
        )
    } else {
        span(rng)
    }
}

fn unaligned(rng: &mut SplitMix) -> u64 {
    if rng.chance(3) {
        rng.below(page_size())
    } else {
        0
    }
}

/// `PROT_NONE`, read, write, both: mostly both.
fn prot(rng: &mut SplitMix) -> u32 {
    rng.pick(&[0, 0, 1, 1, 2, 3, 3, 3, 3, 3])
}

fn place(rng: &mut SplitMix) -> Place {
    match rng.below(60) {
        0 | 1 => Place::Special(rng.below(4)),
        2 => Place::Absolute(rng.pick(&[
            0,
            page_size(),
            0x7fff_ffff_f000,
            0x8000_0000_0000,
            0xffff_ffff_ff60_0000,
            u64::MAX - page_size() + 1,
            u64::MAX,
        ])),
        3 => Place::At(HUGE_SLOT + rng.below(4) * page_size()),
        4..10 => Place::At(rng.below(MAIN_PAGES) * page_size() + 1 + rng.below(page_size() - 1)),
        _ => Place::At(rng.below(MAIN_PAGES) * page_size()),
    }
}

fn lock_len(rng: &mut SplitMix) -> u64 {
    match rng.below(40) {
        0..3 => 0,
        3 => rng.pick(&[
            u64::MAX,
            u64::MAX - page_size() + 1,
            u64::MAX - page_size(),
            1 << 63,
            (1 << 63) - 1,
            1 << 47,
        ]),
        4..8 => 1 + rng.below(3 * page_size()),
        _ => page_size() * (1 + rng.below(7)),
    }
}
