//! NetBSD.
//!
//! - `mlock` past `RLIMIT_MEMLOCK` or the system's wired limit is `EAGAIN`. The
//!   manual long said that locks nest; in the kernel (`uvm_map_pageable`) one
//!   `munlock` undoes them all, as POSIX wants.
//! - Fork: `minherit`; `MAP_INHERIT_ZERO` came in 2014. One call undoes either.
//! - Nothing keeps single mappings out of a core dump, nor the process as a whole
//!   but `RLIMIT_CORE`.
//! - `MAP_TRYFIXED` makes the kernel take an address as it is if it is free.

use super::posix;
pub(crate) use super::posix::{
    EAGAIN, EINVAL, ENOMEM, EPERM, commit, decommit, getrlimit, mincore, mlock, mlockall, munlock,
    munlockall, page_faults, protect, release, reserve, setrlimit,
};
use super::unsupported;
pub(crate) use super::unsupported::{
    MADVISE_DONTDUMP, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT, RESERVED_IS_CONCEALED,
    all_locked, any_locked, commit_secret, mlock2, reserve_heap, set_dumpable, set_error_mode,
    set_io_flusher, set_scheduling,
};
use crate::contract::Advice;
use crate::page::PageRange;
use std::io;
use std::sync::atomic::AtomicU64;

pub(crate) fn reserve_at(range: PageRange) -> io::Result<()> {
    posix::reserve_at_with(range, libc::MAP_TRYFIXED)
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
