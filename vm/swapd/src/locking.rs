//! The ways to lock, or to think that one did.

use anyhow::{Context, Result};
use clap::ValueEnum;
use nix::unistd::daemon;
use serde::Serialize;
use stayput::process::{MlockConfig, MlockConfigBuilder, SwapDaemon, lock_with_config};

/// How the daemon locks its memory: always the first thing it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locking {
    /// Not at all.
    None,
    /// `mlockall(MCL_CURRENT)`: what comes later, the table too, is not locked.
    Current,
    /// `mlockall(MCL_CURRENT | MCL_FUTURE)`, then into the background by daemon(3),
    /// which forks: the child has no locks.
    ThenFork,
    /// `mlockall(MCL_CURRENT | MCL_FUTURE)` and nothing else.
    All,
    /// The same with `MCL_ONFAULT`.
    OnFault,
    /// [`SwapDaemon`] without `SCHED_FIFO`: locked, and an I/O flusher.
    Flusher,
    /// [`SwapDaemon`] without `PR_SET_IO_FLUSHER`: locked, and in real time.
    Fifo,
    /// [`SwapDaemon::enter`].
    Profile,
}

impl Locking {
    /// Whether memory that the process maps later is locked.
    #[must_use]
    pub const fn holds(self) -> bool {
        !matches!(self, Self::None | Self::Current | Self::ThenFork)
    }

    /// Does it; the profile says on standard error which parts took effect.
    ///
    /// # Errors
    /// The lock's or the fork's.
    pub fn enter(self) -> Result<()> {
        let profile = SwapDaemon::builder();
        match self {
            Self::None => Ok(()),
            Self::Current => lock(all().future(false)),
            Self::ThenFork => {
                lock(all())?;
                daemon(true, true).context("daemon(3) failed")
            }
            Self::All => lock(all()),
            Self::OnFault => lock(all().onfault(true)),
            Self::Flusher => report(&profile.without_fifo().enter()?),
            Self::Fifo => report(&profile.without_io_flusher().enter()?),
            Self::Profile => report(&SwapDaemon::enter()?),
        }
    }
}

const fn all() -> MlockConfigBuilder {
    MlockConfig::builder().current(true).future(true)
}

fn lock(config: MlockConfigBuilder) -> Result<()> {
    let status = lock_with_config(config.required(true).build())?;
    eprintln!("swapd: {status}");
    Ok(())
}

fn report(daemon: &SwapDaemon) -> Result<()> {
    for part in daemon.parts() {
        eprintln!("swapd: {part}");
    }
    Ok(())
}
