//! What other calls do once `mlockall(MCL_FUTURE)` has set the default: each new mapping is
//! charged, and may be refused.

use super::{Call, Clause, Errno, Evidence, Expect, Page, Part};
use Expect::{Charged, Fails, Holds, Signalled, Succeeds};
use Page::{Locked, Unlocked};

const OBSERVED: Evidence = Evidence::Observed;

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "mlockall.effect.future-unchecked",
        calls: &[Call::Mlockall],
        part: Part::Effect,
        title: "MCL_FUTURE itself is not compared with the limit",
        text: "MCL_FUTURE alone succeeds under any limit but 0; the limit bites at the next \
               mapping.",
        scenario: "Unprivileged, soft limit P - 1: mlockall(MCL_FUTURE); map one page.",
        expect: &[Succeeds, Fails(Errno::Eagain)],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mm/mlock.c:mlockall; mm/mmap.c:mlock_future_ok",
        precedes: &[],
    },
    Clause {
        id: "mmap.error.eagain.future",
        calls: &[Call::Mmap],
        part: Part::Error(Errno::Eagain),
        title: "Under MCL_FUTURE a mapping over the limit fails",
        text: "mmap fails with EAGAIN when what is locked plus the new mapping exceeds the limit, \
               whatever its protection; with MCL_ONFAULT and MAP_POPULATE too.",
        scenario: "Unprivileged, soft limit 64 P, mlockall(MCL_FUTURE): map 128 P; map 128 P \
                   PROT_NONE; map one page. Then mlockall(MCL_FUTURE | MCL_ONFAULT): map 128 P \
                   with MAP_POPULATE.",
        expect: &[
            Fails(Errno::Eagain),
            Fails(Errno::Eagain),
            Succeeds,
            Fails(Errno::Eagain),
        ],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mmap(2) ERRORS; mm/mmap.c:do_mmap, mlock_future_ok",
        precedes: &[],
    },
    Clause {
        id: "brk.error.enomem.future",
        calls: &[Call::Brk],
        part: Part::Error(Errno::Enomem),
        title: "Under MCL_FUTURE the heap can't grow over the limit",
        text: "brk doesn't move (ENOMEM in the C library) where mmap would say EAGAIN; within \
               the limit the new heap is locked.",
        scenario: "Unprivileged, soft limit 64 P, mlockall(MCL_FUTURE): grow brk by 128 P; grow \
                   it by one page. Pages: the new one.",
        expect: &[Fails(Errno::Enomem), Succeeds, Expect::pages(&[Locked])],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "brk(2); mm/mmap.c:brk, check_brk_limits",
        precedes: &[],
    },
    Clause {
        id: "mremap.error.eagain.over-limit",
        calls: &[Call::Mremap],
        part: Part::Error(Errno::Eagain),
        title: "A locked mapping can't grow over the limit",
        text: "Growing a locked mapping charges the growth and fails with EAGAIN over the limit; \
               the mapping stays as it was.",
        scenario: "Unprivileged, soft limit 4 P: lock 2 P, mremap them to 8 P with \
                   MREMAP_MAYMOVE. Pages: the old two.",
        expect: &[
            Fails(Errno::Eagain),
            Expect::pages(&[Locked, Locked]),
            Charged(2),
        ],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mremap(2) ERRORS; mm/mremap.c (mlock_future_ok)",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.future-thread",
        calls: &[Call::Mlockall, Call::Mmap],
        part: Part::Effect,
        title: "Under MCL_FUTURE a thread's stack counts",
        text: "A thread's stack is a mapping: creating one whose stack exceeds what is left of \
               the limit fails with EAGAIN.",
        scenario: "Unprivileged, soft limit 64 P, mlockall(MCL_FUTURE): create a thread with a \
                   1 MiB stack.",
        expect: &[Fails(Errno::Eagain)],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "pthread_create(3) ERRORS; mm/mmap.c:mlock_future_ok",
        precedes: &[],
    },
    Clause {
        id: "mlock.effect.stack-growth-over-limit",
        calls: &[Call::Mlock, Call::Mlock2, Call::Mlockall],
        part: Part::Signal,
        title: "A locked stack that can't grow is a crash",
        text: "A locked stack is locked as it grows; when that exceeds the limit the access that \
               would grow it gets SIGSEGV.",
        scenario: "Unprivileged, in a child: lock [stack] by its bounds, set the soft limit to \
                   what is locked, write 64 P below its start.",
        expect: &[Succeeds, Signalled(11)],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mlock(2) NOTES; mm/vma.c:acct_stack_growth",
        precedes: &[],
    },
    Clause {
        id: "mlockall.effect.future-droppable",
        calls: &[Call::Mlockall, Call::Mmap],
        part: Part::Effect,
        title: "Under MCL_FUTURE droppable memory stays unlocked",
        text: "A MAP_DROPPABLE mapping made later is neither flagged nor charged. (Kernels 6.11 \
               to early 2026 flagged it; fixed by mainline d239462787b0 and in stable 6.18.y.)",
        scenario: "mlockall(MCL_FUTURE); map 2 P with MAP_DROPPABLE | MAP_ANONYMOUS (skip on \
                   EINVAL).",
        expect: &[Succeeds, Expect::pages(&[Unlocked, Unlocked]), Charged(0)],
        evidence: OBSERVED,
        since: "6.18",
        source: "mm/vma.c:__mmap_complete (vma_supports_mlock)",
        precedes: &[],
    },
    Clause {
        id: "mlockall.capability.lifts-future-limit",
        calls: &[Call::Mlockall, Call::Mmap, Call::Brk],
        part: Part::Capability,
        title: "CAP_IPC_LOCK lifts the limit for later mappings",
        text: "With CAP_IPC_LOCK in effect no later mapping is refused for the limit.",
        scenario: "Privileged, soft limit 4 P, mlockall(MCL_FUTURE): map 64 P; grow brk by 64 P. \
                   Holds: both happened.",
        expect: &[Succeeds, Holds(true)],
        evidence: OBSERVED,
        since: "2.6.9",
        source: "mm/mmap.c:mlock_future_ok",
        precedes: &[],
    },
];
