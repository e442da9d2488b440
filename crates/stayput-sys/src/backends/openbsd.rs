//! OpenBSD.
//!
//! - `mlock` past `RLIMIT_MEMLOCK` or the system's wired limit is `EAGAIN`. The
//!   manual long said that locks nest; in the kernel (`uvm_map_pageable`) one
//!   `munlock` undoes them all, as POSIX wants.
//! - Dumps: `MAP_CONCEAL` (6.5) at `mmap` only, so every reservation has it from
//!   the start and advice on foreign memory is unsupported.
//! - Fork: `minherit`, `MAP_INHERIT_ZERO` since 5.6. One call undoes either.
//! - `mincore` was removed in 6.5, being a side channel.
//! - No switch for tracing and dumps as a whole; `RLIMIT_CORE` serves.
//! - `__MAP_NOREPLACE` is private to the dynamic linker: an address is a hint.

use super::posix;
pub(crate) use super::posix::{
    EAGAIN, EINVAL, ENOMEM, EPERM, commit, getrlimit, mlock, mlockall, munlock, munlockall,
    page_faults, protect, release, setrlimit,
};
use super::unsupported;
pub(crate) use super::unsupported::{
    MADVISE_DONTDUMP, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT, all_locked, any_locked,
    commit_secret, mincore, mlock2, reserve_heap, set_dumpable, set_error_mode, set_io_flusher,
    set_scheduling,
};
use crate::contract::Advice;
use crate::page::PageRange;
use std::io;
use std::sync::atomic::AtomicU64;

pub(crate) const RESERVED_IS_CONCEALED: bool = true;

pub(crate) fn reserve(len: usize) -> io::Result<PageRange> {
    posix::reserve_with(len, libc::MAP_CONCEAL)
}

pub(crate) fn reserve_at(range: PageRange) -> io::Result<()> {
    posix::reserve_at_with(range, libc::MAP_CONCEAL)
}

pub(crate) unsafe fn decommit(range: PageRange) -> io::Result<()> {
    // SAFETY: the caller owns the pages and gives their content up.
    unsafe { posix::decommit_with(range, libc::MAP_CONCEAL) }
}

pub(crate) unsafe fn madvise(range: PageRange, advice: Advice) -> io::Result<()> {
    let inheritance = match advice {
        Advice::WipeOnFork => libc::MAP_INHERIT_ZERO,
        Advice::DontFork => libc::MAP_INHERIT_NONE,
        Advice::KeepOnFork | Advice::DoFork => libc::MAP_INHERIT_COPY,
        // SAFETY: the contract's own answer touches nothing.
        _ => return unsafe { unsupported::madvise(range, advice) },
    };
    // SAFETY: the caller owns the range and answers for what fork children miss.
    unsafe { posix::minherit(range, inheritance) }
}

pub(crate) fn wiped_on_fork() -> &'static AtomicU64 {
    posix::wiped_word(madvise)
}
