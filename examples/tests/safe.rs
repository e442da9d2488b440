//! Each example, looked at from outside while it holds its secret, and in the core dump it
//! leaves: nothing is found, but what its careless twin keeps on the stack.

use ed25519_dalek::hazmat::ExpandedSecretKey;
use memchr::memmem;
use stayput::inspect::{Flag, Process, mappings};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

/// An example at work, in a directory of its own.
struct Program {
    child: Child,
    /// Open, or the program ends.
    input: ChildStdin,
    dir: tempfile::TempDir,
}

impl Program {
    /// Starts it, gives it `input`, and waits for `lines` lines of output.
    fn start(path: &str, args: &[&str], input: &str, lines: usize) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut command = Command::new(path);
        command.args(args).current_dir(dir.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        // SAFETY: one system call between fork and exec.
        unsafe { command.pre_exec(raise_core_limit) };
        let mut child = command.spawn().expect("the example runs");
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(input.as_bytes()).expect("a reader");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        for number in 0..lines {
            let mut line = String::new();
            let read = output.read_line(&mut line).expect("a pipe");
            assert!(read > 0, "{path} ended after {number} of {lines} lines");
        }
        let input = pipe;
        Self { child, input, dir }
    }

    /// Which needles are in memory that a tracer can read; without what is locked, where
    /// `is_locked_skipped`.
    fn in_memory(&self, needles: &[Vec<u8>], is_locked_skipped: bool) -> Vec<usize> {
        let memory = File::open(format!("/proc/{}/mem", self.child.id())).expect("our child's");
        let mut found = Vec::new();
        for mapping in mappings(Process::Id(self.child.id())).expect("our child's") {
            if is_locked_skipped && mapping.has(Flag::Locked) {
                continue;
            }
            let len = usize::try_from(mapping.len()).expect("64 bits");
            let mut bytes = vec![0; len.min(64 << 20)];
            // Refused: reserved address space, secret memory, the kernel's own pages.
            if let Ok(read) = memory.read_at(&mut bytes, mapping.start) {
                found.extend(found_in(&bytes[..read], needles));
            }
        }
        found
    }

    /// Which needles are in the core dump that it leaves; `None` if it leaves none here.
    fn in_core(mut self, needles: &[Vec<u8>]) -> Option<Vec<usize>> {
        let id = libc::pid_t::try_from(self.child.id()).expect("a process number");
        // SAFETY: our child, which is not waited for yet.
        assert_eq!(unsafe { libc::kill(id, libc::SIGABRT) }, 0);
        let status = self.child.wait().expect("our child");
        drop(self.input);
        assert_eq!(status.signal(), Some(libc::SIGABRT));
        let core = fs::read_dir(self.dir.path()).expect("ours").next()?;
        let core = fs::read(core.expect("ours").path()).expect("a core file");
        Some(found_in(&core, needles))
    }
}

fn found_in(bytes: &[u8], needles: &[Vec<u8>]) -> Vec<usize> {
    let numbers = 0..needles.len();
    numbers
        .filter(|&number| memmem::find(bytes, &needles[number]).is_some())
        .collect()
}

fn raise_core_limit() -> std::io::Result<()> {
    let limit = libc::rlimit {
        rlim_cur: libc::RLIM_INFINITY,
        rlim_max: libc::RLIM_INFINITY,
    };
    // SAFETY: an initialised limit.
    match unsafe { libc::setrlimit(libc::RLIMIT_CORE, &limit) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()),
    }
}

/// What keeps this test from looking, if anything does.
fn obstacle() -> Option<String> {
    // SAFETY: geteuid has no preconditions.
    if unsafe { libc::geteuid() } != 0 {
        return Some("needs root, for the hard core limit and /proc/PID/mem".to_owned());
    }
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    let is_plain = !pattern.starts_with(['|', '@']) && !pattern.contains('/');
    (!is_plain).then(|| format!("core dumps go elsewhere: {}", pattern.trim()))
}

