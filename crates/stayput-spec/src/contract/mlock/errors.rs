//! How `mlock` fails, and which failure comes first. `mlock2` shares every clause here: after its
//! flags both run `do_mlock`.

use crate::contract::{Call, Clause, Errno, Evidence, Expect, Page, Part};
use Expect::{Charged, Fails};
use Page::{Locked, Unlocked, Unmapped};

const BOTH: &[Call] = &[Call::Mlock, Call::Mlock2];

pub(in crate::contract) const LIMIT_ZERO: Clause = Clause {
    id: "mlock.error.eperm.limit-zero",
    calls: BOTH,
    part: Part::Error(Errno::Eperm),
    title: "Not privileged, and the limit is zero",
    text: "The caller lacks CAP_IPC_LOCK and its RLIMIT_MEMLOCK soft limit is 0. Nothing else \
           gives EPERM: any limit above 0, even one below a page, passes this check.",
    scenario: "Unprivileged, soft limit 0: lock one mapped page.",
    expect: &[Fails(Errno::Eperm), Charged(0)],
    evidence: Evidence::Observed,
    since: "2.6.9",
    source: "mlock(2) ERRORS; mm/mlock.c:can_do_mlock",
    precedes: &[
        "mlock.error.enomem.limit",
        "mlock.error.enomem.hole",
        "mlock.error.einval.wraps",
    ],
};

pub(in crate::contract) const LIMIT: Clause = Clause {
    id: "mlock.error.enomem.limit",
    calls: BOTH,
    part: Part::Error(Errno::Enomem),
    title: "Over the limit",
    text: "The caller lacks CAP_IPC_LOCK, its RLIMIT_MEMLOCK soft limit is not 0, and the pages \
           the process already has locked plus the rounded range, less what of the range is \
           locked already, exceed it. The limit is compared before anything changes: nothing is \
           locked, nothing is charged.",
    scenario: "Unprivileged, soft limit 4 P: lock 5 P at once.",
    expect: &[
        Fails(Errno::Enomem),
        Charged(0),
        Expect::pages(&[Unlocked, Unlocked, Unlocked, Unlocked, Unlocked]),
    ],
    evidence: Evidence::Observed,
    since: "2.6.9",
    source: "mlock(2) ERRORS; mm/mlock.c:do_mlock",
    precedes: &["mlock.error.enomem.hole", "mlock.error.einval.wraps"],
};

pub(in crate::contract) const HOLE: Clause = Clause {
    id: "mlock.error.enomem.hole",
    calls: BOTH,
    part: Part::Error(Errno::Enomem),
    title: "A page of the range is not mapped",
    text: "Some page of the rounded range is not mapped. The call is not atomic: mappings before \
           the first hole are flagged and charged and stay so; their pages are not populated, \
           and mappings after the hole are left alone.",
    scenario: "Map 3 P, unmap the middle page, lock all 3 P.",
    expect: &[
        Fails(Errno::Enomem),
        Expect::pages(&[Locked, Unmapped, Unlocked]),
        Charged(1),
    ],
    evidence: Evidence::Observed,
    since: "2.0",
    source: "mlock(2) ERRORS; mm/mlock.c:apply_vma_lock_flags",
    precedes: &[],
};

pub(in crate::contract) const PROT_NONE: Clause = Clause {
    id: "mlock.error.enomem.prot-none",
    calls: BOTH,
    part: Part::Error(Errno::Enomem),
    title: "A page may not be accessed at all",
    text: "A page of the range is PROT_NONE and the lock is not on-fault. The mappings have been \
           flagged and charged by then and stay so; population stops at that page.",
    scenario: "Map 3 P, make the middle page PROT_NONE, lock all 3 P (mlock2: flags 0).",
    expect: &[
        Fails(Errno::Enomem),
        Expect::pages(&[Locked, Locked, Locked]),
        Expect::resident(&[true, false, false]),
        Charged(3),
    ],
    evidence: Evidence::Observed,
    since: "2.6.27",
    source: "mm/gup.c:populate_vma_page_range, check_vma_flags; mm/mlock.c:__mlock_posix_error_return",
    precedes: &[],
};

pub(in crate::contract) const FILE_END: Clause = Clause {
    id: "mlock.error.enomem.beyond-file-end",
    calls: BOTH,
    part: Part::Error(Errno::Enomem),
    title: "A page lies beyond the end of its file",
    text: "A page of the range maps a file beyond its last page and the lock is not on-fault. The \
           fault that would be SIGBUS is turned into ENOMEM; no signal is sent. The mapping has \
           been flagged and charged by then and stays so.",
    scenario: "A memfd of 1 P, mapped shared for 3 P: lock all 3 P (mlock2: flags 0).",
    expect: &[
        Fails(Errno::Enomem),
        Expect::pages(&[Locked, Locked, Locked]),
        Expect::resident(&[true, false, false]),
        Charged(3),
    ],
    evidence: Evidence::Observed,
    since: "2.6.27",
    source: "mm/gup.c:faultin_page; mm/mlock.c:__mlock_posix_error_return",
    precedes: &[],
};

