//! Solaris and illumos.
//!
//! - `mlock` needs the privilege `PRIV_PROC_LOCK_MEMORY` (`EPERM`); there is no
//!   `RLIMIT_MEMLOCK`, but the resource controls `project.max-locked-memory` and
//!   `zone.max-locked-memory`, past which the answer is `EAGAIN`. Locks are not
//!   counted.
//! - Fork: illumos (2015) can have a child find zeros, `memcntl(MC_INHERIT_ZERO)`,
//!   for private anonymous memory, and has no way back.
//! - `setpflags(__PROC_PROTECT)` stops dumps and same-user tracing; daemons of
//!   the system itself use it, the header calls it private.
//! - Nothing keeps single mappings out of a core dump (`coreadm` chooses kinds).

use super::posix::{self, check};
pub(crate) use super::posix::{
    EAGAIN, EINVAL, ENOMEM, EPERM, commit, decommit, getrlimit, mincore, mlock, mlockall, munlock,
    munlockall, page_faults, protect, release, reserve, reserve_at, setrlimit,
};
use super::unsupported;
pub(crate) use super::unsupported::{
    MADVISE_DONTDUMP, MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT, RESERVED_IS_CONCEALED,
    all_locked, any_locked, commit_secret, mlock2, reserve_heap, set_error_mode, set_io_flusher,
    set_scheduling,
};
use crate::contract::{Advice, Dumpable};
use crate::page::PageRange;
use libc::{c_int, c_uint};
use std::io;
use std::ptr;
use std::sync::atomic::AtomicU64;

pub(crate) unsafe fn madvise(range: PageRange, advice: Advice) -> io::Result<()> {
    if !(cfg!(target_os = "illumos") && advice == Advice::WipeOnFork) {
        // SAFETY: the contract's own answer touches nothing.
        return unsafe { unsupported::madvise(range, advice) };
    }
    let (start, no_argument) = (range.as_ptr().cast(), ptr::null_mut());
    // SAFETY: the caller owns the range and answers for what fork children miss.
    check(unsafe { memcntl(start, range.len(), MC_INHERIT_ZERO, no_argument, 0, 0) })
}

pub(crate) fn set_dumpable(dumpable: Dumpable) -> io::Result<()> {
    // SAFETY: the flag takes an integer.
    check(unsafe { setpflags(PROC_PROTECT, (dumpable == Dumpable::No).into()) })
}

pub(crate) fn wiped_on_fork() -> &'static AtomicU64 {
    posix::wiped_word(madvise)
}

// What libc lacks.
const MC_INHERIT_ZERO: c_int = 8; // sys/mman.h, illumos 2015
const PROC_PROTECT: c_uint = 0x0008; // `__PROC_PROTECT`, sys/priv.h, Solaris 10

unsafe extern "C" {
    // sys/mman.h, SunOS 4
    fn memcntl(
        addr: libc::caddr_t,
        len: libc::size_t,
        command: c_int,
        argument: libc::caddr_t,
        attributes: c_int,
        mask: c_int,
    ) -> c_int;
    // priv.h, Solaris 10
    fn setpflags(flag: c_uint, value: c_uint) -> c_int;
}
