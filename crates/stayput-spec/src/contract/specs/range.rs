//! `mlock`, `mlock2` and `munlock`: the calls that take a range.

use super::shared::{
    FATAL, IPC_LOCK, LEN, LRU_LOCK, MMAP_LOCK, MMAP_LOCK_TWICE, RETURNS, START, brings_in, changes,
    counts, flags, goes,
};
use crate::contract::mlock::effects;
use crate::contract::mlock::errors::{
    FATAL_SIGNAL, FILE_END, HOLE, LIMIT, LIMIT_ZERO, MAP_COUNT, POPULATION, PROT_NONE, WRAPS,
};
use crate::contract::{mlock2, munlock};
use crate::language::{Context, SideEffect, Spec, Transition, text};

const BROUGHT_IN: SideEffect = brings_in(effects::POPULATES.text, "Not with MLOCK_ONFAULT");

const VMA_FLAGS: SideEffect = changes(
    "VMA flags",
    "VM_LOCKED is set on every mapping of the range (with MLOCK_ONFAULT VM_LOCKONFAULT too, \
     without it cleared), which splits and merges mappings. Special, hugetlb, DAX, droppable and \
     memfd_secret mappings are passed over without an error.",
    None,
);

const CHARGE: SideEffect = changes(
    "mm->locked_vm",
    "Grows by the pages of the range that were not locked (VmLck).",
    None,
);

const PARTIAL: SideEffect = changes(
    "mappings before a failure",
    "The call is not atomic: mappings before a hole, and all mappings of the range when a page \
     can't be brought in, stay flagged and charged though the call fails.",
    Some("The call fails with ENOMEM or EAGAIN after the limit was compared"),
);

const LOCKED: Transition = goes(
    "page",
    "may be swapped out",
    "resident and unevictable",
    "The page is brought in, marked mlocked and kept.",
    Some("Not with MLOCK_ONFAULT, or the page was present"),
);

const CHARGED: Transition = goes(
    "mapping",
    "VM_LOCKED clear",
    "VM_LOCKED set",
    "The mapping is locked, and counted once however often it is locked.",
    None,
);

/// `mlock`'s notes, with a sentence before them.
macro_rules! notes {
    ($first:literal) => {
        Some(text(concat!(
            $first,
            " Locks do not stack: one munlock undoes any number of locks. They end with munmap, \
             fork (in the child) and execve. Locked memory is in a hibernation image all the \
             same. Past a memory cgroup's limit the caller is killed."
        )))
    };
}

pub(super) const MLOCK: Spec = Spec {
    name: text("sys_mlock"),
    description: text("Lock a range of memory"),
    long_description: Some(text(
        "Brings every page of the range in and keeps it in memory until it is unlocked, \
         unmapped, or the process ends or executes another program.",
    )),
    context: list![Context::Process, Context::Sleepable],
    parameters: list![START, LEN],
    returns: RETURNS,
    errors: list![
        LIMIT_ZERO.as_error(),
        LIMIT.as_error(),
        HOLE.as_error(),
        PROT_NONE.as_error(),
        FILE_END.as_error(),
        MAP_COUNT.as_error(),
        WRAPS.as_error(),
        POPULATION.as_error(),
        FATAL_SIGNAL.as_error(),
    ],
    signals: list![FATAL],
    signal_masks: list![],
    side_effects: list![BROUGHT_IN, VMA_FLAGS, CHARGE, PARTIAL],
    transitions: list![LOCKED, CHARGED],
    locks: list![MMAP_LOCK_TWICE, LRU_LOCK],
    capabilities: list![IPC_LOCK],
    constraints: list![],
    examples: Some(text("mlock(addr, len);")),
    notes: notes!("EPERM comes before every error about the range, also at length 0."),
    since: Some(text("2.0")),
    declared: counts([2, 9, 1, 4, 2, 2, 1]),
    unknown: list![],
};

