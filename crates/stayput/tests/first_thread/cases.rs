//! Each case is a process of its own: the program again, with the case's name.

use stayput::inspect::{Flag, Process, mappings};
use stayput::limits::{Cause, Raising, set_raising};
use stayput::process::{
    FaultWatch, Faults, MlockConfig, Plan, lock_all, prefault_stack, reserve_heap, unlock_all,
};
use std::env;
use std::hint::black_box;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, ExitStatus};

const STACK: usize = 512 * 1024;
const HEAP: usize = 4 << 20;

/// What a case exits with that can't be tried here, having said why; automake's.
const SKIPPED: i32 = 77;

/// A case, the words that start its process, and how it must end.
struct Case {
    name: &'static str,
    under: &'static [&'static str],
    body: fn(),
    ends_well: fn(ExitStatus) -> bool,
}

const AS_IS: &[&str] = &[];
const SMALL_STACK: &[&str] = &["prlimit", "--stack=1048576"];
const LIMITED: &[&str] = &[
    "prlimit",
    "--memlock=8388608",
    "setpriv",
    "--bounding-set=-ipc_lock",
    "--inh-caps=-ipc_lock",
];

const CASES: &[Case] = &[
    case("control_nothing_done", AS_IS, control_nothing_done),
    case("control_locked_only", AS_IS, control_locked_only),
    case("locked_and_prefaulted", AS_IS, locked_and_prefaulted),
    case("prefaulted_and_locked", AS_IS, prefaulted_and_locked),
    case("a_thread_started_later", AS_IS, a_thread_started_later),
    case("too_deep_is_refused", SMALL_STACK, too_deep_is_refused),
    case(
        "past_the_limit_is_refused",
        LIMITED,
        past_the_limit_is_refused,
    ),
    Case {
        ends_well: |status| status.signal() == Some(libc::SIGSEGV),
        ..case(
            "control_past_the_limit_dies",
            LIMITED,
            control_past_the_limit_dies,
        )
    },
];

const fn case(name: &'static str, under: &'static [&'static str], body: fn()) -> Case {
    Case {
        name,
        under,
        body,
        ends_well: |status| status.success(),
    }
}

pub(crate) fn run() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [flag, name] = &arguments[..] {
        if flag == "--case" {
            let case = CASES.iter().find(|case| case.name == name).expect("a case");
            (case.body)();
            return ExitCode::SUCCESS;
        }
    }
    let filter = arguments.iter().find(|word| !word.starts_with('-'));
    let chosen = CASES
        .iter()
        .filter(|case| filter.is_none_or(|filter| case.name.contains(&filter[..])));
    if arguments.iter().any(|word| word == "--list") {
        chosen.for_each(|case| println!("{}: test", case.name));
        return ExitCode::SUCCESS;
    }
    let failed = chosen.filter(|case| !passes(case)).count();
    ExitCode::from(u8::from(failed > 0))
}