/// Runs the example and its careless twin, and looks for the needles in both. The first is
/// what the twin keeps.
fn is_safe(name: &str, path: &str, args: &[&str], input: &str, lines: usize, needles: &[Vec<u8>]) {
    if let Some(why) = obstacle() {
        eprintln!("SKIPPED {name}: {why}");
        return;
    }
    assert!(Path::new(path).exists() && needles.iter().all(|needle| needle.len() >= 16));
    // Its whole heap is locked, not hidden; what counts is that there is nothing else.
    let is_locked_skipped = name == "locked_heap";
    for twin in [None, Some("--careless")] {
        let args: Vec<&str> = args.iter().copied().chain(twin).collect();
        let program = Program::start(path, &args, input, lines);
        let in_memory = program.in_memory(needles, is_locked_skipped);
        let Some(in_core) = program.in_core(needles) else {
            eprintln!("SKIPPED {name}: the kernel wrote no core file");
            return;
        };
        if twin.is_some() {
            assert!(
                in_memory.contains(&0) && in_core.contains(&0),
                "the control is found"
            );
        } else {
            assert_eq!((in_memory, in_core), (vec![], vec![]), "needles found");
        }
    }
}

/// Thirty-two letters that no program holds by chance.
fn text(seed: u64) -> String {
    let mut state = seed ^ u64::from(std::process::id()) << 20;
    let letter = |_| {
        state = state
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        char::from(b'a' + u8::try_from((state >> 40) % 26).expect("a letter"))
    };
    (0..32).map(letter).collect()
}

#[test]
fn signing_agent() {
    let seed: [u8; 32] = text(1).into_bytes().try_into().expect("32 letters");
    let digits = stayput_examples::hex(&seed);
    let expanded = ExpandedSecretKey::from(&seed);
    let needles = [
        seed.to_vec(),
        digits.clone().into_bytes(),
        expanded.scalar.to_bytes().to_vec(),
        expanded.hash_prefix.to_vec(),
        seed[..16].to_vec(),
        seed[16..].to_vec(),
    ];
    let input = format!("{digits}\nfirst\nsecond\n");
    let path = env!("CARGO_BIN_EXE_signing-agent");
    is_safe("signing_agent", path, &[], &input, 3, &needles);
}

#[test]
fn password() {
    let password = text(2);
    // What is derived is as secret as what it is derived from.
    let needles = [derived(&password), password.clone().into_bytes()];
    let path = env!("CARGO_BIN_EXE_password");
    let input = format!("{password}\n");
    is_safe("password", path, &["--stdin"], &input, 1, &needles);
}

/// The key of the example, derived in ordinary memory.
fn derived(password: &str) -> Vec<u8> {
    let params = argon2::Params::new(1024, 3, 1, Some(64)).expect("as the example's");
    let argon2 = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut key = [0; 64];
    let salt = b"a salt, which is no secret";
    let result = argon2.hash_password_into(password.as_bytes(), salt, &mut key);
    result.expect("as the example");
    key[..32].to_vec()
}

#[test]
fn vault() {
    let (name, value) = (text(3), text(4));
    let needles = [value.clone().into_bytes(), name.clone().into_bytes()];
    // More entries than the first table has room for, so that it moves.
    let others: String = (0..100)
        .map(|number| format!("set {number}\nvalue {number}\n"))
        .collect();
    let input = format!("set {name}\n{value}\n{others}get {name}\nset {name}\n{value}\n");
    is_safe(
        "vault",
        env!("CARGO_BIN_EXE_vault"),
        &[],
        &input,
        103,
        &needles,
    );
}

#[test]
fn locked_heap() {
    let (name, password) = (text(5), text(6));
    let needles = [password.clone().into_bytes(), name.clone().into_bytes()];
    let input = format!("{name} {password}\n");
    is_safe(
        "locked_heap",
        env!("CARGO_BIN_EXE_locked-heap"),
        &[],
        &input,
        1,
        &needles,
    );
}
