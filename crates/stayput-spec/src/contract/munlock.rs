//! `munlock`.

use super::{Call, Clause, Errno, Evidence, Expect, Page, Part};
use Expect::{Charged, Fails, Holds, Succeeds};
use Page::{Locked, OnFault, Unlocked, Unmapped};

const CALL: &[Call] = &[Call::Munlock];
const OBSERVED: Evidence = Evidence::Observed;

pub(super) const HOLE: Clause = Clause {
    id: "munlock.error.enomem.hole",
    calls: CALL,
    part: Part::Error(Errno::Enomem),
    title: "A page of the range is not mapped",
    text: "Some page of the rounded range is not mapped. The call is not atomic: mappings before \
           the first hole are unlocked, those after it stay locked.",
    scenario: "Map 3 P, lock all, unmap the middle page, munlock all 3 P.",
    expect: &[
        Fails(Errno::Enomem),
        Expect::pages(&[Unlocked, Unmapped, Locked]),
        Charged(1),
    ],
    evidence: OBSERVED,
    since: "2.0",
    source: "mlock(2) ERRORS; mm/mlock.c:apply_vma_lock_flags",
    precedes: &[],
};

pub(super) const MAP_COUNT: Clause = Clause {
    id: "munlock.error.enomem.map-count",
    calls: CALL,
    part: Part::Error(Errno::Enomem),
    title: "Too many mappings",
    text: "Unlocking the middle of a locked mapping splits it, and the process would have more \
           mappings than vm.max_map_count. The mapping stays locked.",
    scenario: "mlock2 3 P with MLOCK_ONFAULT; split a reservation until mprotect fails with \
               ENOMEM; munlock the middle page.",
    expect: &[
        Fails(Errno::Enomem),
        Expect::pages(&[OnFault, OnFault, OnFault]),
        Charged(3),
    ],
    evidence: OBSERVED,
    since: "2.0",
    source: "mlock(2) ERRORS; mm/vma.c:split_vma",
    precedes: &[],
};

pub(super) const WRAPS: Clause = Clause {
    id: "munlock.error.einval.wraps",
    calls: CALL,
    part: Part::Error(Errno::Einval),
    title: "The range wraps past the end of the address space",
    text: "Start plus rounded length is less than start. No limit is compared before it, so this \
           needs no capability.",
    scenario: "Unprivileged: lock one page p, munlock (p, -8 P).",
    expect: &[Fails(Errno::Einval), Expect::pages(&[Locked]), Charged(1)],
    evidence: OBSERVED,
    since: "2.0",
    source: "mlock(2) ERRORS; mm/mlock.c:apply_vma_lock_flags",
    precedes: &[],
};

pub(super) const UNLOCKS: Clause = Clause {
    id: "munlock.effect.unlocks",
    calls: CALL,
    part: Part::Effect,
    title: "Every page of the range is unlocked",
    text: "Flags and charge are gone; the pages stay resident for the moment and may be swapped \
           out from now on.",
    scenario: "Map 2 P, lock, munlock.",
    expect: &[
        Succeeds,
        Succeeds,
        Expect::pages(&[Unlocked, Unlocked]),
        Expect::resident(&[true, true]),
        Charged(0),
    ],
    evidence: OBSERVED,
    since: "2.0",
    source: "mlock(2) DESCRIPTION; mm/mlock.c:munlock",
    precedes: &[],
};

