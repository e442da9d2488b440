//! The examples run, and what they print is what the kernel counts.

use std::env;
use std::path::PathBuf;

#[path = "observe/own_process.rs"]
mod own_process;
use own_process::{command, skip};

/// `cargo test` builds the examples beside the tests.
fn path_of(example: &str) -> PathBuf {
    let test = env::current_exe().expect("the test binary has a path");
    let profile = test.ancestors().nth(2).expect("target/PROFILE/deps/TEST");
    let name = format!("{example}{}", env::consts::EXE_SUFFIX);
    let path = profile.join("examples").join(name);
    assert!(
        path.exists(),
        "{} is missing: cargo build -p stayput-sys --examples",
        path.display()
    );
    path
}

/// What the example prints, or nothing where it can't be started.
fn output_of(example: &str) -> Option<String> {
    let output = match command(&path_of(example)).output() {
        Err(error) if error.raw_os_error() == Some(8) && cfg!(unix) => {
            skip(
                example,
                "an emulator runs us, and the kernel doesn't know to ask it",
            );
            return None;
        }
        output => output.expect("starts"),
    };
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && err.is_empty(),
        "{example}: {}\n{out}{err}",
        output.status
    );
    Some(out)
}

/// The kB in `VmLck WHEN: N kB`.
fn vm_lck(out: &str, when: &str) -> usize {
    let line = out
        .lines()
        .find_map(|it| it.strip_prefix(&format!("VmLck {when}: ")));
    let kib = line.and_then(|it| it.strip_suffix(" kB")).map(str::parse);
    kib.and_then(Result::ok)
        .unwrap_or_else(|| panic!("no VmLck {when} in:\n{out}"))
}

fn locks_a_number_of_pages(example: &str, pages: usize) {
    let Some(out) = output_of(example) else {
        return;
    };
    if !cfg!(target_os = "linux") {
        return skip(example, "ran, but only Linux tells what is locked");
    }
    let expected = if cfg!(stayput_backend = "unsupported") {
        assert!(out.contains("is not available on"), "{out}");
        0
    } else {
        pages * stayput_sys::page_size() / 1024
    };
    let before = vm_lck(&out, "before");
    if expected > 0 {
        assert_eq!(vm_lck(&out, "locked"), before + expected, "{out}");
        assert_eq!(vm_lck(&out, "after"), before, "{out}");
    }
}

#[test]
fn simple_locks_and_unlocks_four_pages() {
    locks_a_number_of_pages("simple", 4);
}

#[test]
fn locked_vec_locks_one_page_for_its_lifetime() {
    locks_a_number_of_pages("locked_vec", 1);
}
