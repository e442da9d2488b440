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
const PATIENCE: Duration = Duration::from_secs(60);

/// A run of `prove` in a directory of its own, at work.
struct Run {
    child: Program,
    dir: TempDir,
    /// All processes below it, once [`Run::reach`] has seen them.
    below: BTreeSet<Process>,
}

/// Ended with the test, however far both are: its janitor does the rest.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // One that was waited for has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Run {
    fn start(channel: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut command = prove();
        command.args(["--only", channel, "--dir"]).arg(dir.path());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Self {
            child: Program(child.expect("stayput runs")),
            dir,
            below: BTreeSet::new(),
        }
    }

    /// Waits until the run is as far as `far` says, and stops it there: it must not get
    /// to its end while a busy machine has us look at it.
    fn reach(&mut self, what: &str, far: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        loop {
            if far(self) {
                self.stop(what);
                if far(self) {
                    break;
                }
                send(self.child.0.id(), libc::SIGCONT);
            }
            let ended = self.child.0.try_wait().expect("our child");
            assert_eq!(ended, None, "it ended before {what}");
            assert!(start.elapsed() < PATIENCE, "{what}");
            sleep(Duration::from_millis(2));
        }
        self.below = below(self.child.0.id());
        assert!(!self.below.is_empty(), "a janitor at least");
    }

    /// All its threads.
    fn stop(&self, what: &str) {
        send(self.child.0.id(), libc::SIGSTOP);
        let (id, mut status) = (number(self.child.0.id()), 0);
        // SAFETY: our own child, and a live integer.
        let changed = unsafe { libc::waitpid(id, &mut status, libc::WUNTRACED) };
        assert_eq!(changed, id);
        assert!(libc::WIFSTOPPED(status), "it ended before {what}");
    }

    /// Has one that was stopped go on, to its end.
    fn end(mut self) -> (ExitStatus, Leftovers) {
        send(self.child.0.id(), libc::SIGCONT);
        let status = self.child.0.wait().expect("our child");
        let left = Leftovers {
            dir: self.dir,
            below: self.below,
        };
        (status, left)
    }

    fn end_by(self, signal: libc::c_int) -> (ExitStatus, Leftovers) {
        send(self.child.0.id(), signal);
        self.end()
    }
}

/// What could be left of a run that has ended.
struct Leftovers {
    dir: TempDir,
    below: BTreeSet<Process>,
}

impl Leftovers {
    fn list(&self) -> Vec<String> {
        let mut left = self.things();
        let alive = self.below.iter().filter(|process| process.is_alive());
        left.extend(alive.map(|process| format!("{process:?}: {}", process.command_line())));
        left
    }

    /// Files and swap areas.
    fn things(&self) -> Vec<String> {
        let files = fs::read_dir(self.dir.path()).expect("ours").flatten();
        let files = files.map(|file| file.path().display().to_string());
        let swaps = fs::read_to_string("/proc/swaps").expect("Linux");
        let swaps = swaps.lines().filter(|line| line.contains(self.name()));
        files.chain(swaps.map(Into::into)).collect()
    }

    fn name(&self) -> &str {
        self.dir.path().to_str().expect("UTF-8")
    }

    /// Where the program could see to it itself: no thing from its end on. The kernel
    /// ends its processes, which takes a moment.
    fn assert_nothing_but_processes(&self) {
        assert_eq!(self.things(), Vec::<String>::new(), "left behind");
    }

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

/// A process, not to be taken for a later one of the same number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Process {
    id: u32,
    started: String,
}

impl Process {
    /// The process of that number, the number of its parent, and whether it lives: a
    /// zombie has ended, its parent may be slow to notice.
    fn look(id: u32) -> Option<(Self, u32, bool)> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // proc(5): the state, the parent, ..., the time it was started.
        let mut fields = stat.rsplit(')').next()?.split_whitespace();
        let alive = !matches!(fields.next()?, "Z" | "X");
        let parent = fields.next()?.parse().ok()?;
        let started = fields.nth(17)?.to_owned();
        Some((Self { id, started }, parent, alive))
    }

    fn is_alive(&self) -> bool {
        Self::look(self.id).is_some_and(|(now, _, alive)| now == *self && alive)
    }

    fn command_line(&self) -> String {
        fs::read_to_string(format!("/proc/{}/cmdline", self.id)).unwrap_or_default()
    }
}

fn below(parent: u32) -> BTreeSet<Process> {
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    let ids = entries.filter_map(|it| it.file_name().to_str()?.parse().ok());
    let all: Vec<_> = ids.filter_map(Process::look).collect();
    let (mut found, mut parents) = (BTreeSet::new(), vec![parent]);
    while let Some(of) = parents.pop() {
        for (child, ..) in all.iter().filter(|(_, parent, _)| *parent == of) {
            parents.push(child.id);
            found.insert(child.clone());
        }
    }
    found
}

fn has_swap_in(dir: &Path) -> bool {
    let swaps = fs::read_to_string("/proc/swaps").expect("Linux");
    swaps.contains(dir.to_str().expect("UTF-8"))
}

fn number(id: u32) -> libc::pid_t {
    libc::pid_t::try_from(id).expect("a process number")
}

fn send(id: u32, signal: libc::c_int) {
    // SAFETY: the process is below this one and not reaped yet.
    let sent = unsafe { libc::kill(number(id), signal) };
    // One that was killed while it was stopped may have been reaped.
    assert!(sent == 0 || signal == libc::SIGCONT);
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
        if signal != libc::SIGKILL {
            left.assert_nothing_but_processes();
            assert_eq!(groups(), Vec::<String>::new());
        }
        left.assert_none(PATIENCE);
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
    let mut processes = run.below.iter();
    let janitor = processes.find(|it| it.command_line().contains("janitor"));
    send(janitor.expect("a janitor").id, libc::SIGKILL);
    let (status, left) = run.end();
    assert!(matches!(status.code(), Some(0 | 2)), "{status}");
    left.assert_nothing_but_processes();
    left.assert_none(PATIENCE);
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
            let below = below(run.child.0.id());
            below.iter().any(|it| it.command_line().contains("attach"))
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
        run.below = below(run.child.0.id());
        let (_, left) = run.end_by(signals[number % signals.len()]);
        left.assert_none(PATIENCE);
        wait_for_no_groups();
    }
}

#[test]
fn an_undisturbed_run() {
    let _alone = alone();
    let mut run = Run::start("swap,core,fork,residue");
    let status = run.child.0.wait().expect("our child");
    assert_eq!(status.code(), Some(0));
    let left = Leftovers {
        dir: run.dir,
        below: run.below,
    };
    left.assert_none(Duration::ZERO);
    assert_eq!(groups(), Vec::<String>::new());
}
