//! What `mlock` does when it succeeds.

use crate::contract::{Call, Clause, Errno, Evidence, Expect, Page, Part};
use Expect::{Charged, Fails, Holds, Signalled, Succeeds};
use Page::{Locked, Unlocked};

const BOTH: &[Call] = &[Call::Mlock, Call::Mlock2];
const OBSERVED: Evidence = Evidence::Observed;

pub(in crate::contract) const POPULATES: Clause = Clause {
    id: "mlock.effect.populates",
    calls: BOTH,
    part: Part::Effect,
    title: "Every page is brought in and kept",
    text: "When the call returns 0 every page of the rounded range is flagged locked, resident \
           and charged to VmLck.",
    scenario: "Map 3 P untouched, lock all.",
    expect: &[
        Succeeds,
        Expect::pages(&[Locked, Locked, Locked]),
        Expect::resident(&[true, true, true]),
        Charged(3),
    ],
    evidence: OBSERVED,
    since: "2.0",
    source: "mlock(2) DESCRIPTION; mm/mlock.c:do_mlock, mm/gup.c:__mm_populate",
    precedes: &[],
};

pub(super) const CLAUSES: &[Clause] = &[
    POPULATES,
    Clause {
        id: "mlock.effect.any-access-but-none",
        calls: BOTH,
        part: Part::Effect,
        title: "Pages are populated that may be read or written",
        text: "PROT_READ or PROT_WRITE lets mlock bring the page in, with PROT_EXEC or without; \
               alone, PROT_EXEC does so where the processor can't do better (see \
               mlock.error.enomem.execute-only).",
        scenario: "Map one page each PROT_READ, PROT_WRITE and PROT_READ | PROT_EXEC; lock each.",
        expect: &[
            Succeeds,
            Succeeds,
            Succeeds,
            Expect::pages(&[Locked, Locked, Locked]),
            Expect::resident(&[true, true, true]),
        ],
        evidence: OBSERVED,
        since: "3.0",
        source: "mm/gup.c:populate_vma_page_range",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.no-fault-on-write",
        calls: BOTH,
        part: Part::Effect,
        title: "Private writable pages are written to break copy-on-write",
        text: "Private writable pages are brought in as for writing, so that a later write takes \
               no fault, not even where the shared zero page was mapped before.",
        scenario: "Map 16 P and read each page, lock all, then write each page. Holds: the minor \
                   and major fault counts (getrusage) did not change during the writes.",
        expect: &[Succeeds, Holds(true)],
        evidence: OBSERVED,
        since: "2.6.38",
        source: "mm/gup.c:populate_vma_page_range (FOLL_WRITE)",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.shared-file",
        calls: BOTH,
        part: Part::Effect,
        title: "Shared file mappings are locked",
        text: "The pages of a shared, writable file mapping are brought in and locked (as for \
               reading: nothing is dirtied).",
        scenario: "A memfd of 3 P, mapped shared and PROT_WRITE only: lock all 3 P.",
        expect: &[
            Succeeds,
            Expect::pages(&[Locked, Locked, Locked]),
            Expect::resident(&[true, true, true]),
            Charged(3),
        ],
        evidence: OBSERVED,
        since: "2.6.38",
        source: "mm/gup.c:populate_vma_page_range",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.smaps-locked",
        calls: BOTH,
        part: Part::Effect,
        title: "smaps counts the pages as Rss and Locked",
        text: "For private memory Rss and Locked of the mapping in smaps both equal its size. \
               (Locked is proportional: shared pages count in part.)",
        scenario: "Map 256 P PROT_WRITE, lock all. Holds: Rss and Locked in smaps equal Size.",
        expect: &[Succeeds, Holds(true)],
        evidence: OBSERVED,
        since: "2.6.35",
        source: "proc(5) /proc/pid/smaps; fs/proc/task_mmu.c:smap_gather_stats",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.page-unevictable",
        calls: BOTH,
        part: Part::Effect,
        title: "The page leaves the evictable lists",
        text: "The physical page is marked mlocked and unevictable; munlock takes both marks off.",
        scenario: "Needs /proc/kpageflags. Write one page, lock it, wait for the marks; unlock. \
                   Holds: bits 18 (unevictable) and 33 (mlocked) unset, then set, then unset.",
        expect: &[Succeeds, Holds(true)],
        evidence: OBSERVED,
        since: "2.6.28",
        source: "mm/mlock.c:mlock_folio; Documentation/mm/unevictable-lru.rst",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.does-not-stack",
        calls: BOTH,
        part: Part::Effect,
        title: "Locks do not stack",
        text: "Locking a page three times is locking it once: charged once, undone by one munlock.",
        scenario: "Lock one page three times; munlock it once.",
        expect: &[
            Succeeds,
            Succeeds,
            Succeeds,
            Succeeds,
            Expect::pages(&[Unlocked]),
            Charged(0),
        ],
        evidence: OBSERVED,
        since: "2.0",
        source: "mlock(2) NOTES; mm/mlock.c:mlock_fixup",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.overlap-charged-once",
        calls: BOTH,
        part: Part::Effect,
        title: "What is locked already is not charged again",
        text: "Only pages that were not locked are compared with the limit and charged.",
        scenario: "Unprivileged, soft limit 4 P: lock 4 P; lock the same 4 P; lock 4 P starting \
                   one page later.",
        expect: &[Succeeds, Succeeds, Fails(Errno::Enomem), Charged(4)],
        evidence: OBSERVED,
        since: "4.9",
        source: "mm/mlock.c:do_mlock, count_mm_mlocked_page_nr",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.lowered-limit",
        calls: BOTH,
        part: Part::Effect,
        title: "Lowering the limit keeps locks, and refuses even locking again",
        text: "Locks above a lowered limit stay. While more is locked than the limit allows, \
               every lock fails, also of pages that are locked.",
        scenario: "Unprivileged, soft limit 4 P: lock 4 P; lower the soft limit to 2 P; lock the \
                   first page again.",
        expect: &[
            Succeeds,
            Fails(Errno::Enomem),
            Expect::pages(&[Locked, Locked, Locked, Locked]),
            Charged(4),
        ],
        evidence: OBSERVED,
        since: "4.9",
        source: "mm/mlock.c:do_mlock",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.special-skipped",
        calls: BOTH,
        part: Part::Effect,
        title: "Special mappings are skipped without an error",
        text: "Mappings of devices and of the kernel (VM_IO, VM_PFNMAP, VM_MIXEDMAP, \
               VM_DONTEXPAND), such as [vvar] and [vdso], are neither flagged nor charged, and \
               the call returns 0.",
        scenario: "Lock [vdso] by its bounds in /proc/self/maps; munlock it. (Skip where there is \
                   none.) Pages: its first page after the lock.",
        expect: &[Succeeds, Expect::pages(&[Unlocked]), Charged(0), Succeeds],
        evidence: OBSERVED,
        since: "2.6.27",
        source: "mm/mlock.c:mlock_fixup (VM_SPECIAL)",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.droppable-skipped",
        calls: BOTH,
        part: Part::Effect,
        title: "Droppable memory is skipped without an error",
        text: "A MAP_DROPPABLE mapping is neither flagged nor charged; its pages are brought in.",
        scenario: "Map 2 P with MAP_DROPPABLE | MAP_ANONYMOUS (skip on EINVAL), lock all.",
        expect: &[
            Succeeds,
            Expect::pages(&[Unlocked, Unlocked]),
            Expect::resident(&[true, true]),
            Charged(0),
        ],
        evidence: OBSERVED,
        since: "6.11",
        source: "mm/mlock.c:mlock_fixup (VM_DROPPABLE)",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.whole-process",
        calls: BOTH,
        part: Part::Effect,
        title: "Locks belong to the address space",
        text: "A lock taken by one thread holds for all, and outlives that thread.",
        scenario: "A second thread locks one page and ends. Pages: as the first thread sees it.",
        expect: &[Succeeds, Expect::pages(&[Locked]), Charged(1)],
        evidence: OBSERVED,
        since: "2.0",
        source: "mlock(2) NOTES; mm/mlock.c:mlock_fixup (mm->locked_vm)",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.stack-keeps-bounds",
        calls: &[Call::Mlock, Call::Munlock],
        part: Part::Effect,
        title: "Locking and unlocking the stack doesn't shrink it",
        text: "Locking and unlocking a stack mapping by its bounds, again and again, leaves the \
               bounds as they were.",
        scenario: "Ten times: mlock, then munlock [stack] by its bounds in /proc/self/maps. \
                   Holds: the last bounds span at least as much as the first.",
        expect: &[Holds(true)],
        evidence: OBSERVED,
        since: "2.6.36",
        source: "mm/gup.c:populate_vma_page_range",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.cgroup-kill",
        calls: BOTH,
        part: Part::Effect,
        title: "Past a memory cgroup's limit a lock is a kill",
        text: "When population runs past the hard limit of the memory cgroup and nothing can be \
               reclaimed, the OOM killer ends the caller (SIGKILL); the call doesn't return EAGAIN.",
        scenario: "Needs a memory cgroup of its own, limit 16 MiB, no swap: a child in it locks \
                   64 MiB, privileged. Signalled: how the child ended.",
        expect: &[Signalled(9)],
        evidence: OBSERVED,
        since: "4.19",
        source: "mm/memcontrol.c:mem_cgroup_oom, try_charge_memcg",
        precedes: &[],
    },
];
