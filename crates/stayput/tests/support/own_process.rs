//! Runs a test's body in a process of its own, with limits and privileges set.
//!
//! The test binary runs itself again for the one test, under util-linux's
//! `prlimit` and `setpriv`: what is changed there can't reach other tests.
#![allow(dead_code, reason = "each test file uses what it needs")]

use std::env;
use std::path::Path;
use std::process::{Command, ExitStatus, Output};

/// The surroundings of the body.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Setup {
    memlock: Option<(u64, u64)>,
    identity: Identity,
    small: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Identity {
    #[default]
    Same,
    WithoutIpcLock,
    Nobody,
    UserNamespace,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// `RLIMIT_MEMLOCK`, soft and hard, in bytes.
    pub(crate) fn memlock(self, bytes: u64) -> Self {
        self.memlock_soft_hard(bytes, bytes)
    }

    pub(crate) fn memlock_soft_hard(mut self, soft: u64, hard: u64) -> Self {
        self.memlock = Some((soft, hard));
        self
    }

    /// Little address space, which `mlockall` charges: one heap for all threads
    /// (each reserves 64 MiB otherwise) and small stacks.
    pub(crate) fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// Why the body would meet the limit by the mere size of the program: an
    /// unoptimised standard library is large.
    fn unfit(self) -> Option<String> {
        let (_, hard) = self.memlock.filter(|_| self.small)?;
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let size = status.lines().find_map(|it| it.strip_prefix("VmSize:"))?;
        let size = size
            .trim()
            .strip_suffix(" kB")?
            .trim()
            .parse::<u64>()
            .ok()?
            * 1024;
        (size > hard).then(|| format!("the program itself maps {size} bytes of {hard}"))
    }

    /// Root, but the limit counts.
    pub(crate) fn without_ipc_lock(mut self) -> Self {
        self.identity = Identity::WithoutIpcLock;
        self
    }

    /// Root of a user namespace: with every capability, and none that counts.
    pub(crate) fn user_namespace(mut self) -> Self {
        self.identity = Identity::UserNamespace;
        self
    }

    /// User 65534 without any capability.
    pub(crate) fn nobody(mut self) -> Self {
        self.identity = Identity::Nobody;
        self
    }
}

const BODY: &str = "STAYPUT_TEST_BODY";
/// Said before a body runs: the harness is content with a name that no test has.
const STARTED: &str = "body started: ";

/// Runs `body` in a process of its own and expects it to return. `name` is the
/// test's path as the harness prints it.
pub(crate) fn own_process(name: &str, setup: Setup, body: impl FnOnce()) {
    expect_return(name, run(name, setup, body));
}

/// Fails the test if its body did not return.
pub(crate) fn expect_return(name: &str, output: Option<Output>) {
    let Some(output) = output else { return };
    assert!(
        output.status.success(),
        "{name} failed in its own process ({}):\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    // What a body prints about itself (a skip) is the test's to show.
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        if line.starts_with("SKIPPED") {
            eprintln!("{line}");
        }
    }
}

