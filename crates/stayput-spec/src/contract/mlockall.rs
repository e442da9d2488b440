//! `mlockall`.

use super::{Call, Clause, Errno, Evidence, Expect, Page, Part};
use Expect::{Charged, Fails, Succeeds};
use Page::{Locked, OnFault, Unlocked};

const CALL: &[Call] = &[Call::Mlockall];
const OBSERVED: Evidence = Evidence::Observed;

pub(super) const BAD_FLAGS: Clause = Clause {
    id: "mlockall.error.einval.flags",
    calls: CALL,
    part: Part::Error(Errno::Einval),
    title: "No flag, an unknown flag, or MCL_ONFAULT alone",
    text: "Flags is 0, has a bit other than MCL_CURRENT (1), MCL_FUTURE (2) and MCL_ONFAULT (4), \
           or is MCL_ONFAULT alone. This is checked first of all.",
    scenario: "mlockall of 0, 4, 8 and ~3.",
    expect: &[
        Fails(Errno::Einval),
        Fails(Errno::Einval),
        Fails(Errno::Einval),
        Fails(Errno::Einval),
        Charged(0),
    ],
    evidence: OBSERVED,
    since: "4.4",
    source: "mlock(2) ERRORS; mm/mlock.c:mlockall",
    precedes: &[
        "mlockall.error.eperm.limit-zero",
        "mlockall.error.enomem.total-vm",
    ],
};

pub(super) const LIMIT_ZERO: Clause = Clause {
    id: "mlockall.error.eperm.limit-zero",
    calls: CALL,
    part: Part::Error(Errno::Eperm),
    title: "Not privileged, and the limit is zero",
    text: "The caller lacks CAP_IPC_LOCK and its RLIMIT_MEMLOCK soft limit is 0, with any flags, \
           MCL_FUTURE alone too.",
    scenario: "Unprivileged, soft limit 0: mlockall(MCL_CURRENT); mlockall(MCL_FUTURE).",
    expect: &[Fails(Errno::Eperm), Fails(Errno::Eperm), Charged(0)],
    evidence: OBSERVED,
    since: "2.6.9",
    source: "mlock(2) ERRORS; mm/mlock.c:can_do_mlock",
    precedes: &["mlockall.error.enomem.total-vm"],
};

pub(super) const TOTAL_VM: Clause = Clause {
    id: "mlockall.error.enomem.total-vm",
    calls: CALL,
    part: Part::Error(Errno::Enomem),
    title: "The whole address space is over the limit",
    text: "MCL_CURRENT is set, the caller lacks CAP_IPC_LOCK, and all it has mapped (total_vm, \
           PROT_NONE reservations and thread stacks included) exceeds its soft limit. Nothing is \
           locked, and the default for later mappings stays as it was, with MCL_FUTURE too.",
    scenario: "Unprivileged, soft limit 16 P: mlockall(MCL_CURRENT); \
               mlockall(MCL_CURRENT | MCL_FUTURE); map one page. Pages: the new one.",
    expect: &[
        Fails(Errno::Enomem),
        Fails(Errno::Enomem),
        Expect::pages(&[Unlocked]),
        Charged(0),
    ],
    evidence: OBSERVED,
    since: "2.6.9",
    source: "mlock(2) ERRORS; mm/mlock.c:mlockall (mm->total_vm)",
    precedes: &[],
};

