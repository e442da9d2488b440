//! What tracepoints tell of the kernel's own locks.

use super::Probe;
use super::scene::{CURRENT, Outcome, Scene, Stop, page_size, skip};
use crate::sweeper::Sweeper;
use stayput_sys::raw;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub(super) const PROBES: &[(&str, Probe)] = &[
    ("mlock.lock.mmap-lock-write", lock_for_writing),
    ("mlock.lock.mmap-lock-read", lock_for_reading),
];

fn lock_for_writing(s: &mut Scene) -> Outcome {
    s.privileged()?;
    let trace = Trace::new()?;
    let p = s.map(2)?;
    let calls: [&dyn Fn() -> io::Result<()>; 4] = [
        &|| s.lock(p, 2 * page_size()),
        &|| raw::munlock(p, page_size()),
        &|| raw::mlockall(CURRENT),
        &|| raw::munlockall(),
    ];
    let mut all = true;
    for call in calls {
        all &= trace.around(call)?.contains(&Taken::Write);
    }
    s.holds(all);
    Ok(())
}

/// The control, a call that has nothing to bring in, must not show it.
fn lock_for_reading(s: &mut Scene) -> Outcome {
    let trace = Trace::new()?;
    let p = s.map(64)?;
    let control = trace.around(&|| s.lock(p, 0))?;
    let taken = trace.around(&|| s.lock(p, 64 * page_size()))?;
    let follows = taken
        .windows(2)
        .any(|pair| pair == [Taken::Write, Taken::Read]);
    s.holds(follows && !control.contains(&Taken::Read));
    Ok(())
}

/// How `mmap_lock` was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    Read,
    Write,
}

/// A trace buffer of our own, removed on drop, or when this process is killed.
struct Trace {
    path: PathBuf,
    _sweeper: Sweeper,
}

const ACQUIRED: &str = "mmap_lock/mmap_lock_acquire_returned";
const CALLS: [&str; 5] = ["mlock", "mlock2", "munlock", "mlockall", "munlockall"];

impl Trace {
    fn new() -> Result<Self, Stop> {
        let instances = Path::new("/sys/kernel/tracing/instances");
        let path = instances.join(format!("stayput-probe-{}", std::process::id()));
        if !instances.is_dir() {
            return Err(skip("needs tracefs / a VM"));
        }
        let trace = Self {
            _sweeper: Sweeper::hire(&path)?,
            path,
        };
        if fs::create_dir(&trace.path).is_err() {
            return Err(skip("needs tracefs / a VM"));
        }
        trace.set("tracing_on", "0")?;
        trace.set("set_event_pid", &std::process::id().to_string())?;
        trace.watch(ACQUIRED)?;
        for call in CALLS {
            trace.watch(&format!("syscalls/sys_enter_{call}"))?;
            trace.watch(&format!("syscalls/sys_exit_{call}"))?;
        }
        Ok(trace)
    }

    fn watch(&self, event: &str) -> Outcome {
        let switch = format!("events/{event}/enable");
        if !self.path.join(&switch).exists() {
            return Err(skip(&format!("this kernel has no tracepoint {event}")));
        }
        Ok(self.set(&switch, "1")?)
    }

    fn set(&self, file: &str, text: &str) -> io::Result<()> {
        fs::write(self.path.join(file), text)
    }

    /// How the lock was taken during a call, in order.
    fn around(&self, call: &dyn Fn() -> io::Result<()>) -> io::Result<Vec<Taken>> {
        self.set("trace", "")?;
        self.set("tracing_on", "1")?;
        let made = call();
        self.set("tracing_on", "0")?;
        made?;
        let text = fs::read_to_string(self.path.join("trace"))?;
        Ok(taken_in_calls(&text))
    }
}

/// Only between entry and exit of a call: a page fault of the program takes the lock as well.
fn taken_in_calls(trace: &str) -> Vec<Taken> {
    let mut taken = Vec::new();
    let mut inside = false;
    for line in trace.lines() {
        if line.contains(": sys_m") {
            inside = !line.contains(" -> ");
        } else if inside && line.contains("success=true") {
            taken.push(match line.contains("write=true") {
                true => Taken::Write,
                false => Taken::Read,
            });
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_fault_takes_is_not_the_calls() {
        let trace = "# tracer: nop\n\
            probe-7 [000] ..... 1.1: mmap_lock_acquire_returned: mm=1 write=false success=true\n\
            probe-7 [000] ..... 1.2: sys_mlock(start: 10000, len: 2000)\n\
            probe-7 [000] ..... 1.3: mmap_lock_acquire_returned: mm=1 write=true success=true\n\
            probe-7 [000] ..... 1.4: mmap_lock_acquire_returned: mm=1 write=false success=false\n\
            probe-7 [000] ..... 1.5: mmap_lock_acquire_returned: mm=1 write=false success=true\n\
            probe-7 [000] ..... 1.6: sys_mlock -> 0x0\n\
            probe-7 [000] ..... 1.7: mmap_lock_acquire_returned: mm=1 write=false success=true\n";
        assert_eq!(taken_in_calls(trace), [Taken::Write, Taken::Read]);
    }
}