/// Runs `body` in a process of its own; in the parent, how that ended.
pub(crate) fn run(name: &str, setup: Setup, body: impl FnOnce()) -> Option<Output> {
    if is_body(name) {
        println!("{STARTED}{name}");
        if let Some(why) = setup.unfit() {
            eprintln!("SKIPPED {name}: {why}");
        } else {
            body();
        }
        return None;
    }
    if cfg!(windows) && (setup.memlock.is_some() || setup.identity != Identity::Same) {
        eprintln!("SKIPPED {name}: limits and privileges are set by Linux programs");
        return None;
    }
    let exe = env::current_exe().expect("the test binary");
    let scratch = tempfile::tempdir().expect("a directory");
    let exe = if setup.identity == Identity::Nobody {
        // The build directory may be out of that user's reach. By `cp`: a file
        // that this process writes is busy while any of its forks lives.
        let copy = scratch.path().join("test");
        let copied = Command::new("cp").args([&exe, &copy]).status();
        assert!(copied.expect("coreutils").success());
        open_to_all(scratch.path());
        open_to_all(&copy);
        copy
    } else {
        exe
    };
    let mut words: Vec<String> = Vec::new();
    if let Some((soft, hard)) = setup.memlock {
        words.extend(["prlimit".into(), format!("--memlock={soft}:{hard}")]);
    }
    match setup.identity {
        Identity::Same => {}
        Identity::WithoutIpcLock => {
            words.extend(
                [
                    "setpriv",
                    "--bounding-set=-ipc_lock",
                    "--inh-caps=-ipc_lock",
                ]
                .map(Into::into),
            );
        }
        Identity::UserNamespace => words.extend(["unshare", "-U", "-r"].map(Into::into)),
        Identity::Nobody => words.extend(
            [
                "setpriv",
                "--reuid=65534",
                "--clear-groups",
                "--inh-caps=-all",
                "--bounding-set=-all",
            ]
            .map(Into::into),
        ),
    }
    words.extend(runner());
    words.push(exe.display().to_string());
    words.extend([name, "--exact", "--nocapture", "--test-threads=1"].map(Into::into));
    let mut command = Command::new(&words[0]);
    if setup.small {
        command.env("MALLOC_ARENA_MAX", "1");
        command.env("RUST_MIN_STACK", "524288");
    }
    let output = command
        .args(&words[1..])
        .env(BODY, name)
        .current_dir(scratch.path())
        .output()
        .expect("util-linux has prlimit and setpriv");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        printed.contains(&format!("{STARTED}{name}")),
        "{name} did not run in its own process ({}): is that the test's path?\n{printed}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr),
    );
    Some(output)
}

/// Cargo's runner for this target, where an emulator runs the tests: the kernel does
/// not know to ask it.
fn runner() -> Vec<String> {
    let target = env::consts::ARCH.to_uppercase();
    let runner = env::var(format!("CARGO_TARGET_{target}_UNKNOWN_LINUX_GNU_RUNNER"));
    let words = runner.unwrap_or_default();
    words.split_whitespace().map(str::to_owned).collect()
}

/// How a process ended that broke a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It touched what it may not.
    Fault,
    /// It ended itself.
    Abort,
}

#[cfg(unix)]
pub(crate) fn end(status: ExitStatus) -> Option<End> {
    use std::os::unix::process::ExitStatusExt;
    match status.signal()? {
        libc::SIGSEGV => Some(End::Fault),
        libc::SIGABRT => Some(End::Abort),
        _ => None,
    }
}

#[cfg(windows)]
pub(crate) fn end(status: ExitStatus) -> Option<End> {
    match status.code()?.cast_unsigned() {
        0xC000_0005 => Some(End::Fault), // STATUS_ACCESS_VIOLATION
        0xC000_0409 => Some(End::Abort), // STATUS_STACK_BUFFER_OVERRUN: __fastfail
        _ => None,
    }
}

/// Ends a body that can't go on, as one that passed: what it has seen so far held.
pub(crate) fn skip_rest(why: &str) -> ! {
    let name = env::var(BODY).expect("in a process of its own");
    eprintln!("SKIPPED {name} (the rest): {why}");
    std::process::exit(0)
}

#[cfg(unix)]
fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path, open).expect("one's own file");
}

#[cfg(windows)]
fn open_to_all(_: &Path) {}

pub(crate) fn is_body(name: &str) -> bool {
    env::var_os(BODY).is_some_and(|body| body == *name)
}

/// Whether this process may set limits and drop privileges, or runs a body for
/// which that was done; says so if not.
pub(crate) fn is_root(name: &str) -> bool {
    if cfg!(windows) {
        eprintln!("SKIPPED {name}: limits and privileges are set by Linux programs");
        return false;
    }
    let root = is_superuser() || is_body(name);
    if !root {
        eprintln!("SKIPPED {name}: needs root to drop privileges");
    }
    root
}

#[cfg(unix)]
fn is_superuser() -> bool {
    // SAFETY: geteuid has no preconditions.
    unsafe { libc::geteuid() == 0 }
}

#[cfg(windows)]
fn is_superuser() -> bool {
    false
}
