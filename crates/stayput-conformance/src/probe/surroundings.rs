//! Locks seen from further off: other threads, the stack, signals, a
//! cgroup.

use super::Probe;
use super::scene::{Outcome, READ_WRITE, Scene, Stop, page_size, skip};
use crate::sweeper::Sweeper;
use stayput_sys::raw;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("mlock.effect.whole-process", whole_process),
    ("mlock.effect.stack-keeps-bounds", stack_keeps_bounds),
    ("mlock.effect.cgroup-kill", cgroup_kill),
    ("mlock.signal.nonfatal-does-not-interrupt", nonfatal_signal),
    ("mlock.signal.no-sigbus", no_sigbus),
];

fn whole_process(s: &mut Scene) -> Outcome {
    let p = s.map(1)?;
    let locked = std::thread::scope(|scope| scope.spawn(|| raw::mlock(p, page_size())).join());
    s.note(locked.unwrap_or_else(|_| Err(io::Error::other("the thread panicked"))));
    s.run(p, 1)?;
    s.charged()
}

fn stack_keeps_bounds(s: &mut Scene) -> Outcome {
    let (_, first) = s.named("[stack]")?;
    s.may_lock(2 * first / page_size())?; // it may grow meanwhile
    let mut last = first;
    for _ in 0..10 {
        let (start, len) = s.named("[stack]")?;
        s.lock(start, len)?;
        raw::munlock(start, len)?;
        (_, last) = s.named("[stack]")?;
    }
    s.holds(last >= first);
    Ok(())
}

fn nonfatal_signal(s: &mut Scene) -> Outcome {
    s.may_lock(1024)?;
    let p = s.map(1024)?;
    raw::start_timer(Duration::from_millis(1))?;
    let mut worked = true;
    while raw::timer_ticks() < 3 && worked {
        worked =
            s.lock(p, 1024 * page_size()).is_ok() && raw::munlock(p, 1024 * page_size()).is_ok();
        // Populated anew each time, so that the signal finds the call at work.
        s.ground.madvise(p, 1024 * page_size(), 4)?;
    }
    raw::start_timer(Duration::ZERO)?;
    s.holds(worked);
    Ok(())
}

/// Nobody handles SIGBUS here: one that was sent would end the child.
fn no_sigbus(s: &mut Scene) -> Outcome {
    let file = raw::memfd(page_size())?;
    let p = s.map_shared(2, READ_WRITE, &file)?;
    let ended = s.in_child(|s| {
        let own = s.map_shared(2, READ_WRITE, &file)?;
        // The result is looked at below; here only the signal counts.
        let _ = s.lock(own, 2 * page_size());
        Ok(())
    })?;
    s.note(s.lock(p, 2 * page_size()));
    s.holds_in(ended);
    Ok(())
}

fn cgroup_kill(s: &mut Scene) -> Outcome {
    const LIMIT: &str = "16777216";
    s.privileged()?;
    let group = Cgroup::new(LIMIT)?;
    let ended = s.in_child(|s| {
        fs::write(group.path.join("cgroup.procs"), "0")?;
        let p = s.map(16 << 10)?;
        s.lock(p, 64 << 20)?;
        Ok(())
    })?;
    s.signalled(ended);
    Ok(())
}

/// A memory cgroup of either version, removed on drop, or when this process is killed.
struct Cgroup {
    path: PathBuf,
    _sweeper: Sweeper,
}

impl Cgroup {
    fn new(limit: &str) -> Result<Self, Stop> {
        let name = format!("stayput-probe-{}", std::process::id());
        let places = [
            (
                "/sys/fs/cgroup/memory",
                "memory.limit_in_bytes",
                "memory.swappiness",
            ),
            ("/sys/fs/cgroup", "memory.max", "memory.swap.max"),
        ];
        for (root, file, swap) in places {
            let path = Path::new(root).join(&name);
            let sweeper = Sweeper::hire(&path)?;
            if fs::create_dir(&path).is_err() {
                continue;
            }
            let group = Self {
                path,
                _sweeper: sweeper,
            };
            let limited = fs::write(group.path.join(file), limit);
            // Without swap there is no such file, and nothing to switch off.
            let _ = fs::write(group.path.join(swap), "0");
            if limited.is_ok() {
                return Ok(group);
            }
        }
        Err(skip("needs a memory cgroup that this user may make"))
    }
}
