//! Runs one cell and judges it.
//!
//! Whatever the daemon's fate, the monitor must go on: it is locked itself, in
//! real time, and every file that it looks at is open, and was read once, before
//! the load begins.

mod eyes;
mod load;
mod served;
mod stack;

use crate::cell::{self, Cell, Outcome};
use crate::store::TABLE_BYTES;
use anyhow::{Context, Result, ensure};
use eyes::{Eyes, Seen, Thread};
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

/// So many looks without progress are a hang, if a thread sleeps in the kernel
/// and its stack explains it.
const ASLEEP: u32 = 12;

/// So many, if it turns in circles there.
const BUSY: u32 = 60;

/// So many without an explanation are the end of a run, too.
const STUCK: u32 = 120;

const TABLE_KIB: u64 = TABLE_BYTES as u64 / 1024;

/// Runs `cell`, prints its result, and says whether it was the expected one.
///
/// A guest whose swap hangs can do nothing more, not even power off: then this
/// ends it, after the line that tells the verdict.
///
/// # Errors
/// What kept the run from being one: no device, no swap.
pub fn run(cell: Cell) -> Result<bool> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").context("no osrelease")?;
    let served = Served::start(cell)?;
    let mut load = Load::prepare(cell)?;
    let monitor = SwapDaemon::builder().heap(2 << 20).enter()?;
    for part in monitor.parts() {
        if let Effect::Refused { .. } = part.effect {
            eprintln!("watch: {part}");
        }
    }
    let mut eyes = Eyes::open(&served, &load)?;
    let locked = eyes.look().locked_kib >= TABLE_KIB;
    ensure!(
        locked == cell.locking.holds(),
        "{cell}: the kernel has the table {}",
        if locked { "locked" } else { "not locked" }
    );

    let began = Instant::now();
    load.begin()?;
    let mut end = watch(&mut eyes, &mut load)?;
    let seconds = began.elapsed().as_secs_f64();

    if !end.is_due_to(cell) {
        end.outcome = Outcome::HangsOtherwise;
    }
    let expected = cell.allows(end.outcome);
    println!("RESULT {}", result(cell, kernel.trim(), &end, seconds));
    if end.outcome != Outcome::Survives {
        end.show();
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
    seen: Seen,
}

impl End {
    /// Whether a hang's cause is the one that the cell is about: memory that was
    /// not locked, or memory that is the kernel's.
    fn is_due_to(&self, cell: Cell) -> bool {
        let Some((_, cause)) = self.blamed() else {
            return true;
        };
        match cell.load {
            _ if cell.locking.holds() => cause == Cause::KernelAllocation,
            cell::Load::Reclaim => cause == Cause::OwnPage, // otherwise there is memory enough
            cell::Load::Global => true,
        }
    }

    /// The thread that hangs, and why.
    fn blamed(&self) -> Option<(&Thread, Cause)> {
        let hangs = matches!(self.outcome, Outcome::Hangs | Outcome::HangsOtherwise);
        self.seen.blamed().filter(|_| hangs)
    }

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
        let stands = before == Some(seen.progress);
        still = if stands { still + 1 } else { 0 };
        before = Some(seen.progress);
        let ended = load.ended()?.or_else(|| judge(&seen, still));
        if let Some((outcome, why)) = ended {
            return Ok(End { outcome, why, seen });
        }
    }
}

/// Whether a run that goes on is at its end all the same, after so many looks
/// without progress.
fn judge(seen: &Seen, still: u32) -> Option<(Outcome, String)> {
    if seen.daemon_is_gone() {
        return Some((Outcome::Fails, "the daemon ended".to_owned()));
    }
    if let Some((thread, cause)) = seen.blamed() {
        let enough = if thread.state == 'D' { ASLEEP } else { BUSY };
        return (still >= enough).then(|| (Outcome::Hangs, cause.to_string()));
    }
    let why = "no progress, and no stack that explains it";
    (still >= STUCK).then(|| (Outcome::Stuck, why.to_owned()))
}

/// The line that is collected.
fn result(cell: Cell, kernel: &str, end: &End, seconds: f64) -> Value {
    let expected = cell.expected();
    let role = if expected == Some(Outcome::Hangs) {
        "control"
    } else {
        "subject"
    };
    let (thread, cause) = end.blamed().unzip();
    json!({
        "experiment": "swap-deadlock",
        "role": role,
        "subject": cell.to_string(),
        "kernel": kernel,
        "expected": expected.map_or(json!("anything"), |outcome| json!(outcome)),
        "observed": end.outcome,
        "command": format!("CELLS={cell} vm/run swap-deadlock"),
        "figures": {
            "transport": cell.transport,
            "locking": cell.locking,
            "load": cell.load,
            "requests": end.seen.progress.requests,
            "in_flight": end.seen.progress.in_flight,
            "seconds": (seconds * 10.0).round() / 10.0,
            "locked_kib": end.seen.locked_kib,
            "swapped_kib": end.seen.swapped_kib,
            "cause": cause,
            "stack": thread.map(|thread| thread.stack.as_slice()),
        },
    })
}
