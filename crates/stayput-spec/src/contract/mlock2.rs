//! What `mlock2` adds to `mlock`: its flags.

use super::{Call, Clause, Errno, Evidence, Expect, Page, Part};
use Expect::{Charged, Fails, Holds, Succeeds};
use Page::{Locked, OnFault, Unlocked, Unmapped};

const CALL: &[Call] = &[Call::Mlock2];
const OBSERVED: Evidence = Evidence::Observed;

pub(super) const UNKNOWN_FLAGS: Clause = Clause {
    id: "mlock2.error.einval.unknown-flags",
    calls: CALL,
    part: Part::Error(Errno::Einval),
    title: "A flag other than MLOCK_ONFAULT",
    text: "Flags has a bit other than MLOCK_ONFAULT (1). This is checked first of all.",
    scenario: "mlock2 of one page with flags 2; with flags -1.",
    expect: &[Fails(Errno::Einval), Fails(Errno::Einval), Charged(0)],
    evidence: OBSERVED,
    since: "4.4",
    source: "mlock(2) ERRORS; mm/mlock.c:mlock2",
    precedes: &[
        "mlock.error.eperm.limit-zero",
        "mlock.error.enomem.limit",
        "mlock.error.enomem.hole",
    ],
};

pub(super) const ONFAULT_DEFERS: Clause = Clause {
    id: "mlock2.effect.onfault-defers",
    calls: CALL,
    part: Part::Effect,
    title: "MLOCK_ONFAULT brings nothing in",
    text: "The mapping is flagged locked and lock-on-fault and charged in full; no page is \
           brought in.",
    scenario: "Map 2 P untouched, mlock2 all with MLOCK_ONFAULT.",
    expect: &[
        Succeeds,
        Expect::pages(&[OnFault, OnFault]),
        Expect::resident(&[false, false]),
        Charged(2),
    ],
    evidence: OBSERVED,
    since: "4.4",
    source: "mlock(2) DESCRIPTION; mm/gup.c:populate_vma_page_range (VM_LOCKONFAULT)",
    precedes: &[],
};

