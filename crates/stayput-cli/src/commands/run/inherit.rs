//! What the program inherits: limits and a capability.

use super::Args;
use crate::{size, style};
use anyhow::{Context, Result};
use stayput_sys::launch::pass_on_ipc_lock;
use stayput_sys::limits::{Limit, Resource, UNLIMITED, getrlimit, setrlimit};
use std::fs;
use std::io::ErrorKind;

/// A size or `unlimited`.
pub(super) fn limit(text: &str) -> Result<u64, String> {
    match text {
        "unlimited" => Ok(UNLIMITED),
        text => size::parse(text).map_err(|why| why + ", or unlimited"),
    }
}

/// Sets this process's own limits, which the program inherits.
pub(super) fn prepare(args: &Args) -> Result<()> {
    memlock(args.limit)?;
    if args.no_core {
        let none = Limit { soft: 0, hard: 0 };
        setrlimit(Resource::Core, none).context("setting RLIMIT_CORE to 0")?;
        if !args.no_dump && cores_ignore_the_limit() {
            style::say(format_args!(
                "warning: /proc/sys/kernel/core_pattern names a program or a socket, which gets \
                 cores whatever RLIMIT_CORE says: --no-dump prevents that"
            ));
        }
    }
    match pass_on_ipc_lock() {
        // Who does not hold it can't pass it on: the limit applies.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            if args.verbose {
                let limit = getrlimit(Resource::Memlock).context("reading RLIMIT_MEMLOCK")?;
                let limit = in_words(limit.soft);
                style::say(format_args!(
                    "no CAP_IPC_LOCK to pass on: RLIMIT_MEMLOCK of {limit} applies"
                ));
            }
            Ok(())
        }
        other => other.context("passing CAP_IPC_LOCK on"),
    }
}

fn memlock(wanted: Option<u64>) -> Result<()> {
    let Limit { soft, hard } = getrlimit(Resource::Memlock).context("reading RLIMIT_MEMLOCK")?;
    let new = Limit {
        soft: wanted.unwrap_or(hard),
        hard: hard.max(wanted.unwrap_or(0)),
    };
    if (new == Limit { soft, hard }) {
        return Ok(());
    }
    setrlimit(Resource::Memlock, new).with_context(|| {
        let [wanted, hard] = [new.soft, hard].map(in_words);
        format!(
            "RLIMIT_MEMLOCK of {wanted}: above the hard limit of {hard}, which only \
             CAP_SYS_RESOURCE raises; ask for no more, or raise it where this shell or service \
             was started (`ulimit -Hl`, LimitMEMLOCK=)"
        )
    })
}

/// A limit as people say it.
pub(super) fn in_words(bytes: u64) -> String {
    if bytes == UNLIMITED {
        "unlimited".to_owned()
    } else {
        size::human(bytes)
    }
}

/// A pipe, or (Linux 6.16) a socket.
fn cores_ignore_the_limit() -> bool {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern");
    pattern.is_ok_and(|pattern| pattern.starts_with(['|', '@']))
}