pub(super) const MLOCK2: Spec = Spec {
    name: text("sys_mlock2"),
    description: text("Lock a range of memory, at once or as it is touched"),
    long_description: Some(text(
        "With flags 0 it is mlock. With MLOCK_ONFAULT it locks what is present, brings nothing \
         in, and locks every other page when it is first touched; the whole range is charged at \
         the call.",
    )),
    context: list![Context::Process, Context::Sleepable],
    parameters: list![
        START,
        LEN,
        flags(
            "MLOCK_ONFAULT",
            "0 or MLOCK_ONFAULT; checked before everything else"
        ),
    ],
    returns: RETURNS,
    errors: list![
        mlock2::UNKNOWN_FLAGS.as_error(),
        LIMIT_ZERO.as_error(),
        LIMIT.as_error(),
        HOLE.as_error(),
        PROT_NONE.as_error(),
        FILE_END.as_error(),
        MAP_COUNT.as_error(),
        WRAPS.as_error(),
        POPULATION.as_error(),
        FATAL_SIGNAL.as_error(),
    ],
    signals: list![FATAL],
    signal_masks: list![],
    side_effects: list![BROUGHT_IN, VMA_FLAGS, CHARGE, PARTIAL],
    transitions: list![
        LOCKED,
        CHARGED,
        goes(
            "mapping",
            "VM_LOCKONFAULT clear",
            "VM_LOCKONFAULT set",
            mlock2::ONFAULT_DEFERS.text,
            Some("With MLOCK_ONFAULT"),
        ),
    ],
    locks: list![MMAP_LOCK_TWICE, LRU_LOCK],
    capabilities: list![IPC_LOCK],
    constraints: list![],
    examples: Some(text(
        "mlock2(addr, len, 0);             // as mlock\n\
         mlock2(addr, len, MLOCK_ONFAULT); // as pages are touched",
    )),
    notes: notes!(
        "Unknown flags come before EPERM, and EPERM before every error about the range, also at \
         length 0."
    ),
    since: Some(text("4.4")),
    declared: counts([3, 10, 1, 4, 3, 2, 1]),
    unknown: list![],
};

pub(super) const MUNLOCK: Spec = Spec {
    name: text("sys_munlock"),
    description: text("Unlock a range of memory"),
    long_description: Some(text(
        "Lets the pages of the range be swapped out again, whichever call locked them, and \
         however often.",
    )),
    context: list![Context::Process, Context::Sleepable],
    parameters: list![START, LEN],
    returns: RETURNS,
    errors: list![
        munlock::HOLE.as_error(),
        munlock::MAP_COUNT.as_error(),
        munlock::WRAPS.as_error(),
        FATAL_SIGNAL.as_error(),
    ],
    signals: list![FATAL],
    signal_masks: list![],
    side_effects: list![
        changes(
            "VMA flags",
            "VM_LOCKED and VM_LOCKONFAULT are cleared on every mapping of the range, which splits \
             and merges mappings. memfd_secret mappings stay locked, without an error.",
            None,
        ),
        changes(
            "mm->locked_vm",
            "Shrinks by the pages of the range that were locked.",
            None
        ),
        changes(
            "mappings before a failure",
            "The call is not atomic: mappings before a hole are unlocked though the call fails.",
            Some("The call fails with ENOMEM"),
        ),
    ],
    transitions: list![goes(
        "page",
        "resident and unevictable",
        "may be swapped out",
        munlock::UNLOCKS.text,
        Some("No other process has it locked"),
    )],
    locks: list![MMAP_LOCK, LRU_LOCK],
    capabilities: list![],
    constraints: list![],
    examples: Some(text("munlock(addr, len);")),
    notes: Some(text(
        "Needs no permission: neither limit nor capability is looked at.",
    )),
    since: Some(text("2.0")),
    declared: counts([2, 4, 1, 3, 1, 2, 0]),
    unknown: list![],
};