fn passes(case: &Case) -> bool {
    // SAFETY: geteuid has no preconditions.
    if case.under.contains(&"setpriv") && unsafe { libc::geteuid() } != 0 {
        eprintln!("SKIPPED {}: needs root to drop a capability", case.name);
        return true;
    }
    let exe = env::current_exe()
        .expect("this program")
        .display()
        .to_string();
    let words = case
        .under
        .iter()
        .copied()
        .chain([&exe[..], "--case", case.name]);
    let words: Vec<&str> = words.collect();
    let output = Command::new(words[0])
        .args(&words[1..])
        .output()
        .expect("util-linux has prlimit and setpriv");
    if output.status.code() == Some(SKIPPED) {
        let why = String::from_utf8_lossy(&output.stderr);
        eprintln!("SKIPPED {}: {}", case.name, why.trim());
        return true;
    }
    let passed = (case.ends_well)(output.status);
    println!(
        "test {} ... {}",
        case.name,
        if passed { "ok" } else { "FAILED" }
    );
    if !passed {
        eprintln!(
            "{}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    passed
}

/// Work that goes `STACK` deep and uses `HEAP` bytes, in small and large blocks.
fn section() {
    let mut blocks: Vec<Vec<u8>> = Vec::with_capacity(256);
    while blocks.len() < 192 {
        blocks.push(vec![1; 16 * 1024]);
    }
    drop(black_box(blocks));
    drop(black_box(vec![1u8; HEAP * 3 / 4]));
    descend(STACK * 3 / 4);
}

/// Calls itself until the stack is `bytes` deeper.
fn descend(bytes: usize) {
    let local = 0u8; // a constant's reference would not point to the stack
    let here = std::ptr::from_ref(black_box(&local)).addr();
    descend_to(here - bytes);
}

#[inline(never)]
fn descend_to(bottom: usize) {
    let frame = [1u8; 1024];
    if std::ptr::from_ref(black_box(&frame)).addr() > bottom {
        descend_to(bottom);
    }
    black_box(&frame);
}

fn faults_in(section: fn()) -> Faults {
    let watch = FaultWatch::start().expect("Linux counts by thread");
    section();
    watch.faults().expect("as before")
}

fn assert_none() {
    let faults = faults_in(section);
    assert_eq!(faults, Faults::default(), "the section took faults");
}

fn control_nothing_done() {
    let pages = (STACK + HEAP) / 2 / 4096;
    assert!(
        faults_in(section).minor > pages as u64,
        "nearly every page is new"
    );
}

/// The first thread's stack is not as deep yet, the heap not as large.
fn control_locked_only() {
    assert!(lock_all().expect("CAP_IPC_LOCK").is_locked());
    let (stack, heap) = (faults_in(|| descend(STACK * 3 / 4)), faults_in(section));
    assert!(
        stack.minor > 32,
        "{stack:?}: 33 pages of it were mapped before"
    );
    assert!(heap.minor > 100, "{heap:?}");
}

fn locked_and_prefaulted() {
    assert!(lock_all().expect("CAP_IPC_LOCK").is_locked());
    prefault_stack(STACK).expect("8 MiB of stack");
    reserve(HEAP);
    assert_none();
}

fn prefaulted_and_locked() {
    prefault_stack(STACK).expect("8 MiB of stack");
    reserve(HEAP);
    assert!(lock_all().expect("CAP_IPC_LOCK").is_locked());
    assert_none();
}

/// Ends the case where the C library has no `mallopt`.
fn reserve(bytes: usize) {
    match reserve_heap(bytes) {
        Err(error) if *error.cause() == Cause::Unsupported => {
            eprintln!("{error}");
            std::process::exit(SKIPPED);
        }
        reserved => reserved.expect("room in the heap"),
    }
}

/// Its stack is locked whole when it is mapped; its heap is the common one.
fn a_thread_started_later() {
    reserve(HEAP);
    assert!(lock_all().expect("CAP_IPC_LOCK").is_locked());
    let thread = std::thread::spawn(|| {
        drop(black_box(vec![1u8; 64])); // the thread's own cache of small blocks
        assert_none();
    });
    thread.join().expect("no fault");
}

fn too_deep_is_refused() {
    prefault_stack(STACK).expect("half of the stack");
    let error = prefault_stack(1 << 20).expect_err("1 MiB is all there is");
    let expected = |cause: &Cause| matches!(cause, Cause::StackTooSmall { left, needed } if left < needed && *left > STACK as u64);
    assert!(expected(error.cause()), "{error}");
    assert!(error.to_string().contains("stack_size"), "{error}");
    // Another thread's stack ends where it was mapped to.
    let thread = std::thread::Builder::new().stack_size(256 * 1024);
    let thread = thread.spawn(|| {
        prefault_stack(128 * 1024).expect("half of the stack");
        let error = prefault_stack(256 * 1024).expect_err("all of it");
        assert!(
            matches!(error.cause(), Cause::StackTooSmall { .. }),
            "{error}"
        );
    });
    thread
        .expect("started")
        .join()
        .expect("refused, not overflowed");
}

/// Locks the process so that 256 KiB of room are left.
fn lock_with_little_room() {
    set_raising(Raising::Forbidden);
    let plan = Plan::for_lock_all(MlockConfig::default()).expect("own smaps");
    let room = usize::try_from(plan.room().expect("a limit")).expect("fits");
    let hog = stayput_sys::map::reserve(room - (256 << 10)).expect("address space");
    assert!(lock_all().expect("fits").is_locked());
    black_box(hog);
}

fn past_the_limit_is_refused() {
    reserve(256 << 10);
    lock_with_little_room();
    prefault_stack(64 * 1024).expect("the stack has so much already");
    let error = prefault_stack(1 << 20).expect_err("the stack is locked");
    assert!(
        matches!(error.cause(), Cause::LimitReached { .. }),
        "{error}"
    );
    let stack = mappings(Process::Current).expect("own smaps");
    assert!(
        stack
            .iter()
            .any(|m| m.has(Flag::GrowsDown) && m.has(Flag::Locked))
    );
    unlock_all().expect("unlocked");
    prefault_stack(1 << 20).expect("unlocked, the stack may grow");
}

/// What the refusal prevents.
fn control_past_the_limit_dies() {
    reserve(256 << 10);
    lock_with_little_room();
    descend(1 << 20);
}