pub(in crate::contract) const MAP_COUNT: Clause = Clause {
    id: "mlock.error.enomem.map-count",
    calls: BOTH,
    part: Part::Error(Errno::Enomem),
    title: "Too many mappings",
    text: "Locking part of a mapping splits it, and the process would have more mappings than \
           vm.max_map_count.",
    scenario: "Split one reservation into read-only and read-write pages until mprotect itself \
               fails with ENOMEM; then lock one page in the middle of what is still one mapping.",
    expect: &[Fails(Errno::Enomem), Charged(0)],
    evidence: Evidence::Observed,
    since: "2.0",
    source: "mlock(2) ERRORS; mm/vma.c:split_vma",
    precedes: &[],
};

pub(in crate::contract) const WRAPS: Clause = Clause {
    id: "mlock.error.einval.wraps",
    calls: BOTH,
    part: Part::Error(Errno::Einval),
    title: "The range wraps past the end of the address space",
    text: "Start plus rounded length is less than start. A length that itself rounds to 0 does \
           not count as wrapping.",
    scenario: "Privileged: lock (p, -P) at a mapped page p.",
    expect: &[Fails(Errno::Einval), Charged(0)],
    evidence: Evidence::Observed,
    since: "2.0",
    source: "mlock(2) ERRORS; mm/mlock.c:apply_vma_lock_flags",
    precedes: &[],
};

pub(in crate::contract) const POPULATION: Clause = Clause {
    id: "mlock.error.eagain.population",
    calls: BOTH,
    part: Part::Error(Errno::Eagain),
    title: "No memory for a page",
    text: "A page could not be brought in for want of memory. The kernel turns the ENOMEM of the \
           fault into EAGAIN; the range is flagged and charged by then and stays so. Past a \
           memory cgroup's limit the caller is killed instead.",
    scenario: "",
    expect: &[],
    evidence: Evidence::Cited(
        "a fault that runs out of memory ends in the OOM killer, not in an error a test can bring \
         about without fault injection",
    ),
    since: "2.6.27",
    source: "mlock(2) ERRORS; mm/mlock.c:__mlock_posix_error_return",
    precedes: &[],
};

pub(in crate::contract) const FATAL_SIGNAL: Clause = Clause {
    id: "mlock.error.eintr.fatal-signal",
    calls: &[
        Call::Mlock,
        Call::Mlock2,
        Call::Munlock,
        Call::Mlockall,
        Call::Munlockall,
    ],
    part: Part::Error(Errno::Eintr),
    title: "A fatal signal while waiting for mmap_lock",
    text: "A fatal signal is pending when the write side of mmap_lock is waited for (and, in \
           mlock and mlock2, during population). The process ends before it could see the value.",
    scenario: "",
    expect: &[],
    evidence: Evidence::Cited("only a fatal signal interrupts, so no program sees the return"),
    since: "4.7",
    source: "mm/mlock.c:do_mlock (mmap_write_lock_killable); mm/gup.c:__get_user_pages",
    precedes: &[],
};

