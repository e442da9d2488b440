//! Locking the process, with everything that can be told about it.

use super::{MlockConfig, MlockStatus, Plan, locked_bytes};
use crate::limits::{
    Cause, LockError, Raised, Share, diagnose_process, pin_process, raise, raised, share_process,
};
use crate::trace::event;
use stayput_sys::errno::{EINVAL, ENOMEM};
use stayput_sys::lock::{MCL_ONFAULT, mlockall};
use std::borrow::Borrow;
use std::fmt;
use std::io;

/// What locking the process did, and what to expect.
#[derive(Clone, Debug)]
pub struct LockReport {
    status: MlockStatus,
    plan: Option<Plan>,
    warnings: Vec<Warning>,
    error: Option<LockError>,
}

/// What the caller should know although the process is locked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// Later mappings are locked too, and there is less room for them than
    /// expected: `mmap`, new threads and heap growth will fail.
    LittleRoom {
        /// Bytes that may still be mapped.
        room: u64,
        /// Bytes expected ([`Plan::growth`]).
        growth: u64,
    },
    /// The kernel lacks `MCL_ONFAULT`: everything was brought in at once.
    OnFaultIgnored,
    /// The soft limit was raised; children inherit it.
    SoftLimitRaised(Raised),
    /// Nothing could be foreseen: the process can't be looked at.
    Unforeseen {
        /// Why.
        reason: String,
    },
}

/// Locks the process as `config` says, and reports.
///
/// As [`lock_with_config`](super::lock_with_config), with the cause of a refusal,
/// the [`Plan`] that preceded it, and warnings. Takes the config by value or by
/// reference.
///
/// # Errors
/// [`LockError`] where the lock was refused and `config` requires it.
pub fn lock_report(config: impl Borrow<MlockConfig>) -> Result<LockReport, LockError> {
    lock(*config.borrow(), |call| pin_process(call)).map(|(report, _)| report)
}

/// As [`lock_report`], for as long as the share is held; no share, no lock.
pub(super) fn lock_shared(config: MlockConfig) -> Result<(LockReport, Option<Share>), LockError> {
    lock(config, |call| share_process(call))
}

impl LockReport {
    /// What was done.
    #[must_use]
    pub fn status(&self) -> MlockStatus {
        self.status
    }

    /// What was foreseen; `None` where the process can't be looked at.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    /// What to know although the process is locked.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The refusal that the configuration let pass (`required(false)`).
    #[must_use]
    pub fn error(&self) -> Option<&LockError> {
        self.error.as_ref()
    }
}

impl fmt::Display for LockReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        if let Some(error) = &self.error {
            write!(f, ": {error}")?;
        }
        self.warnings
            .iter()
            .try_for_each(|warning| write!(f, "\nwarning: {warning}"))
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LittleRoom { room, growth } => write!(
                f,
                "only {room} bytes may still be mapped, {growth} bytes are expected: mmap, new \
                 threads and heap growth will fail past that; raise RLIMIT_MEMLOCK or grant \
                 CAP_IPC_LOCK"
            ),
            Self::OnFaultIgnored => f.write_str(
                "the kernel lacks MCL_ONFAULT (Linux 4.4): all memory was brought in at once",
            ),
            Self::SoftLimitRaised(Raised { from, to }) => {
                write!(
                    f,
                    "the soft RLIMIT_MEMLOCK was raised from {from} to {to} bytes"
                )
            }
            Self::Unforeseen { reason } => {
                write!(f, "later failures can't be foreseen: {reason}")
            }
        }
    }
}

type Call<'a> = &'a mut dyn FnMut() -> io::Result<()>;

/// `hold` makes the call and records who holds the process.
fn lock<T>(
    config: MlockConfig,
    hold: impl FnOnce(Call<'_>) -> io::Result<T>,
) -> Result<(LockReport, Option<T>), LockError> {
    let mut report = LockReport {
        status: MlockStatus::Locked { bytes_locked: 0 },
        plan: None,
        warnings: Vec::new(),
        error: None,
    };
    if config.flags() == 0 {
        return Ok((report, None));
    }
    match attempt(config, &mut report, hold) {
        Ok(held) => {
            report.status = MlockStatus::Locked {
                bytes_locked: locked_bytes(),
            };
            Ok((report, Some(held)))
        }
        Err(error) if *error.cause() == Cause::Unsupported => {
            report.status = MlockStatus::Unsupported;
            Ok((report, None))
        }
        Err(error) if config.required() => Err(error),
        Err(error) => {
            event!(warn, error = error, "the process was not locked");
            report.status = MlockStatus::Failed {
                errno: error.errno().unwrap_or(ENOMEM),
            };
            report.error = Some(error);
            Ok((report, None))
        }
    }
}

fn attempt<T>(
    config: MlockConfig,
    report: &mut LockReport,
    hold: impl FnOnce(Call<'_>) -> io::Result<T>,
) -> Result<T, LockError> {
    foresee(config, report)?;
    let warnings = &mut report.warnings;
    let flags = config.flags();
    let held = hold(&mut || match mlockall(flags) {
        Err(error) if lacks_onfault(flags, &error) => {
            warnings.push(Warning::OnFaultIgnored);
            mlockall(flags & !MCL_ONFAULT)
        }
        result => result,
    });
    held.map_err(|error| {
        let total = report.plan.as_ref().map_or(0, Plan::total_bytes);
        diagnose_process(total, &error)
    })
}

/// Kernels before 4.4 refuse the flag; alone, every kernel does.
fn lacks_onfault(flags: u32, error: &io::Error) -> bool {
    flags & MCL_ONFAULT != 0 && flags != MCL_ONFAULT && error.raw_os_error() == Some(EINVAL)
}

/// Plans, refuses what would be a kill, raises the limit, warns.
fn foresee(config: MlockConfig, report: &mut LockReport) -> Result<(), LockError> {
    let plan = match Plan::for_lock_all(config) {
        Ok(plan) => plan,
        Err(error) => {
            let reason = error.to_string();
            report.warnings.push(Warning::Unforeseen { reason });
            return Ok(());
        }
    };
    plan.refuse_kill()?;
    if plan.raises_to().is_some() && raise() {
        report
            .warnings
            .extend(raised().map(Warning::SoftLimitRaised));
    }
    if let (true, Some(room)) = (plan.is_tight(), plan.room()) {
        let growth = plan.growth();
        event!(
            warn,
            room = room,
            growth = growth,
            "too little room to grow under MCL_FUTURE"
        );
        report.warnings.push(Warning::LittleRoom { room, growth });
    }
    report.plan = Some(plan);
    Ok(())
}
