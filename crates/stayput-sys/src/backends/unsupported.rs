//! The contract, with nothing behind it: every call is `Unsupported`.
//!
//! Used whole where a platform has no backend, and piece by piece by backends
//! whose system lacks a call.
#![allow(
    dead_code,
    reason = "each backend takes from here only what its system lacks"
)]
#![allow(clippy::unnecessary_wraps, reason = "the signatures are the contract")]

use crate::contract::{
    Access, Advice, Dumpable, Faults, FaultsOf, IoFlusher, Limit, Resource, Scheduling,
};
use crate::page::PageRange;
use std::io;
use std::sync::atomic::AtomicU64;

// The values that most systems share; nothing here interprets them.
pub(crate) const MCL_CURRENT: u32 = 1;
pub(crate) const MCL_FUTURE: u32 = 2;
pub(crate) const MCL_ONFAULT: u32 = 4;
pub(crate) const MLOCK_ONFAULT: u32 = 1;

// Error numbers, where the platform has none: Linux's.
pub(crate) const EPERM: i32 = 1;
pub(crate) const EAGAIN: i32 = 11;
pub(crate) const ENOMEM: i32 = 12;
pub(crate) const EINVAL: i32 = 22;

/// Whether `madvise_dontdump` is offered, as the published crate has it.
pub(crate) const MADVISE_DONTDUMP: bool = false;

/// Whether `reserve` excludes its memory from core dumps from the start.
pub(crate) const RESERVED_IS_CONCEALED: bool = false;

/// The error of a call that this platform lacks.
pub(crate) fn unsupported(call: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::Unsupported,
        format!("{call} is not available on {}", std::env::consts::OS),
    )
}

pub(crate) unsafe fn mlock(_: PageRange) -> io::Result<()> {
    Err(unsupported("mlock"))
}

pub(crate) unsafe fn munlock(_: PageRange) -> io::Result<()> {
    Err(unsupported("munlock"))
}

pub(crate) unsafe fn mlock2(_: PageRange, _: u32) -> io::Result<()> {
    Err(unsupported("mlock2"))
}

pub(crate) fn mlockall(_: u32) -> io::Result<()> {
    Err(unsupported("mlockall"))
}

pub(crate) fn munlockall() -> io::Result<()> {
    Err(unsupported("munlockall"))
}

pub(crate) unsafe fn madvise(_: PageRange, advice: Advice) -> io::Result<()> {
    Err(unsupported(&format!("advice {advice:?}")))
}

pub(crate) fn reserve(_: usize) -> io::Result<PageRange> {
    Err(unsupported("reserving address space"))
}

pub(crate) fn reserve_at(_: PageRange) -> io::Result<()> {
    Err(unsupported("reserving at a fixed address"))
}

pub(crate) unsafe fn commit(_: PageRange) -> io::Result<()> {
    Err(unsupported("committing pages"))
}

pub(crate) unsafe fn decommit(_: PageRange) -> io::Result<()> {
    Err(unsupported("decommitting pages"))
}

pub(crate) unsafe fn release(_: PageRange) -> io::Result<()> {
    Err(unsupported("releasing address space"))
}

pub(crate) unsafe fn protect(_: PageRange, _: Access) -> io::Result<()> {
    Err(unsupported("page protection"))
}

pub(crate) unsafe fn commit_secret(_: PageRange) -> io::Result<()> {
    Err(unsupported("memfd_secret"))
}

pub(crate) fn mincore(_: PageRange) -> io::Result<Vec<bool>> {
    Err(unsupported("mincore"))
}

pub(crate) fn any_locked(_: PageRange) -> io::Result<bool> {
    Err(unsupported("asking whether pages are locked"))
}

pub(crate) fn all_locked(_: PageRange) -> io::Result<bool> {
    Err(unsupported("asking whether pages are locked"))
}

pub(crate) fn page_faults(_: FaultsOf) -> io::Result<Faults> {
    Err(unsupported("counting page faults"))
}

pub(crate) fn reserve_heap(_: usize) -> io::Result<()> {
    Err(unsupported("mallopt"))
}

pub(crate) fn getrlimit(resource: Resource) -> io::Result<Limit> {
    Err(unsupported(&format!("resource limit {resource:?}")))
}

pub(crate) fn setrlimit(resource: Resource, _: Limit) -> io::Result<()> {
    Err(unsupported(&format!("resource limit {resource:?}")))
}

pub(crate) fn set_error_mode(_: u32) -> io::Result<u32> {
    Err(unsupported("SetErrorMode"))
}

pub(crate) fn set_dumpable(_: Dumpable) -> io::Result<()> {
    Err(unsupported("PR_SET_DUMPABLE"))
}

pub(crate) fn set_io_flusher(_: IoFlusher) -> io::Result<()> {
    Err(unsupported("PR_SET_IO_FLUSHER"))
}

pub(crate) fn set_scheduling(_: Scheduling) -> io::Result<()> {
    Err(unsupported("sched_setscheduler"))
}

/// A word that is 0 in every process that has not written it since its own
/// fork. Without fork it is an ordinary word.
pub(crate) fn wiped_on_fork() -> &'static AtomicU64 {
    static WORD: AtomicU64 = AtomicU64::new(0);
    &WORD
}
