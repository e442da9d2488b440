//! Whatever ends `stayput prove`, nothing of it stays: no swap, no control group,
//! no file, no process.

#[path = "support/run.rs"]
mod run;

use run::{alone, is_root, prove};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Generous: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// A run of `prove` in a directory of its own, at work.
struct Run {
    child: Child,
    dir: TempDir,
    /// All processes below it, once [`Run::reach`] has seen them.
    below: BTreeSet<u32>,
}

impl Run {
    fn start(channel: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut command = prove();
        command.args(["--only", channel, "--dir"]).arg(dir.path());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self {
            child: child.expect("stayput runs"),
            dir,
            below: BTreeSet::new(),
        }
    }

    /// Waits until the run is as far as `far` says.
    fn reach(&mut self, what: &str, far: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !far(self) {
            let ended = self.child.try_wait().expect("our child");
            assert_eq!(ended, None, "it ended before {what}");
            assert!(start.elapsed() < PATIENCE, "{what}");
            sleep(Duration::from_millis(2));
        }
        self.below = below(self.child.id());
        assert!(!self.below.is_empty(), "a janitor at least");
    }

    fn end_by(mut self, signal: libc::c_int) -> (ExitStatus, Leftovers) {
        send(self.child.id(), signal);
        let status = self.child.wait().expect("our child");
        (
            status,
            Leftovers {
                dir: self.dir,
                below: self.below,
            },
        )
    }
}

/// What could be left of a run that has ended.
struct Leftovers {
    dir: TempDir,
    below: BTreeSet<u32>,
}

impl Leftovers {
    fn list(&self) -> Vec<String> {
        let mut left = Vec::new();
        let files = fs::read_dir(self.dir.path()).expect("ours").flatten();
        left.extend(files.map(|file| file.path().display().to_string()));
        let swaps = fs::read_to_string("/proc/swaps").expect("Linux");
        left.extend(
            swaps
                .lines()
                .filter(|line| line.contains(self.name()))
                .map(Into::into),
        );
        for id in &self.below {
            // A zombie has ended; its parent may be slow to notice.
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            if !stat.is_empty() && !stat.contains(") Z ") {
                left.push(format!("process {stat}"));
            }
        }
        left
    }

    fn name(&self) -> &str {
        self.dir.path().to_str().expect("UTF-8")
    }

    /// At once where the program could see to it itself, in a moment where not.
    fn assert_none(&self, patience: Duration) {
        let start = Instant::now();
        while !self.list().is_empty() && start.elapsed() < patience {
            sleep(Duration::from_millis(20));
        }
        assert_eq!(self.list(), Vec::<String>::new(), "left behind");
    }
}

/// The groups that runs make, of which none may be there between runs.
fn groups() -> Vec<String> {
    let mounts = fs::read_to_string("/proc/self/mounts").expect("Linux");
    let mounts = mounts.lines().filter(|line| line.starts_with("cgroup"));
    let mounts = mounts.filter_map(|line| line.split(' ').nth(1));
    let inside = mounts
        .filter_map(|mount| fs::read_dir(mount).ok())
        .flatten()
        .flatten();
    let paths = inside.map(|entry| entry.path().display().to_string());
    paths
        .filter(|path| path.contains("stayput-prove-"))
        .collect()
}

fn below(parent: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    let ids: Vec<u32> = entries
        .filter_map(|it| it.file_name().to_str()?.parse().ok())
        .collect();
    for id in ids {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default();
        if fields.split_whitespace().nth(1) == Some(&parent.to_string()) {
            found.insert(id);
            found.extend(below(id));
        }
    }
    found
}

fn has_swap_in(dir: &Path) -> bool {
    let swaps = fs::read_to_string("/proc/swaps").expect("Linux");
    swaps.contains(dir.to_str().expect("UTF-8"))
}

fn command_line(id: u32) -> String {
    fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default()
}

fn send(id: u32, signal: libc::c_int) {
    let id = libc::pid_t::try_from(id).expect("a process number");
    // SAFETY: the process is below this one and not reaped yet.
    assert_eq!(unsafe { libc::kill(id, signal) }, 0);
}

#[test]
fn signals_while_swap_is_on() {
    let _alone = alone();
    if !is_root("signals_while_swap_is_on") {
        return;
    }
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGKILL] {
        let mut run = Run::start("swap");
        run.reach("swap is on", |run| has_swap_in(run.dir.path()));
        assert!(groups().len() <= 1, "no other run's");
        let (status, left) = run.end_by(signal);
        assert_eq!(status.signal(), Some(signal), "it ends as the signal says");
        let handled = signal != libc::SIGKILL;
        left.assert_none(if handled {
            Duration::from_secs(1)
        } else {
            PATIENCE
        });
        assert!(!handled || groups().is_empty(), "{:?}", groups());
        wait_for_no_groups();
    }
}

fn wait_for_no_groups() {
    let start = Instant::now();
    while !groups().is_empty() && start.elapsed() < PATIENCE {
        sleep(Duration::from_millis(20));
    }
    assert_eq!(groups(), Vec::<String>::new());
}

#[test]
fn the_janitor_itself_is_ended() {
    let _alone = alone();
    if !is_root("the_janitor_itself_is_ended") {
        return;
    }
    let mut run = Run::start("swap");
    run.reach("swap is on", |run| has_swap_in(run.dir.path()));
    let mut janitors = run
        .below
        .iter()
        .filter(|&&id| command_line(id).contains("janitor"));
    send(*janitors.next().expect("a janitor"), libc::SIGKILL);
    let status = run.child.wait().expect("our child");
    assert!(matches!(status.code(), Some(0 | 2)), "{status}");
    let left = Leftovers {
        dir: run.dir,
        below: run.below,
    };
    left.assert_none(Duration::from_secs(1));
    wait_for_no_groups();
}

#[test]
fn signals_while_a_debugger_writes_files() {
    if Command::new("gdb").arg("--version").output().is_err() {
        eprintln!("SKIPPED signals_while_a_debugger_writes_files: no gdb");
        return;
    }
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGKILL] {
        let mut run = Run::start("gcore");
        run.reach("gdb runs", |run| {
            below(run.child.id())
                .into_iter()
                .any(|id| command_line(id).contains("attach"))
        });
        let (status, left) = run.end_by(signal);
        assert_eq!(status.signal(), Some(signal), "it ends as the signal says");
        left.assert_none(PATIENCE);
    }
}

#[test]
fn signals_at_any_moment() {
    let _alone = alone();
    let channels = "swap,core,proc-mem,ptrace,fork";
    for (number, delay) in [0, 5, 20, 60, 120, 250].into_iter().enumerate() {
        let signals = [libc::SIGTERM, libc::SIGKILL, libc::SIGINT];
        let mut run = Run::start(channels);
        sleep(Duration::from_millis(delay));
        run.below = below(run.child.id());
        let (_, left) = run.end_by(signals[number % signals.len()]);
        left.assert_none(PATIENCE);
        wait_for_no_groups();
    }
}

#[test]
fn an_undisturbed_run() {
    let _alone = alone();
    let mut run = Run::start("swap,core,fork,residue");
    let status = run.child.wait().expect("our child");
    assert_eq!(status.code(), Some(0));
    let left = Leftovers {
        dir: run.dir,
        below: run.below,
    };
    left.assert_none(Duration::ZERO);
    assert_eq!(groups(), Vec::<String>::new());
}
