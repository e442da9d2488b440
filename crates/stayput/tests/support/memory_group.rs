//! A test's body in a memory control group with a limit, of either version.
#![allow(dead_code, reason = "each test file uses what it needs")]

use crate::own_process::{Setup, expect_return, is_body, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

/// As `own_process`, in a group that may hold so many bytes.
pub(crate) fn in_group(name: &str, bytes: u64, body: impl FnOnce()) {
    expect_return(name, run_in_group(name, bytes, body));
}

/// As `run`, in a group that may hold so many bytes. `None` too where there can be none, which
/// is said.
pub(crate) fn run_in_group(name: &str, bytes: u64, body: impl FnOnce()) -> Option<Output> {
    if is_body(name) {
        // SAFETY: getppid has no preconditions.
        let parent = unsafe { libc::getppid() };
        let (groups, _) = controller().expect("found by the parent");
        let procs = path(groups, parent.unsigned_abs(), name).join("cgroup.procs");
        return run(name, Setup::new(), || {
            fs::write(procs, std::process::id().to_string()).expect("the group exists");
            body();
        });
    }
    let _group = Group::new(name, bytes)?;
    run(name, Setup::new(), body)
}

/// Taken away when dropped.
struct Group(PathBuf);

impl Group {
    fn new(name: &str, bytes: u64) -> Option<Self> {
        let skip = |why: &str| eprintln!("SKIPPED {name}: {why}");
        let Some((groups, limit)) = controller() else {
            skip("no memory controller is at /sys/fs/cgroup");
            return None;
        };
        let dir = path(groups, std::process::id(), name);
        if let Err(error) = fs::create_dir(&dir) {
            skip(&format!("no control group can be made: {error}"));
            return None;
        }
        let group = Self(dir);
        fs::write(group.0.join(limit), bytes.to_string()).expect("one's own group");
        Some(group)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        fs::remove_dir(&self.0).expect("empty: its only process has ended");
    }
}

fn path(groups: &Path, test_process: u32, name: &str) -> PathBuf {
    let name = name.replace(':', "-");
    groups.join(format!("stayput-test-{test_process}-{name}"))
}

/// Where groups are made that have a limit, and the file which holds that.
fn controller() -> Option<(&'static Path, &'static str)> {
    let first = Path::new("/sys/fs/cgroup/memory");
    if first.join("memory.limit_in_bytes").exists() {
        return Some((first, "memory.limit_in_bytes"));
    }
    let second = Path::new("/sys/fs/cgroup");
    let passed_on = fs::read_to_string(second.join("cgroup.subtree_control")).ok()?;
    let has_memory = passed_on.split_whitespace().any(|it| it == "memory");
    has_memory.then_some((second, "memory.max"))
}
