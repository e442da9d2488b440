//! Misuse that only unsafe or C code can commit: the process ends.
//!
//! Going on would hand one secret's memory to two owners.

use crate::page;

/// Which misuse was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misuse {
    DoubleFree,
    ForeignPointer,
    InteriorPointer,
}

/// Says what happened and aborts. The message names no address.
#[cold]
pub(super) fn end_process(misuse: Misuse) -> ! {
    let what = match misuse {
        Misuse::DoubleFree => "double free: this memory was freed before",
        Misuse::ForeignPointer => "foreign free: this memory is not the pool's",
        Misuse::InteriorPointer => "invalid free: the pointer is not the start of an allocation",
    };
    page::end_process(what)
}