pub(in crate::contract) const CLAUSES: &[Clause] = &[
    LIMIT_ZERO,
    Clause {
        id: "mlock.precedence.eperm-first",
        calls: BOTH,
        part: Part::Precedence,
        title: "EPERM comes before everything about the range",
        text: "With limit 0 and without the capability the range is not looked at: length 0, an \
               unmapped page and a wrapping range all give EPERM. (In mlock2 only its flags are \
               looked at earlier.)",
        scenario: "Unprivileged, soft limit 0: lock (p, 0) at a mapped page p; lock an unmapped \
                   page; lock (p, -P).",
        expect: &[
            Fails(Errno::Eperm),
            Fails(Errno::Eperm),
            Fails(Errno::Eperm),
        ],
        evidence: Evidence::Observed,
        since: "2.6.9",
        source: "mm/mlock.c:do_mlock",
        precedes: &["mlock.error.enomem.hole", "mlock.error.einval.wraps"],
    },
    LIMIT,
    Clause {
        id: "mlock.error.enomem.limit-below-page",
        calls: BOTH,
        part: Part::Error(Errno::Enomem),
        title: "A limit below one page",
        text: "The limit is counted in whole pages, rounded down: 4095 bytes are not 0, so not \
               EPERM, and are no page, so every lock of a page is ENOMEM.",
        scenario: "Unprivileged, soft limit P - 1: lock (p, 0) at a mapped page p; lock one page.",
        expect: &[Expect::Succeeds, Fails(Errno::Enomem), Charged(0)],
        evidence: Evidence::Observed,
        since: "2.6.9",
        source: "mm/mlock.c:do_mlock",
        precedes: &[],
    },
    Clause {
        id: "mlock.precedence.limit-before-wrap",
        calls: BOTH,
        part: Part::Precedence,
        title: "The limit is compared before the range is checked",
        text: "Without the capability a range that wraps is over any limit first: ENOMEM, where a \
               privileged caller gets EINVAL.",
        scenario: "Unprivileged, soft limit 4 P: lock (p, -P) at a mapped page p.",
        expect: &[Fails(Errno::Enomem)],
        evidence: Evidence::Observed,
        since: "2.6.9",
        source: "mm/mlock.c:do_mlock",
        precedes: &["mlock.error.einval.wraps"],
    },
    HOLE,
    Clause {
        id: "mlock.error.enomem.hole-first",
        calls: BOTH,
        part: Part::Error(Errno::Enomem),
        title: "The first page is not mapped",
        text: "With the hole at the start nothing is locked.",
        scenario: "Map 3 P, unmap the first page, lock all 3 P.",
        expect: &[
            Fails(Errno::Enomem),
            Expect::pages(&[Unmapped, Unlocked, Unlocked]),
            Charged(0),
        ],
        evidence: Evidence::Observed,
        since: "2.0",
        source: "mm/mlock.c:apply_vma_lock_flags",
        precedes: &[],
    },
    Clause {
        id: "mlock.error.enomem.hole-last",
        calls: BOTH,
        part: Part::Error(Errno::Enomem),
        title: "The last page is not mapped",
        text: "With the hole at the end everything before it stays locked and charged, and is \
               not populated.",
        scenario: "Map 3 P, unmap the last page, lock all 3 P (residency: of the two mapped).",
        expect: &[
            Fails(Errno::Enomem),
            Expect::pages(&[Locked, Locked, Unmapped]),
            Expect::resident(&[false, false]),
            Charged(2),
        ],
        evidence: Evidence::Observed,
        since: "2.0",
        source: "mm/mlock.c:apply_vma_lock_flags",
        precedes: &[],
    },
    Clause {
        id: "mlock.error.enomem.outside-user-space",
        calls: BOTH,
        part: Part::Error(Errno::Enomem),
        title: "An address no process can map",
        text: "An address outside user space is a hole like any other; there is no EFAULT.",
        scenario: "Lock one page at 1 << 63.",
        expect: &[Fails(Errno::Enomem), Charged(0)],
        evidence: Evidence::Observed,
        since: "2.0",
        source: "mm/mlock.c:apply_vma_lock_flags",
        precedes: &[],
    },
    PROT_NONE,
    FILE_END,
    MAP_COUNT,
    Clause {
        id: "mlock.error.enomem.huge-page-missing",
        calls: BOTH,
        part: Part::Error(Errno::Enomem),
        title: "No huge page is left",
        text: "A hugetlb mapping is never flagged or charged, since its pages can't be swapped, \
               but it is populated, with MLOCK_ONFAULT too: without a free huge page, ENOMEM.",
        scenario: "With no free huge page: map one huge page with MAP_HUGETLB | MAP_NORESERVE, \
                   lock it.",
        expect: &[Fails(Errno::Enomem), Expect::pages(&[Unlocked]), Charged(0)],
        evidence: Evidence::Observed,
        since: "2.6.27",
        source: "mm/mlock.c:mlock_fixup; mm/gup.c:__mm_populate",
        precedes: &[],
    },
    WRAPS,
    POPULATION,
    FATAL_SIGNAL,
    Clause {
        id: "mlock.error.enomem.execute-only",
        calls: BOTH,
        part: Part::Error(Errno::Enomem),
        title: "PROT_EXEC alone, where the processor can forbid reading it",
        text: "With protection keys (x86 PKU, arm64 POE) PROT_EXEC alone is execute-only memory, \
               which the kernel does not read for the process either: the page is flagged and \
               charged, but not brought in. Without them it is brought in.",
        scenario: "On a processor with protection keys: map one page PROT_EXEC; lock it.",
        expect: &[
            Fails(Errno::Enomem),
            Expect::pages(&[Locked]),
            Charged(1),
            Expect::resident(&[false]),
        ],
        evidence: Evidence::Observed,
        since: "4.9",
        source: "pkeys(7); mm/gup.c:check_vma_flags (arch_vma_access_permitted)",
        precedes: &[],
    },
];
