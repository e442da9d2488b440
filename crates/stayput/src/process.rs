//! A whole process that stays in memory: `mlockall` with foresight.
//!
//! For daemons that must not page: those that serve swap (where a page fault
//! waits for the daemon itself), audio, robotics, databases. For secrets alone
//! it is the wrong tool: it locks everything, and nothing is kept out of dumps
//! ([`secret`](crate::secret)). `docs/choosing.md` and `docs/swap-daemons.md`
//! say more.
//!
//! | you want | call |
//! |---|---|
//! | the published surface of duende-mlock 1.0 | [`lock_all`], [`lock_with_config`], [`unlock_all`], [`is_locked`], [`locked_bytes`] |
//! | the cause of a refusal, and warnings | [`lock_report`] |
//! | to know before | [`Plan`] |
//! | the lock for a while | [`LockAllGuard`] |
//! | no page fault later | [`prefault_stack`], [`reserve_heap`], measured by [`FaultWatch`] |
//! | to lock a program that nobody recompiles | [`preload`], behind `stayput run --lock-all` |
//! | to serve swap | [`SwapDaemon`] |
//! | to know what is not locked after all | [`verify`] |
//! | a process that stays in memory on Windows | [`pin_working_set`] |
//!
//! Locks are neither inherited by fork nor kept by exec: lock after the last
//! fork. `munlockall` undoes *every* lock of the process: those of
//! [`region`](crate::region), [`page`](crate::page) and [`pool`](crate::pool)
//! too, whose counts then say more than the kernel does (`Pool::verify` finds
//! it). The other way round nothing is lost: while this module holds the process
//! locked, the last guard on a page leaves it locked.
//!
//! **With future mappings locked (the default) every later `mmap`, thread stack
//! and heap growth counts against the limit and fails past it**, and the first
//! thread's stack can't grow: the process dies of SIGSEGV. [`Plan::check`]
//! refuses such a lock, [`lock_report`] warns of it.
//!
//! ```no_run
//! use stayput::process::lock_all;
//!
//! fn main() -> Result<(), stayput::process::MlockError> {
//!     let status = lock_all()?;
//!     println!("memory: {status}");
//!     Ok(())
//! }
//! ```

mod config;
mod error;
mod fault_watch;
mod guard;
mod plan;
mod prefault;
pub mod preload;
mod report;
mod status;
mod swap_daemon;
mod verify;
mod working_set;

pub use config::{MlockConfig, MlockConfigBuilder};
pub use error::MlockError;
pub use fault_watch::FaultWatch;
pub use guard::LockAllGuard;
pub use plan::{Plan, ThreadStacks};
pub use prefault::{prefault_stack, reserve_heap};
pub use report::{LockReport, Warning, lock_report};
pub use status::MlockStatus;
pub use stayput_sys::residency::Faults;
pub use swap_daemon::{Effect, Part, PartKind, SwapDaemon, SwapDaemonBuilder};
pub use verify::{Reason, Unlocked, Verification, verify};
pub use working_set::{WorkingSet, pin_working_set};

use crate::inspect::{self, Process};
use crate::limits::unlock_process;
use std::borrow::Borrow;
use std::io;

/// Locks all present and future memory of the process.
///
/// The soft limit is raised to the hard one where that helps, unless
/// [`set_raising`](crate::limits::set_raising) forbids it. A thin shell around
/// [`lock_report`], which also tells the cause and warns.
///
/// `Ok(Unsupported)` where `mlockall` does not exist (macOS, Windows, wasm).
///
/// # Errors
/// [`MlockError`] by the system's error number; a memory control group without
/// room for the pages is [`MlockError::ResourceLimit`], before the kernel kills.
///
/// # References
/// mlockall(2): `MCL_CURRENT | MCL_FUTURE`.
pub fn lock_all() -> Result<MlockStatus, MlockError> {
    lock_with_config(MlockConfig::default())
}

/// Locks the process as `config` says; takes it by value and by reference.
///
/// With no flag set nothing is called and `Locked { bytes_locked: 0 }` returned.
/// With `required(false)` a refusal is `Ok(Failed { errno })`. `onfault` is
/// ignored where the kernel lacks it. A call for present memory alone ends the
/// locking of future memory that an earlier call began: so the kernel has it.
///
/// # Errors
/// As [`lock_all`], if `config` says `required`.
pub fn lock_with_config(config: impl Borrow<MlockConfig>) -> Result<MlockStatus, MlockError> {
    Ok(lock_report(config.borrow())?.status())
}

/// Unlocks all memory of the process, whoever locked it: guards, regions and
/// pools of this crate included; only secret memory (`memfd_secret`) stays locked.
/// `Ok` where there is no such call.
///
/// # Errors
/// The system's error; none is known.
///
/// # References
/// munlockall(2).
pub fn unlock_all() -> Result<(), MlockError> {
    match unlock_process(stayput_sys::lock::munlockall) {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(MlockError::from(error)),
        _ => Ok(()),
    }
}

/// Whether the process has any locked memory (`VmLck` above 0), by whatever
/// call. [`verify`] tells whether *all* of it is locked.
#[must_use]
pub fn is_locked() -> bool {
    locked_bytes() > 0
}

/// Bytes that the process has locked (`VmLck`); 0 where the system does not tell.
#[must_use]
pub fn locked_bytes() -> usize {
    let locked = inspect::locked_bytes(Process::Current).unwrap_or(0);
    usize::try_from(locked).unwrap_or(usize::MAX)
}

/// The guide's code, run as a test.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/swap-daemons.md")]
mod guide {}
