//! FreeBSD and DragonFly.
//!
//! - `mlock` needs `security.bsd.unprivileged_mlock` (on by default since
//!   FreeBSD 10) or root, and in a jail `allow.mlock`: otherwise `EPERM`. Past
//!   `RLIMIT_MEMLOCK` or `vm.max_user_wired` FreeBSD answers `ENOMEM`, older
//!   releases and DragonFly `EAGAIN`. User locks are not counted.
//! - `MADV_NOCORE` and `MADV_CORE` (FreeBSD 4) do and undo dump exclusion. The
//!   published crate offers `madvise_dontdump` on FreeBSD only, and so do we.
//! - `minherit` (FreeBSD 2.2) keeps a mapping from fork children; zeroing it
//!   there (`INHERIT_ZERO`) is FreeBSD 12 and not in DragonFly. One call undoes
//!   either.
//! - `PROC_TRACE_CTL` (FreeBSD 10.2) stops dumps and same-user tracing, for
//!   children too, until exec.
//! - `MAP_EXCL` (FreeBSD 10) reserves at an address without replacing anything,
//!   `ENOMEM` where something is mapped; DragonFly gets a hint.

#[cfg(target_os = "freebsd")]
pub(crate) use self::freebsd_only::{reserve_at, set_dumpable};
use super::posix;
#[cfg(target_os = "dragonfly")]
pub(crate) use super::posix::reserve_at;
pub(crate) use super::posix::{
    EAGAIN, EINVAL, ENOMEM, EPERM, commit, decommit, getrlimit, mincore, mlock, mlockall, munlock,
    munlockall, page_faults, protect, release, reserve, setrlimit,
};
use super::unsupported;
#[cfg(target_os = "dragonfly")]
pub(crate) use super::unsupported::set_dumpable;
pub(crate) use super::unsupported::{
    MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT, RESERVED_IS_CONCEALED, all_locked,
    any_locked, commit_secret, mlock2, reserve_heap, set_error_mode, set_io_flusher,
    set_scheduling,
};
use crate::contract::Advice;
use crate::page::PageRange;
use std::io;
use std::sync::atomic::AtomicU64;

pub(crate) const MADVISE_DONTDUMP: bool = cfg!(target_os = "freebsd");

pub(crate) unsafe fn madvise(range: PageRange, advice: Advice) -> io::Result<()> {
    let inheritance = match advice {
        // SAFETY: the caller owns the range.
        Advice::DontDump => return unsafe { posix::advise(range, libc::MADV_NOCORE) },
        // SAFETY: the caller owns the range.
        Advice::DoDump => return unsafe { posix::advise(range, libc::MADV_CORE) },
        #[cfg(target_os = "freebsd")]
        Advice::WipeOnFork => libc::INHERIT_ZERO,
        #[cfg(target_os = "freebsd")]
        Advice::KeepOnFork => libc::INHERIT_COPY,
        Advice::DontFork => libc::INHERIT_NONE,
        Advice::DoFork => libc::INHERIT_COPY,
        // SAFETY: the contract's own answer touches nothing.
        _ => return unsafe { unsupported::madvise(range, advice) },
    };
    // SAFETY: the caller owns the range and answers for what fork children miss.
    unsafe { posix::minherit(range, inheritance) }
}

pub(crate) fn wiped_on_fork() -> &'static AtomicU64 {
    posix::wiped_word(madvise)
}

#[cfg(target_os = "freebsd")]
mod freebsd_only {
    use super::posix::{self, check};
    use crate::contract::Dumpable;
    use crate::page::PageRange;
    use std::io;

    pub(crate) fn reserve_at(range: PageRange) -> io::Result<()> {
        posix::reserve_at_with(range, libc::MAP_FIXED | libc::MAP_EXCL)
    }

    pub(crate) fn set_dumpable(dumpable: Dumpable) -> io::Result<()> {
        let mut control = match dumpable {
            Dumpable::Yes => libc::PROC_TRACE_CTL_ENABLE,
            Dumpable::No => libc::PROC_TRACE_CTL_DISABLE,
        };
        // By its number: that 0 means the caller is not as old as the command.
        // SAFETY: getpid has no preconditions.
        let this_process = unsafe { libc::getpid() }.into();
        let control = std::ptr::from_mut(&mut control);
        // SAFETY: the command reads one live c_int.
        check(unsafe {
            libc::procctl(
                libc::P_PID,
                this_process,
                libc::PROC_TRACE_CTL,
                control.cast(),
            )
        })
    }
}