pub(super) const CLAUSES: &[Clause] = &[
    UNKNOWN_FLAGS,
    Clause {
        id: "mlock2.precedence.einval-before-eperm",
        calls: CALL,
        part: Part::Precedence,
        title: "Unknown flags come before EPERM",
        text: "With limit 0 and without the capability unknown flags still give EINVAL; with \
               valid flags EPERM then comes before everything about the range.",
        scenario: "Unprivileged, soft limit 0: mlock2 of one page with flags 2; with flags 0.",
        expect: &[Fails(Errno::Einval), Fails(Errno::Eperm)],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mlock.c:mlock2",
        precedes: &["mlock.error.eperm.limit-zero"],
    },
    Clause {
        id: "mlock2.error.enosys.old-kernel",
        calls: CALL,
        part: Part::Error(Errno::Enosys),
        title: "No such call before Linux 4.4",
        text: "Kernels before 4.4 have no mlock2.",
        scenario: "",
        expect: &[],
        evidence: Evidence::Cited("needs a kernel older than any this project runs on"),
        since: "2.0",
        source: "mlock(2) VERSIONS",
        precedes: &[],
    },
    Clause {
        id: "mlock2.parameter.flags.zero",
        calls: CALL,
        part: Part::Parameter,
        title: "Flags 0 is mlock",
        text: "With flags 0 mlock2 does what mlock does.",
        scenario: "Map 2 P untouched, mlock2 all with flags 0.",
        expect: &[
            Succeeds,
            Expect::pages(&[Locked, Locked]),
            Expect::resident(&[true, true]),
            Charged(2),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mlock(2) DESCRIPTION; mm/mlock.c:mlock2",
        precedes: &[],
    },
    ONFAULT_DEFERS,
    Clause {
        id: "mlock2.effect.onfault-rounds",
        calls: CALL,
        part: Part::Effect,
        title: "MLOCK_ONFAULT rounds as mlock does",
        text: "The range is rounded as for mlock; VmLck counts the rounded range, residency is \
               left as it was.",
        scenario: "Shared anonymous 8 P, first page written: mlock2 (p, 4 P + 1) with \
                   MLOCK_ONFAULT; on a fresh one with four pages written, mlock2 (p, 4 P - 1). \
                   Residency: of each in turn, 16 pages in all; charge: of both.",
        expect: &[
            Succeeds,
            Succeeds,
            Expect::resident(&[
                true, false, false, false, false, false, false, false, true, true, true, true,
                false, false, false, false,
            ]),
            Charged(9),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mlock.c:do_mlock",
        precedes: &[],
    },
    Clause {
        id: "mlock2.effect.onfault-locks-present",
        calls: CALL,
        part: Part::Effect,
        title: "Pages that are present are locked at once",
        text: "Pages already present are locked by the call; the others as they are faulted in.",
        scenario: "Map 2 P, write the first, mlock2 both with MLOCK_ONFAULT. Holds: Locked in \
                   smaps is one page.",
        expect: &[
            Succeeds,
            Expect::pages(&[OnFault, OnFault]),
            Expect::resident(&[true, false]),
            Charged(2),
            Holds(true),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mlock(2) DESCRIPTION; mm/mlock.c:mlock_vma_pages_range",
        precedes: &[],
    },
    Clause {
        id: "mlock2.effect.onfault-locks-on-fault",
        calls: CALL,
        part: Part::Effect,
        title: "A page is locked when it is first touched",
        text: "The fault that brings a page in also locks it.",
        scenario: "Map 2 P untouched, mlock2 both with MLOCK_ONFAULT, write the first. Holds: \
                   Locked in smaps went from 0 to one page.",
        expect: &[Succeeds, Expect::resident(&[true, false]), Holds(true)],
        evidence: OBSERVED,
        since: "4.4",
        source: "mlock(2) DESCRIPTION; mm/mlock.c:mlock_new_folio",
        precedes: &[],
    },
    Clause {
        id: "mlock2.effect.plain-after-onfault",
        calls: CALL,
        part: Part::Effect,
        title: "A plain lock replaces an on-fault lock",
        text: "Locking on-fault memory without MLOCK_ONFAULT (also by mlock) clears lf and brings \
               every page in; VmLck doesn't grow.",
        scenario: "Map 2 P untouched, mlock2 with MLOCK_ONFAULT, then mlock2 with flags 0.",
        expect: &[
            Succeeds,
            Succeeds,
            Expect::pages(&[Locked, Locked]),
            Expect::resident(&[true, true]),
            Charged(2),
        ],
        evidence: OBSERVED,
        since: "4.9",
        source: "mm/mlock.c:mlock_fixup",
        precedes: &[],
    },
    Clause {
        id: "mlock2.effect.onfault-after-plain",
        calls: CALL,
        part: Part::Effect,
        title: "An on-fault lock replaces a plain lock",
        text: "Locking locked memory with MLOCK_ONFAULT sets lf; pages stay resident and charged \
               once.",
        scenario: "Map 2 P, mlock, then mlock2 with MLOCK_ONFAULT.",
        expect: &[
            Succeeds,
            Succeeds,
            Expect::pages(&[OnFault, OnFault]),
            Expect::resident(&[true, true]),
            Charged(2),
        ],
        evidence: OBSERVED,
        since: "4.9",
        source: "mm/mlock.c:mlock_fixup",
        precedes: &[],
    },
    Clause {
        id: "mlock2.effect.onfault-charges-at-call",
        calls: CALL,
        part: Part::Effect,
        title: "The limit is compared at the call, not at the fault",
        text: "MLOCK_ONFAULT charges the whole range when called; over the limit it fails like \
               mlock, though no page would be brought in.",
        scenario: "Unprivileged, soft limit 4 P: mlock2 of 5 P with MLOCK_ONFAULT.",
        expect: &[Fails(Errno::Enomem), Charged(0)],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mlock.c:do_mlock",
        precedes: &[],
    },
    Clause {
        id: "mlock2.effect.onfault-prot-none",
        calls: CALL,
        part: Part::Effect,
        title: "PROT_NONE is no error on fault",
        text: "With MLOCK_ONFAULT a PROT_NONE mapping is flagged and charged, and the call \
               returns 0.",
        scenario: "Map 2 P PROT_NONE, mlock2 with MLOCK_ONFAULT.",
        expect: &[Succeeds, Expect::pages(&[OnFault, OnFault]), Charged(2)],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/gup.c:populate_vma_page_range",
        precedes: &[],
    },
    Clause {
        id: "mlock2.effect.onfault-beyond-file-end",
        calls: CALL,
        part: Part::Effect,
        title: "The end of a file is no error on fault",
        text: "With MLOCK_ONFAULT pages beyond the end of the file are flagged and charged, and \
               the call returns 0.",
        scenario: "A memfd of 1 P, mapped shared for 3 P: mlock2 all with MLOCK_ONFAULT.",
        expect: &[
            Succeeds,
            Expect::pages(&[OnFault, OnFault, OnFault]),
            Charged(3),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/gup.c:populate_vma_page_range",
        precedes: &[],
    },
    Clause {
        id: "mlock2.effect.onfault-hole",
        calls: CALL,
        part: Part::Effect,
        title: "A hole leaves part locked, on fault too",
        text: "Mappings before the first hole stay flagged lock-on-fault and charged.",
        scenario: "Map 3 P, unmap the middle page, mlock2 all 3 P with MLOCK_ONFAULT.",
        expect: &[
            Fails(Errno::Enomem),
            Expect::pages(&[OnFault, Unmapped, Unlocked]),
            Charged(1),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mlock.c:apply_vma_lock_flags",
        precedes: &[],
    },
];
