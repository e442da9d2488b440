//! The child's side.

use super::{Answer, CALLS, Kind, LOCK, ROLE, Refusal};
use anyhow::{Context, Result, bail};
use stayput::inspect::{Process, locked_bytes};
use stayput::limits::{Cause, raised};
use stayput::page::LockedPages;
use stayput::{Backing, LockError, Policy, Pool};
use stayput_sys::lock::mlockall;
use std::io;
use std::process::ExitCode;

/// Makes a trial, if this process was started for one; call it first in `main`.
#[must_use]
pub fn child() -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    if args.next()? != ROLE {
        return None;
    }
    let args: Option<Vec<_>> = args.map(|arg| arg.into_string().ok()).collect();
    match answer(&args.unwrap_or_default()) {
        Ok(answer) => {
            println!("{answer}");
            Some(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("stayput-doctor: {error:#}");
            Some(ExitCode::FAILURE)
        }
    }
}

fn answer(args: &[String]) -> Result<String> {
    let answer = match args {
        [what, bytes] if what == LOCK => lock(bytes.parse().context("expected a number of bytes")?),
        [what] if what == CALLS => calls(),
        _ => bail!("expected `{LOCK} BYTES` or `{CALLS}`"),
    };
    Ok(serde_json::to_string(&answer)?)
}

fn lock(bytes: usize) -> Answer {
    match LockedPages::new(bytes) {
        Err(error) => Answer {
            lock: Some(error.into()),
            ..Answer::default()
        },
        Ok(pages) => {
            let answer = Answer {
                observed: locked_bytes(Process::Current).ok(),
                raised: raised().map(|raised| (raised.from, raised.to)),
                ..Answer::default()
            };
            drop(pages);
            answer
        }
    }
}

fn calls() -> Answer {
    Answer {
        lock_all: refused_lock_all(),
        secret: refused_secret(),
        ..lock(1)
    }
}

fn refused_secret() -> Option<Refusal> {
    let pool = Pool::builder()
        .policy(Policy::Require)
        .backing(Backing::SecretMem)
        .build();
    pool.block(1).err().map(Refusal::from)
}

/// Without a flag it locks nothing: the kernel's answer is `EINVAL`, a filter's
/// is another.
fn refused_lock_all() -> Option<Refusal> {
    let error = mlockall(0).err()?;
    let kind = match error.kind() {
        io::ErrorKind::InvalidInput => return None,
        io::ErrorKind::Unsupported if error.raw_os_error().is_none() => Kind::Unsupported,
        _ => Kind::Seccomp,
    };
    Some(Refusal {
        kind,
        cause: error.to_string(),
        errno: error.raw_os_error(),
        remedy: None,
    })
}

impl From<LockError> for Refusal {
    fn from(error: LockError) -> Self {
        let kind = match error.cause() {
            Cause::LimitReached { .. }
            | Cause::NoCapability
            | Cause::CapabilityWithoutEffect { .. } => Kind::Limit,
            Cause::Seccomp => Kind::Seccomp,
            Cause::SecretMemory => Kind::SecretMemory,
            Cause::Unsupported => Kind::Unsupported,
            _ => Kind::Other,
        };
        Self {
            kind,
            cause: error.cause().to_string(),
            errno: error.errno(),
            remedy: Some(error.remedy().into()),
        }
    }
}
