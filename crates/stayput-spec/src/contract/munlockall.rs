//! `munlockall`.

use super::{Call, Clause, Evidence, Expect, Page, Part};
use Expect::{Charged, Succeeds};
use Page::Unlocked;

const CALL: &[Call] = &[Call::Munlockall];
const OBSERVED: Evidence = Evidence::Observed;

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "munlockall.return.needs-no-permission",
        calls: CALL,
        part: Part::Return,
        title: "No permission is needed",
        text: "munlockall looks at neither limit nor capability: no EPERM, with a limit of 0 \
               either. (Before 2.6.9 it needed privilege.)",
        scenario: "Unprivileged, soft limit 0: munlockall.",
        expect: &[Succeeds],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mlock(2) ERRORS; mm/mlock.c:munlockall",
        precedes: &[],
    },
    Clause {
        id: "munlockall.return.not-locked",
        calls: CALL,
        part: Part::Return,
        title: "It succeeds when nothing is locked",
        text: "It returns 0 whatever is locked.",
        scenario: "munlockall, twice.",
        expect: &[Succeeds, Succeeds, Charged(0)],
        evidence: OBSERVED,
        since: "2.0",
        source: "mm/mlock.c:munlockall",
        precedes: &[],
    },
    Clause {
        id: "munlockall.effect.unlocks-all",
        calls: CALL,
        part: Part::Effect,
        title: "Every mapping is unlocked",
        text: "Flags and charge of every mapping are gone, plain and on-fault, whichever call \
               locked them; pages stay resident for the moment.",
        scenario: "Map three times one page: mlock the first, mlock2 the second with \
                   MLOCK_ONFAULT, map the third with MAP_LOCKED; munlockall. Residency: the \
                   first page.",
        expect: &[
            Succeeds,
            Expect::pages(&[Unlocked, Unlocked, Unlocked]),
            Expect::resident(&[true]),
            Charged(0),
        ],
        evidence: OBSERVED,
        since: "2.0",
        source: "mlock(2) DESCRIPTION; mm/mlock.c:munlockall, apply_mlockall_flags",
        precedes: &[],
    },
    Clause {
        id: "munlockall.effect.clears-future",
        calls: CALL,
        part: Part::Effect,
        title: "The default for later mappings is cleared",
        text: "What is mapped after it is not locked, whatever mlockall said before.",
        scenario: "mlockall(MCL_FUTURE | MCL_ONFAULT), munlockall, map one page.",
        expect: &[Succeeds, Succeeds, Expect::pages(&[Unlocked])],
        evidence: OBSERVED,
        since: "2.0",
        source: "mm/mlock.c:apply_mlockall_flags (mm->def_flags)",
        precedes: &[],
    },
    Clause {
        id: "munlockall.effect.after-mlockall",
        calls: CALL,
        part: Part::Effect,
        title: "It undoes mlockall",
        text: "After mlockall, in any form, every mapping is unlocked.",
        scenario: "Privileged: map 2 P; mlockall(MCL_CURRENT), munlockall; \
                   mlockall(MCL_CURRENT | MCL_ONFAULT), munlockall; \
                   mlockall(MCL_CURRENT | MCL_FUTURE), munlockall.",
        expect: &[
            Succeeds,
            Succeeds,
            Succeeds,
            Succeeds,
            Succeeds,
            Succeeds,
            Expect::pages(&[Unlocked, Unlocked]),
            Charged(0),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mlock.c:munlockall",
        precedes: &[],
    },
];