pub(super) const CLAUSES: &[Clause] = &[
    HOLE,
    MAP_COUNT,
    WRAPS,
    Clause {
        id: "munlock.return.needs-no-permission",
        calls: CALL,
        part: Part::Return,
        title: "No permission is needed",
        text: "munlock looks at neither limit nor capability: no EPERM, with a limit of 0 either.",
        scenario: "Lock one page; then unprivileged, soft limit 0: munlock it.",
        expect: &[Succeeds, Succeeds, Expect::pages(&[Unlocked]), Charged(0)],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mm/mlock.c:munlock",
        precedes: &[],
    },
    Clause {
        id: "munlock.return.not-locked",
        calls: CALL,
        part: Part::Return,
        title: "What isn't locked may be unlocked",
        text: "Unlocking mapped memory that isn't locked, or no longer is, succeeds.",
        scenario: "munlock one page that was never locked; lock it, munlock it twice.",
        expect: &[Succeeds, Succeeds, Succeeds, Succeeds, Charged(0)],
        evidence: OBSERVED,
        since: "2.0",
        source: "mm/mlock.c:mlock_fixup",
        precedes: &[],
    },
    Clause {
        id: "munlock.parameter.start.rounded-down",
        calls: CALL,
        part: Part::Parameter,
        title: "Start is rounded down, the end up",
        text: "Two bytes across a boundary unlock two pages.",
        scenario: "Map 3 P, lock all, munlock (p + P - 1, 2).",
        expect: &[
            Succeeds,
            Succeeds,
            Expect::pages(&[Unlocked, Unlocked, Locked]),
            Charged(1),
        ],
        evidence: OBSERVED,
        since: "2.0",
        source: "mlock(2) NOTES; mm/mlock.c:munlock",
        precedes: &[],
    },
    Clause {
        id: "munlock.parameter.len.zero",
        calls: CALL,
        part: Part::Parameter,
        title: "Length 0 at a page boundary does nothing, inside a page unlocks it",
        text: "Length 0 is rounded as in mlock.",
        scenario: "Map 2 P, lock both, munlock (p + P, 0), munlock (p + 10, 0).",
        expect: &[
            Succeeds,
            Succeeds,
            Succeeds,
            Expect::pages(&[Unlocked, Locked]),
            Charged(1),
        ],
        evidence: OBSERVED,
        since: "2.0",
        source: "mm/mlock.c:munlock",
        precedes: &[],
    },
    Clause {
        id: "munlock.parameter.len.wraps-to-zero",
        calls: CALL,
        part: Part::Parameter,
        title: "A length within a page of 2^64 unlocks nothing",
        text: "The length wraps to 0 when it is rounded up: the call returns 0 and the lock stays.",
        scenario: "Lock one page p, munlock (p, 2^64 - 1).",
        expect: &[Succeeds, Succeeds, Expect::pages(&[Locked]), Charged(1)],
        evidence: OBSERVED,
        since: "2.0",
        source: "mm/mlock.c:munlock (PAGE_ALIGN)",
        precedes: &[],
    },
    UNLOCKS,
    Clause {
        id: "munlock.effect.clears-on-fault",
        calls: CALL,
        part: Part::Effect,
        title: "On-fault locks are unlocked too",
        text: "munlock clears lo and lf.",
        scenario: "Map 2 P, mlock2 with MLOCK_ONFAULT, write the first page, munlock.",
        expect: &[
            Succeeds,
            Succeeds,
            Expect::pages(&[Unlocked, Unlocked]),
            Charged(0),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mlock.c:apply_vma_lock_flags (VM_LOCKED_MASK)",
        precedes: &[],
    },
    Clause {
        id: "munlock.effect.splits-and-merges",
        calls: CALL,
        part: Part::Effect,
        title: "Mappings are split and merged again",
        text: "Unlocking the middle of a mapping makes three of it; unlocking all makes it one.",
        scenario: "Map 3 P, mlock2 with MLOCK_ONFAULT, munlock the middle page (pages, charge); \
                   munlock all. Holds: three mappings after the first, one after the second.",
        expect: &[
            Succeeds,
            Succeeds,
            Expect::pages(&[OnFault, Unlocked, OnFault]),
            Charged(2),
            Succeeds,
            Holds(true),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mlock.c:mlock_fixup; mm/vma.c:vma_modify",
        precedes: &[],
    },
    Clause {
        id: "munlock.effect.undoes-mlockall",
        calls: CALL,
        part: Part::Effect,
        title: "It undoes mlockall for its range",
        text: "It doesn't matter which call locked a page, nor how often.",
        scenario: "Privileged: map one page, mlockall(MCL_CURRENT), munlock the page.",
        expect: &[Succeeds, Succeeds, Expect::pages(&[Unlocked])],
        evidence: OBSERVED,
        since: "2.0",
        source: "mm/mlock.c:mlock_fixup",
        precedes: &[],
    },
];
