//! `stayput prove` as its users run it.

use assert_cmd::cargo::cargo_bin;
use predicates::prelude::*;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Swap, control groups and files are the whole machine's: one run at a time.
fn alone() -> File {
    let lock = File::create(std::env::temp_dir().join("stayput-prove-tests.lock")).expect("a file");
    // SAFETY: the descriptor is live; the lock goes with it.
    assert_eq!(unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_EX) }, 0);
    lock
}

fn is_root(test: &str) -> bool {
    // SAFETY: geteuid has no preconditions.
    let root = unsafe { libc::geteuid() } == 0;
    if !root {
        eprintln!("SKIPPED {test}: needs root");
    }
    root
}

fn stayput() -> assert_cmd::Command {
    assert_cmd::Command::new(cargo_bin("stayput"))
}

/// What a run makes and must not leave: swap, groups, directories, processes.
fn litter() -> Vec<String> {
    let mut litter = Vec::new();
    let swaps = fs::read_to_string("/proc/swaps").expect("Linux");
    litter.extend(
        swaps
            .lines()
            .filter(|line| line.contains("stayput-prove-"))
            .map(Into::into),
    );
    for dir in ["/var/tmp", "/sys/fs/cgroup", "/sys/fs/cgroup/memory"] {
        let Ok(entries) = fs::read_dir(dir) else {
            continue;
        };
        let names = entries
            .flatten()
            .map(|entry| entry.path().display().to_string());
        litter.extend(names.filter(|name| name.contains("/stayput-prove-")));
    }
    for entry in fs::read_dir("/proc").expect("Linux").flatten() {
        let mut command = Vec::new();
        let read =
            File::open(entry.path().join("cmdline")).map(|mut file| file.read_to_end(&mut command));
        if read.is_ok() && String::from_utf8_lossy(&command).contains("__stayput-prove-helper") {
            litter.push(format!("process {}", entry.path().display()));
        }
    }
    litter
}

fn assert_clean() {
    let start = Instant::now();
    while !litter().is_empty() && start.elapsed() < Duration::from_secs(10) {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(litter(), Vec::<String>::new(), "left behind");
}

#[test]
fn as_root_every_channel_runs_and_every_claim_holds() {
    if !is_root("as_root_every_channel_runs_and_every_claim_holds") {
        return;
    }
    let _alone = alone();
    let output = stayput()
        .args(["prove", "--format", "json"])
        .output()
        .expect("runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["schema"], 1);
    let cells = report["cells"].as_array().expect("cells");
    assert_eq!(
        cells.len(),
        7 * 9 + 4,
        "seven whole rows, and the swap and core controls"
    );
    for cell in cells {
        let gcore = cell["channel"]
            .as_str()
            .is_some_and(|channel| channel.starts_with("gcore"));
        assert!(gcore || cell["verdict"] != "skipped", "{cell}");
        assert!(
            cell["evidence"]
                .as_str()
                .is_some_and(|evidence| !evidence.is_empty())
        );
    }
    assert_clean();
}

#[test]
fn without_root_swap_is_skipped_by_name_and_the_rest_runs() {
    if !is_root("without_root_swap_is_skipped_by_name_and_the_rest_runs") {
        return;
    }
    let _alone = alone();
    let dir = tempfile::tempdir().expect("a directory");
    let copy = open_copy(dir.path()).expect("copied");
    let unprivileged = |limit: &str| {
        let mut command = Command::new("prlimit");
        command.args([
            limit,
            "setpriv",
            "--reuid=65534",
            "--clear-groups",
            "--inh-caps=-all",
        ]);
        command
            .arg("--bounding-set=-all")
            .arg(&copy)
            .arg("prove")
            .current_dir("/");
        assert_cmd::Command::from_std(command)
    };
    unprivileged("--memlock=65536:65536")
        .assert()
        .success()
        .stdout(
            predicate::str::contains("skipped: swap").and(predicate::str::contains("needs root")),
        )
        .stdout(predicate::str::contains("every claim held"));
    unprivileged("--memlock=65536:65536")
        .arg("--require-all")
        .assert()
        .code(1);
    unprivileged("--memlock=0:0").assert().code(1).stdout(
        predicate::str::contains("NOT PROVED").and(predicate::str::contains("RLIMIT_MEMLOCK")),
    );
    assert_clean();
}

/// The build directory may be out of the other user's reach.
fn open_copy(dir: &Path) -> io::Result<std::path::PathBuf> {
    let copy = dir.join("stayput");
    // By `cp`: a file that this process writes is busy while any fork lives.
    let copied = Command::new("cp")
        .args([&cargo_bin("stayput"), &copy])
        .status()?;
    assert!(copied.success());
    for path in [dir, &copy] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    Ok(copy)
}

#[test]
fn interrupted_or_killed_it_leaves_nothing_behind() {
    let _alone = alone();
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGKILL] {
        for delay in [20, 100, 250, 500] {
            let mut run = Command::new(cargo_bin("stayput"))
                .arg("prove")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("runs");
            std::thread::sleep(Duration::from_millis(delay));
            let id = libc::pid_t::try_from(run.id()).expect("a process number");
            // SAFETY: the process is our child and not reaped yet.
            unsafe { libc::kill(id, signal) };
            run.wait().expect("our child");
            assert_clean();
        }
    }
}

#[test]
fn wrong_arguments_are_explained() {
    stayput()
        .args(["prove", "--only", "swop"])
        .assert()
        .code(2)
        .stderr(
            predicate::str::contains("swop").and(predicate::str::contains("expected one of swap")),
        );
    stayput()
        .arg("prof")
        .assert()
        .code(2)
        .stderr(predicate::str::contains("prove"));
    stayput()
        .assert()
        .code(2)
        .stderr(predicate::str::contains("Usage"));
}

#[test]
fn one_channel_alone() {
    let _alone = alone();
    stayput()
        .args(["prove", "--only", "fork", "--verbose"])
        .assert()
        .success()
        .stdout(predicate::str::contains("the child reads: zeros"))
        .stdout(predicate::str::contains("residue").not());
}
