//! `memfd_secret` where it touches the contract: memory that is never swapped, and that none of
//! the five calls can lock or unlock.
//!
//! How it is charged changed with the mending of CVE-2026-93243, which stable series carry back:
//! when mapped, to the process, before; when touched, to the user, after (seen on Debian's
//! 6.1.192 and 6.12.117). A kernel does the one or the other, so that probes of the other skip.

use super::{Call, Clause, Errno, Evidence, Expect, Page, Part};
use Expect::{Charged, Fails, Holds, Succeeds};
use Page::{Locked, Unlocked};

const SECRET: &[Call] = &[Call::MemfdSecret];
const OBSERVED: Evidence = Evidence::Observed;

pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: "memfd_secret.error.einval.flags",
        calls: SECRET,
        part: Part::Error(Errno::Einval),
        title: "A flag other than FD_CLOEXEC",
        text: "Any flag but FD_CLOEXEC (as O_CLOEXEC) is refused.",
        scenario: "memfd_secret with flags 8.",
        expect: &[Fails(Errno::Einval)],
        evidence: OBSERVED,
        since: "5.14",
        source: "memfd_secret(2) ERRORS; mm/secretmem.c:memfd_secret",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.error.enosys.disabled",
        calls: SECRET,
        part: Part::Error(Errno::Enosys),
        title: "Switched off",
        text: "Where secretmem.enable is off the call gives ENOSYS. It is on by default since \
               6.5, off before.",
        scenario: "",
        expect: &[],
        evidence: Evidence::Cited("secretmem.enable is set on the kernel's command line"),
        since: "5.14",
        source: "memfd_secret(2) NOTES; mm/secretmem.c:secretmem_enable",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.effect.locked-when-mapped",
        calls: SECRET,
        part: Part::Effect,
        title: "A mapping is locked and charged from the start",
        text: "Mapping flags and charges the whole range before a page of it exists. It starts \
               out excluded from core dumps (dd). So before CVE-2026-93243 was mended; after it \
               see memfd_secret.effect.charged-when-touched.",
        scenario: "memfd_secret of 4 P; map 2 P shared. Holds: VmFlags has dd.",
        expect: &[
            Succeeds,
            Expect::pages(&[Locked, Locked]),
            Charged(2),
            Holds(true),
        ],
        evidence: OBSERVED,
        since: "5.14",
        source: "memfd_secret(2) NOTES; mm/secretmem.c:secretmem_mmap_prepare",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.error.eagain.limit",
        calls: &[Call::MemfdSecret, Call::Mmap],
        part: Part::Error(Errno::Eagain),
        title: "Mapping it over the limit",
        text: "Over the limit mmap of it fails with EAGAIN, under a limit of 0 too (there is no \
               EPERM); the descriptor itself needs no limit.",
        scenario: "Unprivileged, soft limit 2 P: memfd_secret of 9 P; map 3 P; map 2 P; soft \
                   limit 0; map one page; memfd_secret again.",
        expect: &[
            Succeeds,
            Fails(Errno::Eagain),
            Succeeds,
            Fails(Errno::Eagain),
            Succeeds,
            Charged(2),
        ],
        evidence: OBSERVED,
        since: "5.14",
        source: "memfd_secret(2) NOTES; mm/secretmem.c:secretmem_mmap_prepare (mlock_future_ok)",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.capability.lifts-limit",
        calls: &[Call::MemfdSecret, Call::Mmap],
        part: Part::Capability,
        title: "CAP_IPC_LOCK lifts the limit",
        text: "With CAP_IPC_LOCK in effect mapping it is not compared with the limit.",
        scenario: "Privileged, soft limit 2 P: memfd_secret of 3 P; map 3 P.",
        expect: &[Succeeds, Succeeds, Charged(3)],
        evidence: OBSERVED,
        since: "5.14",
        source: "mm/mmap.c:mlock_future_ok",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.effect.charged-when-touched",
        calls: SECRET,
        part: Part::Effect,
        title: "A page is charged to the user when it is first touched",
        text: "Mapping neither flags nor charges, and needs no limit; VmLck never counts it. Each \
               page is charged on its first touch to all processes of the user together, as \
               io_uring's buffers are. It starts out excluded from core dumps (dd) and is never \
               swapped. So since CVE-2026-93243 was mended.",
        scenario: "Unprivileged, soft limit 0: memfd_secret of 2 P; map 2 P shared. Holds: VmFlags \
                   has dd.",
        expect: &[
            Succeeds,
            Expect::pages(&[Unlocked, Unlocked]),
            Charged(0),
            Holds(true),
        ],
        evidence: OBSERVED,
        since: "6.1",
        source: "mm/secretmem.c:secretmem_fault (secretmem_account_folio), of the stable series",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.signal.sigbus-over-limit",
        calls: SECRET,
        part: Part::Signal,
        title: "Touching a page over the limit is SIGBUS",
        text: "CAP_IPC_LOCK does not help: the limit counts for everyone. So since CVE-2026-93243 \
               was mended. madvise(MADV_POPULATE_WRITE) can't ask first, it is EINVAL here; a \
               read(2) into the page can: the kernel's own touch is EFAULT instead.",
        scenario: "Privileged, soft limit 0: memfd_secret of 1 P, mapped; advise \
                   MADV_POPULATE_WRITE; read a page of /dev/zero into it; a child writes to it.",
        expect: &[
            Fails(Errno::Einval),
            Fails(Errno::Efault),
            Expect::Signalled(7),
        ],
        evidence: OBSERVED,
        since: "6.1",
        source: "mm/secretmem.c:secretmem_fault (VM_FAULT_SIGBUS), of the stable series",
        precedes: &[],
    },
    Clause {
        id: "mlock.error.enomem.secretmem",
        calls: &[Call::Mlock, Call::Mlock2],
        part: Part::Error(Errno::Enomem),
        title: "Memory of memfd_secret",
        text: "Locking it fails and changes nothing: the kernel can't bring its pages in by \
               itself. With MLOCK_ONFAULT, and on pages that are present, too.",
        scenario: "memfd_secret of 2 P, mapped, first page written: lock the first page; mlock2 \
                   it with MLOCK_ONFAULT. Holds: VmFlags and VmLck are what they were.",
        expect: &[Fails(Errno::Enomem), Fails(Errno::Enomem), Holds(true)],
        evidence: OBSERVED,
        since: "5.14",
        source: "mm/mlock.c:mlock_fixup (vma_is_secretmem); mm/gup.c:check_vma_flags",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.effect.stays-locked",
        calls: &[
            Call::MemfdSecret,
            Call::Munlock,
            Call::Munlockall,
            Call::Mlockall,
        ],
        part: Part::Effect,
        title: "It can't be unlocked",
        text: "munlock and munlockall succeed and leave it locked and charged; so does mlockall. \
               Unmapping uncharges it.",
        scenario: "Privileged: memfd_secret of 2 P, mapped: munlock; mlockall(MCL_CURRENT); \
                   munlockall (pages, charge); unmap one page (charge).",
        expect: &[
            Succeeds,
            Succeeds,
            Succeeds,
            Expect::pages(&[Locked, Locked]),
            Charged(2),
            Succeeds,
            Charged(1),
        ],
        evidence: OBSERVED,
        since: "5.14",
        source: "mm/mlock.c:mlock_fixup (vma_is_secretmem)",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.error.einval.uses",
        calls: SECRET,
        part: Part::Error(Errno::Einval),
        title: "What can't be done with it",
        text: "Mapping it private, MADV_WIPEONFORK, resizing it once it has a size, and read and \
               write on its descriptor give EINVAL.",
        scenario: "memfd_secret of 4 P, 2 P mapped: map one page MAP_PRIVATE; advise \
                   MADV_WIPEONFORK; ftruncate to 8 P; read; write.",
        expect: &[
            Fails(Errno::Einval),
            Fails(Errno::Einval),
            Fails(Errno::Einval),
            Fails(Errno::Einval),
            Fails(Errno::Einval),
        ],
        evidence: OBSERVED,
        since: "5.14",
        source: "memfd_secret(2); mm/secretmem.c:secretmem_mmap_prepare, secretmem_setattr",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.effect.unreadable",
        calls: SECRET,
        part: Part::Effect,
        title: "Not even root reads it from outside",
        text: "process_vm_readv gives EFAULT, /proc/pid/mem gives EIO, PTRACE_PEEKDATA fails.",
        scenario: "memfd_secret of 1 P, mapped and written: process_vm_readv of it from the own \
                   process; read it through /proc/self/mem; PTRACE_PEEKDATA from another process.",
        expect: &[Fails(Errno::Efault), Fails(Errno::Eio), Fails(Errno::Eio)],
        evidence: OBSERVED,
        since: "5.14",
        source: "memfd_secret(2) DESCRIPTION; mm/gup.c:check_vma_flags",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.effect.fork-shares",
        calls: &[Call::MemfdSecret, Call::Fork],
        part: Part::Effect,
        title: "A child shares it, and isn't charged",
        text: "A child sees the same pages and what it writes is seen by the parent; in the \
               child the mapping isn't flagged, and VmLck is 0. (MADV_DONTFORK keeps it out.)",
        scenario: "memfd_secret of 1 P, mapped and written; fork; the child looks at smaps, VmLck \
                   and the byte, then writes another. Pages: the child's. Holds: the child \
                   saw the byte and VmLck 0, and the parent sees the child's byte.",
        expect: &[Expect::pages(&[Unlocked]), Holds(true)],
        evidence: OBSERVED,
        since: "5.14",
        source: "mm/mmap.c:dup_mmap (VM_LOCKED_MASK)",
        precedes: &[],
    },
    Clause {
        id: "memfd_secret.effect.refuses-hibernation",
        calls: SECRET,
        part: Part::Effect,
        title: "While it lives the machine can't hibernate",
        text: "Writing disk to /sys/power/state gives EPERM while a memfd_secret descriptor or \
               mapping lives.",
        scenario: "",
        expect: &[],
        evidence: Evidence::Cited("hibernation needs a machine of its own"),
        since: "5.14",
        source: "memfd_secret(2) NOTES; kernel/power/hibernate.c:hibernation_available",
        precedes: &[],
    },
];
