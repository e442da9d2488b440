//! `mlockall` and `munlockall`: the calls for the whole address space.

use super::shared::{
    FATAL, IPC_LOCK, LRU_LOCK, MMAP_LOCK, MMAP_LOCK_TWICE, RETURNS, brings_in, changes, counts,
    flags, goes,
};
use crate::contract::mlock::errors::FATAL_SIGNAL;
use crate::contract::mlockall::{BAD_FLAGS, LIMIT_ZERO, TOTAL_VM};
use crate::language::{Context, Spec, text};

pub(super) const MLOCKALL: Spec = Spec {
    name: text("sys_mlockall"),
    description: text("Lock all memory of the process, now, from now on, or both"),
    long_description: Some(text(
        "MCL_CURRENT locks what is mapped; MCL_FUTURE makes every later mapping locked; with \
         MCL_ONFAULT pages are locked as they are touched. Each call sets the default for later \
         mappings anew.",
    )),
    context: list![Context::Process, Context::Sleepable],
    parameters: list![flags(
        "MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT",
        "MCL_CURRENT or MCL_FUTURE or both; MCL_ONFAULT only with one of them",
    )],
    returns: RETURNS,
    errors: list![
        BAD_FLAGS.as_error(),
        LIMIT_ZERO.as_error(),
        TOTAL_VM.as_error(),
        FATAL_SIGNAL.as_error(),
    ],
    signals: list![FATAL],
    signal_masks: list![],
    side_effects: list![
        changes(
            "VMA flags",
            "VM_LOCKED (with MCL_ONFAULT VM_LOCKONFAULT too) is set on every mapping that can be \
             locked.",
            Some("MCL_CURRENT"),
        ),
        brings_in(
            "Every page is brought in; those that can't be are passed over, and the call returns 0.",
            "MCL_CURRENT without MCL_ONFAULT",
        ),
        changes(
            "mm->def_flags",
            "Later mappings are locked: mmap and mremap over the limit fail with EAGAIN, brk with \
             ENOMEM.",
            Some("MCL_FUTURE; without it the default is cleared"),
        ),
        changes(
            "mm->locked_vm",
            "Grows by the pages that were not locked.",
            Some("MCL_CURRENT")
        ),
    ],
    transitions: list![
        goes(
            "address space",
            "later mappings unlocked",
            "later mappings locked",
            "The default for later mappings is set.",
            Some("MCL_FUTURE"),
        ),
        goes(
            "address space",
            "later mappings locked",
            "later mappings unlocked",
            "The default for later mappings is cleared.",
            Some("Not MCL_FUTURE"),
        ),
    ],
    locks: list![MMAP_LOCK_TWICE, LRU_LOCK],
    capabilities: list![IPC_LOCK],
    constraints: list![],
    examples: Some(text(
        "mlockall(MCL_CURRENT | MCL_FUTURE);\n\
         mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);",
    )),
    notes: Some(text(
        "Bad flags come before EPERM. \
         The limit is compared with all that is mapped, reservations and thread stacks \
         included, not with what is locked. fork and execve end both locks and default.",
    )),
    since: Some(text("2.0")),
    declared: counts([1, 4, 1, 4, 2, 2, 1]),
    unknown: list![],
};

pub(super) const MUNLOCKALL: Spec = Spec {
    name: text("sys_munlockall"),
    description: text("Unlock all memory of the process"),
    long_description: Some(text(
        "Unlocks every mapping, whichever call locked it, and ends MCL_FUTURE.",
    )),
    context: list![Context::Process, Context::Sleepable],
    parameters: list![],
    returns: RETURNS,
    errors: list![FATAL_SIGNAL.as_error()],
    signals: list![FATAL],
    signal_masks: list![],
    side_effects: list![
        changes(
            "VMA flags",
            "VM_LOCKED and VM_LOCKONFAULT are cleared on every mapping but those of memfd_secret.",
            None,
        ),
        changes("mm->def_flags", "Later mappings are not locked.", None),
        changes(
            "mm->locked_vm",
            "Shrinks to what memfd_secret mappings hold.",
            None
        ),
    ],
    transitions: list![goes(
        "address space",
        "locked, now or later",
        "unlocked",
        "All pages may be swapped out again.",
        None,
    )],
    locks: list![MMAP_LOCK, LRU_LOCK],
    capabilities: list![],
    constraints: list![],
    examples: Some(text("munlockall();")),
    notes: Some(text(
        "Needs no permission: neither limit nor capability is looked at.",
    )),
    since: Some(text("2.0")),
    declared: counts([0, 1, 1, 3, 1, 2, 0]),
    unknown: list![],
};