pub(super) const CLAUSES: &[Clause] = &[
    BAD_FLAGS,
    Clause {
        id: "mlockall.precedence.einval-before-eperm",
        calls: CALL,
        part: Part::Precedence,
        title: "Bad flags come before EPERM",
        text: "With limit 0 and without the capability bad flags still give EINVAL.",
        scenario: "Unprivileged, soft limit 0: mlockall of 0, 4 and 8.",
        expect: &[
            Fails(Errno::Einval),
            Fails(Errno::Einval),
            Fails(Errno::Einval),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mlock.c:mlockall",
        precedes: &["mlockall.error.eperm.limit-zero"],
    },
    LIMIT_ZERO,
    TOTAL_VM,
    Clause {
        id: "mlockall.error.enomem.counts-reservations",
        calls: CALL,
        part: Part::Error(Errno::Enomem),
        title: "Reservations count",
        text: "A PROT_NONE reservation that is never touched counts like memory in use.",
        scenario: "Unprivileged, a process whose VmSize is under its soft limit: \
                   mlockall(MCL_CURRENT), munlockall; reserve as much as the limit PROT_NONE; \
                   mlockall(MCL_CURRENT).",
        expect: &[Succeeds, Succeeds, Fails(Errno::Enomem)],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mm/mlock.c:mlockall (mm->total_vm)",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.current",
        calls: CALL,
        part: Part::Effect,
        title: "MCL_CURRENT locks what is mapped",
        text: "Every mapping there is is flagged, charged and brought in; later ones are not.",
        scenario: "Privileged: map 2 P, mlockall(MCL_CURRENT), map one page. Pages: the two, then \
                   the new one; residency: the two.",
        expect: &[
            Succeeds,
            Expect::pages(&[Locked, Locked, Unlocked]),
            Expect::resident(&[true, true]),
        ],
        evidence: OBSERVED,
        since: "2.0",
        source: "mlock(2) DESCRIPTION; mm/mlock.c:apply_mlockall_flags",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.future",
        calls: CALL,
        part: Part::Effect,
        title: "MCL_FUTURE locks what is mapped later",
        text: "Mappings made later are flagged, charged and brought in; those there are stay as \
               they were.",
        scenario: "Map one page PROT_READ, mlockall(MCL_FUTURE), map 2 P. Pages: the old one, the \
                   new two; residency: the new two.",
        expect: &[
            Succeeds,
            Expect::pages(&[Unlocked, Locked, Locked]),
            Expect::resident(&[true, true]),
            Charged(2),
        ],
        evidence: OBSERVED,
        since: "2.0",
        source: "mlock(2) DESCRIPTION; mm/mlock.c:apply_mlockall_flags (mm->def_flags)",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.current-and-future",
        calls: CALL,
        part: Part::Effect,
        title: "Both together lock what is mapped and what will be",
        text: "MCL_CURRENT | MCL_FUTURE does both.",
        scenario: "Privileged: map one page, mlockall(MCL_CURRENT | MCL_FUTURE), map one page.",
        expect: &[
            Succeeds,
            Expect::pages(&[Locked, Locked]),
            Expect::resident(&[true, true]),
        ],
        evidence: OBSERVED,
        since: "2.0",
        source: "mlock(2) DESCRIPTION; mm/mlock.c:apply_mlockall_flags",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.onfault-current",
        calls: CALL,
        part: Part::Effect,
        title: "MCL_ONFAULT with MCL_CURRENT brings nothing in",
        text: "Every mapping there is is flagged lock-on-fault; its pages are locked as they are \
               touched.",
        scenario: "Privileged: map 2 P, write the first, mlockall(MCL_CURRENT | MCL_ONFAULT).",
        expect: &[
            Succeeds,
            Expect::pages(&[OnFault, OnFault]),
            Expect::resident(&[true, false]),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mlock(2) DESCRIPTION; mm/mlock.c:apply_mlockall_flags",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.onfault-future",
        calls: CALL,
        part: Part::Effect,
        title: "MCL_ONFAULT with MCL_FUTURE brings nothing in",
        text: "Mappings made later are flagged lock-on-fault and charged when they are made.",
        scenario: "mlockall(MCL_FUTURE | MCL_ONFAULT), map 2 P.",
        expect: &[
            Succeeds,
            Expect::pages(&[OnFault, OnFault]),
            Expect::resident(&[false, false]),
            Charged(2),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mlock(2) DESCRIPTION; mm/mlock.c:apply_mlockall_flags",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.current-drops-future",
        calls: CALL,
        part: Part::Effect,
        title: "Without MCL_FUTURE the default is dropped",
        text: "Each call sets the default for later mappings anew: MCL_CURRENT alone ends an \
               earlier MCL_FUTURE.",
        scenario: "Privileged: mlockall(MCL_FUTURE), mlockall(MCL_CURRENT), map one page.",
        expect: &[Succeeds, Succeeds, Expect::pages(&[Unlocked])],
        evidence: OBSERVED,
        since: "2.0",
        source: "mm/mlock.c:apply_mlockall_flags",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.current-replaces-onfault",
        calls: CALL,
        part: Part::Effect,
        title: "MCL_CURRENT replaces on-fault locks, MCL_FUTURE doesn't",
        text: "MCL_CURRENT without MCL_ONFAULT clears lf and brings every page in; MCL_FUTURE \
               alone leaves existing locks as they are.",
        scenario: "Privileged: map 2 P, mlock2 with MLOCK_ONFAULT; mlockall(MCL_FUTURE) (pages); \
                   mlockall(MCL_CURRENT) (pages, residency).",
        expect: &[
            Succeeds,
            Expect::pages(&[OnFault, OnFault]),
            Succeeds,
            Expect::pages(&[Locked, Locked]),
            Expect::resident(&[true, true]),
        ],
        evidence: OBSERVED,
        since: "4.4",
        source: "mm/mlock.c:apply_mlockall_flags",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.ignores-failures",
        calls: CALL,
        part: Part::Effect,
        title: "Failures of single mappings are not reported",
        text: "A mapping that can't be brought in (PROT_NONE, beyond the end of its file) is \
               flagged and charged all the same, and the call returns 0.",
        scenario: "Privileged: map one page PROT_NONE, and a memfd of length 0 for one page; \
                   mlockall(MCL_CURRENT).",
        expect: &[
            Succeeds,
            Expect::pages(&[Locked, Locked]),
            Expect::resident(&[false, false]),
        ],
        evidence: OBSERVED,
        since: "2.0",
        source: "mm/mlock.c:apply_mlockall_flags (errors ignored), mm_populate",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.special-skipped",
        calls: CALL,
        part: Part::Effect,
        title: "Special mappings stay unlocked",
        text: "Mappings of devices and of the kernel, such as [vvar] and [vdso], and hugetlb and \
               droppable ones are passed over.",
        scenario: "Privileged: mlockall(MCL_CURRENT). Pages: the first of [vdso] (skip where \
                   there is none).",
        expect: &[Succeeds, Expect::pages(&[Unlocked])],
        evidence: OBSERVED,
        since: "2.6.27",
        source: "mm/mlock.c:mlock_fixup",
        precedes: &[],
    },
    Clause {
        id: "mlockall.capability.lifts-limit",
        calls: CALL,
        part: Part::Capability,
        title: "CAP_IPC_LOCK lifts the limit",
        text: "With CAP_IPC_LOCK in effect neither a limit of 0 nor a small one is looked at, \
               now or for later mappings.",
        scenario: "Privileged, soft limit 0: mlockall(MCL_CURRENT | MCL_FUTURE), map 64 P. Pages: \
                   the first new one.",
        expect: &[Succeeds, Expect::pages(&[Locked])],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mm/mlock.c:mlockall; mm/mmap.c:mlock_future_ok",
        precedes: &[],
    },
];
