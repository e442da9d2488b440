//! Runs one cell and judges it.
//!
//! Whatever the daemon's fate, the monitor must go on: it is locked itself, in
//! real time, and every file that it looks at is open, and was read once, before
//! the load begins.

mod eyes;
mod load;
mod served;
mod stack;

use crate::cell::{Cell, Outcome};
use anyhow::{Context, Result};
use eyes::Eyes;
use load::Load;
use nix::sys::reboot::{RebootMode, reboot};
use serde_json::{Value, json};
use served::Served;
use stack::Cause;
use stayput::process::{Effect, SwapDaemon};
use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How often the monitor looks.
const INTERVAL: Duration = Duration::from_millis(500);

/// So many looks without progress, and with a stack that explains it, are a hang.
const STILL: u32 = 12;

/// So many without an explanation are the end of a run, too.
const STUCK: u32 = 120;

/// Runs `cell`, prints its result, and says whether it was the expected one.
///
/// A guest whose swap hangs can do nothing more, not even power off: then this
/// ends it, after the line that tells the verdict.
///
/// # Errors
/// What kept the run from being one: no device, no swap.
pub fn run(cell: Cell) -> Result<bool> {
    let served = Served::start(cell)?;
    let mut load = Load::prepare(cell)?;
    let monitor = SwapDaemon::builder().heap(2 << 20).enter()?;
    for part in monitor.parts() {
        if let Effect::Refused { .. } = part.effect {
            eprintln!("watch: {part}");
        }
    }
    let mut eyes = Eyes::open(&served, &load)?;

    let began = Instant::now();
    load.begin()?;
    let end = watch(&mut eyes, &mut load)?;
    let seconds = began.elapsed().as_secs_f64();

    let expected = end.outcome == cell.expected();
    println!("RESULT {}", result(cell, &end, seconds)?);
    end.show();
    if end.outcome != Outcome::Survives {
        println!("GUEST ENDED {}", i32::from(!expected));
        sleep(INTERVAL); // for the console
        reboot(RebootMode::RB_AUTOBOOT)?;
    }
    monitor.leave()?;
    served.end()?;
    Ok(expected)
}

/// How it ended, and what was seen then.
struct End {
    outcome: Outcome,
    why: String,
    seen: eyes::Seen,
}

impl End {
    fn show(&self) {
        println!("{:?}: {}", self.outcome, self.why);
        for thread in &self.seen.threads {
            println!("thread {} ({}) of the daemon:", thread.id, thread.state);
            for function in &thread.stack {
                println!("  {function}");
            }
        }
    }
}

fn watch(eyes: &mut Eyes, load: &mut Load) -> Result<End> {
    let mut before = None;
    let mut still = 0;
    loop {
        sleep(INTERVAL);
        let seen = eyes.look();
        if let Some((outcome, why)) = load.ended()? {
            return Ok(End { outcome, why, seen });
        }
        if seen.daemon_is_gone() {
            let why = "the daemon ended".to_owned();
            return Ok(End {
                outcome: Outcome::Fails,
                why,
                seen,
            });
        }
        still = if before == Some(seen.progress) {
            still + 1
        } else {
            0
        };
        before = Some(seen.progress);
        let cause = seen.cause();
        if let (Some(cause), STILL..) = (cause, still) {
            return Ok(End {
                outcome: Outcome::Hangs,
                why: cause.to_string(),
                seen,
            });
        }
        if still >= STUCK {
            let why = "no progress, and no stack that explains it".to_owned();
            return Ok(End {
                outcome: Outcome::Stuck,
                why,
                seen,
            });
        }
    }
}

/// The line that is collected.
fn result(cell: Cell, end: &End, seconds: f64) -> Result<Value> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").context("no osrelease")?;
    let expected = cell.expected();
    let role = if expected == Outcome::Hangs {
        "control"
    } else {
        "subject"
    };
    let blamed = end.seen.blamed();
    Ok(json!({
        "experiment": "swap-deadlock",
        "role": role,
        "subject": cell.to_string(),
        "kernel": kernel.trim(),
        "expected": expected,
        "observed": end.outcome,
        "command": format!("CELLS={cell} vm/run.sh swap-deadlock"),
        "figures": {
            "transport": cell.transport,
            "locking": cell.locking,
            "load": cell.load,
            "requests": end.seen.progress.requests,
            "in_flight": end.seen.progress.in_flight,
            "seconds": (seconds * 10.0).round() / 10.0,
            "locked_kib": end.seen.locked_kib,
            "swapped_kib": end.seen.swapped_kib,
            "cause": end.seen.cause().filter(|_| end.outcome == Outcome::Hangs).map(Cause::word),
            "stack": blamed.map(|thread| thread.stack.as_slice()),
        },
    }))
}
