//! macOS, iOS and their relatives.
//!
//! - `mlock` wires pages and counts: each call needs an `munlock` of its own.
//!   The limit is the smaller of `RLIMIT_MEMLOCK` and `vm.user_wire_limit`, and
//!   going past it is `EAGAIN`, where Linux says `ENOMEM`.
//! - `mlockall` is declared, and answers `ENOSYS`: reported as unsupported.
//! - A fork child can be kept from a mapping (`minherit`, Mac OS X 10.0) but not
//!   given zeros, so the fork generation rests on `pthread_atfork` alone.
//! - No advice keeps pages out of a core dump; `RLIMIT_CORE` is all there is, and
//!   it is 0 by default.
//! - `ptrace(PT_DENY_ATTACH)` stops tracing for good, but no dumps, so it does
//!   not serve as the dumpable switch.
//! - `mincore` tells residency; nothing tells locks without a Mach port.

use super::posix;
pub(crate) use super::posix::{
    EAGAIN, EINVAL, ENOMEM, EPERM, commit, decommit, getrlimit, mincore, mlock, munlock,
    page_faults, protect, release, reserve, reserve_at, setrlimit,
};
use super::unsupported;
pub(crate) use super::unsupported::{
    MADVISE_DONTDUMP, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT, RESERVED_IS_CONCEALED,
    all_locked, any_locked, commit_secret, mlock2, mlockall, munlockall, reserve_heap,
    set_dumpable, set_error_mode, set_io_flusher, set_scheduling,
};
use crate::contract::Advice;
use crate::page::PageRange;
use std::io;
use std::sync::atomic::AtomicU64;

pub(crate) unsafe fn madvise(range: PageRange, advice: Advice) -> io::Result<()> {
    let inheritance = match advice {
        Advice::DontFork => libc::VM_INHERIT_NONE,
        Advice::DoFork => libc::VM_INHERIT_COPY,
        // SAFETY: the contract's own answer touches nothing.
        _ => return unsafe { unsupported::madvise(range, advice) },
    };
    // SAFETY: the caller owns the range and answers for what fork children miss.
    unsafe { posix::minherit(range, inheritance) }
}

pub(crate) fn wiped_on_fork() -> &'static AtomicU64 {
    posix::wiped_word(madvise)
}
