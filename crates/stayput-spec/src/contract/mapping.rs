//! `mmap(MAP_LOCKED)`: locking while mapping, and what it doesn't promise.

use super::{Call, Clause, Errno, Evidence, Expect, Page, Part};
use Expect::{Charged, Fails, Succeeds};
use Page::{Locked, OnFault};

const CALL: &[Call] = &[Call::Mmap];
const OBSERVED: Evidence = Evidence::Observed;

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "mmap.error.eperm.limit-zero",
        calls: CALL,
        part: Part::Error(Errno::Eperm),
        title: "MAP_LOCKED, not privileged, and the limit is zero",
        text: "With MAP_LOCKED the same check as in mlock gives EPERM.",
        scenario: "Unprivileged, soft limit 0: map one page with MAP_LOCKED.",
        expect: &[Fails(Errno::Eperm)],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mmap(2) ERRORS; mm/mmap.c:do_mmap (can_do_mlock)",
        precedes: &["mmap.error.eagain.limit"],
    },
    Clause {
        id: "mmap.error.eagain.limit",
        calls: CALL,
        part: Part::Error(Errno::Eagain),
        title: "MAP_LOCKED over the limit",
        text: "Over the limit MAP_LOCKED gives EAGAIN, where mlock gives ENOMEM.",
        scenario: "Unprivileged, soft limit 4 P: map 8 P with MAP_LOCKED.",
        expect: &[Fails(Errno::Eagain), Charged(0)],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mmap(2) ERRORS; mm/mmap.c:do_mmap (mlock_future_ok)",
        precedes: &[],
    },
    Clause {
        id: "mmap.effect.map-locked",
        calls: CALL,
        part: Part::Effect,
        title: "MAP_LOCKED locks and brings in",
        text: "The mapping is flagged, charged and brought in, with MAP_NONBLOCK too.",
        scenario: "Map 2 P with MAP_LOCKED; map 2 P with MAP_LOCKED | MAP_NONBLOCK.",
        expect: &[
            Succeeds,
            Succeeds,
            Expect::pages(&[Locked, Locked, Locked, Locked]),
            Expect::resident(&[true, true, true, true]),
            Charged(4),
        ],
        evidence: OBSERVED,
        since: "2.5.37",
        source: "mmap(2) FLAGS; mm/mmap.c:do_mmap",
        precedes: &[],
    },
    Clause {
        id: "mmap.effect.map-locked-ignores-failure",
        calls: CALL,
        part: Part::Effect,
        title: "MAP_LOCKED doesn't report pages it couldn't bring in",
        text: "Unlike mlock, mmap succeeds though pages could not be brought in: the mapping is \
               flagged and charged, and a later fault is possible.",
        scenario: "Map one page PROT_NONE with MAP_LOCKED; map a memfd of length 0 for one page \
                   with MAP_LOCKED.",
        expect: &[
            Succeeds,
            Succeeds,
            Expect::pages(&[Locked, Locked]),
            Expect::resident(&[false, false]),
            Charged(2),
        ],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mmap(2) FLAGS and BUGS; mm/util.c:vm_mmap_pgoff (mm_populate's result is dropped)",
        precedes: &[],
    },
    Clause {
        id: "mmap.effect.map-locked-under-onfault",
        calls: CALL,
        part: Part::Effect,
        title: "An on-fault default wins over MAP_LOCKED",
        text: "After mlockall(MCL_FUTURE | MCL_ONFAULT) a MAP_LOCKED mapping is lock-on-fault and \
               nothing is brought in.",
        scenario: "mlockall(MCL_FUTURE | MCL_ONFAULT); map 2 P with MAP_LOCKED.",
        expect: &[
            Succeeds,
            Expect::pages(&[OnFault, OnFault]),
            Expect::resident(&[false, false]),
            Charged(2),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mmap.c:do_mmap (mm->def_flags)",
        precedes: &[],
    },
];
