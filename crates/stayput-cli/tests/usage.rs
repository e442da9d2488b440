//! The command line itself.

#[path = "support/run.rs"]
mod run;

use run::{output, stayput};
use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, symlink};
use std::process::{Command, Stdio};

/// Exit code 2, nothing on standard output, and words that help.
fn assert_refused(args: &[&str], words: &[&str]) {
    let (stdout, stderr, code) = output(stayput().args(args));
    assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}: {stderr}");
    for word in words {
        assert!(stderr.contains(word), "{args:?}: no {word:?} in {stderr}");
    }
}

#[test]
fn wrong_arguments_are_explained() {
    assert_refused(&[], &["Usage", "prove"]);
    assert_refused(&["prof"], &["prof", "prove"]);
    assert_refused(
        &["prove", "--only", "swop"],
        &["'swop'", "possible values", "swap", "readers"],
    );
    assert_refused(
        &["prove", "--rows", "heep"],
        &["'heep'", "possible values", "heap"],
    );
    assert_refused(
        &["prove", "--format", "yaml"],
        &["'yaml'", "text, json, prometheus"],
    );
    assert_refused(
        &["prove", "--format", "tap"],
        &["prove", "tap", "text, json"],
    );
    assert_refused(&["spec"], &["Usage", "check"]);
    assert_refused(
        &["config", "docker", "--bytes", "16EiB"],
        &["16EiB", "less than 16 EiB"],
    );
    assert_refused(
        &["inspect", "--watch", "self"],
        &["'self'", "seconds", "inspect PROCESS --watch"],
    );
    assert_refused(
        &["prove", "--dir", "/nonexistent"],
        &["/nonexistent", "--dir"],
    );
    assert_refused(
        &["man", "/nonexistent"],
        &["/nonexistent", "expected a directory"],
    );
}

#[test]
fn the_version_is_the_packages() {
    let (stdout, _, code) = output(stayput().arg("--version"));
    assert_eq!(code, Some(0));
    assert_eq!(stdout, format!("stayput {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn help_says_what_the_exit_codes_mean() {
    for args in [
        &["--help"][..],
        &["prove", "--help"],
        &["spec", "read", "--help"],
        &["spec", "diff", "--help"],
        &["spec", "check", "--help"],
    ] {
        let (stdout, _, code) = output(stayput().args(args));
        assert_eq!(code, Some(0));
        assert!(stdout.contains("Exit status: 0"), "{stdout}");
    }
}

/// More than the line in the list of commands.
#[test]
fn help_tells_the_whole_story() {
    for (command, words) in [
        ("prove", "Keeps a marker in each storage"),
        ("doctor", "Nothing is changed"),
        ("config", "Ready to paste"),
    ] {
        let (stdout, _, _) = output(stayput().args([command, "--help"]));
        assert!(stdout.contains(words), "{stdout}");
        let (brief, _, _) = output(stayput().arg("--help"));
        assert!(!brief.contains(words), "{brief}");
    }
}

#[test]
fn completions_and_manual_pages_are_made() {
    let (script, _, code) = output(stayput().args(["completions", "bash"]));
    assert_eq!(code, Some(0));
    assert!(
        script.contains("--require-all") && script.contains("gcore-all"),
        "{script}"
    );
    let dir = tempfile::tempdir().expect("a directory");
    let (_, stderr, code) = output(stayput().arg("man").arg(dir.path()));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let page = std::fs::read_to_string(dir.path().join("stayput-prove.1")).expect("a page");
    assert!(page.contains("require\\-all"), "{page}");
}

#[test]
fn the_hidden_parts_refuse_strangers() {
    for part in ["__stayput-prove-victim", "__stayput-prove-janitor"] {
        let (stdout, stderr, code) = output(stayput().args([part, "nonsense"]));
        assert_eq!((code, stdout.as_str()), (Some(1), ""), "{part}");
        assert!(stderr.contains("expected"), "{stderr}");
    }
}

#[test]
fn what_is_no_file_is_written_to_and_a_link_stays_one() {
    let dir = tempfile::tempdir().expect("a directory");
    let (pipe, link, file) = (
        dir.path().join("pipe"),
        dir.path().join("link"),
        dir.path().join("file"),
    );
    assert_eq!(
        output(Command::new("mkfifo").arg(&pipe)).2,
        Some(0),
        "a pipe with a name"
    );
    let mut reader = Command::new("timeout");
    let reader = reader
        .arg("60")
        .arg("cat")
        .arg(&pipe)
        .stdout(Stdio::piped())
        .spawn();
    let (_, stderr, code) = output(stayput().args(["config", "docker", "--output"]).arg(&pipe));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let there = fs::symlink_metadata(&pipe).expect("still there");
    assert!(there.file_type().is_fifo(), "replaced by a file");
    let read = reader.expect("cat").wait_with_output().expect("its output");
    assert!(read.stdout.ends_with(b" your-image\n"), "{read:?}");

    fs::write(&file, "old").expect("our own");
    symlink("file", &link).expect("our own");
    let (_, stderr, code) = output(stayput().args(["config", "docker", "--output"]).arg(&link));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let there = fs::symlink_metadata(&link).expect("still there");
    assert!(there.is_symlink(), "replaced by a file");
    let text = fs::read_to_string(&file).expect("what it leads to");
    assert!(text.ends_with(" your-image\n"), "{text}");
}

#[test]
fn a_directory_is_refused_in_a_few_words() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut command = stayput();
    command
        .args(["config", "docker", "--output"])
        .arg(dir.path());
    let (_, stderr, code) = output(&mut command);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("expected a file"), "{stderr}");
    assert_eq!(stderr.matches("os error").count(), 1, "{stderr}");
}

/// Standard error may be a full disk, or a pipe whose reader has gone.
#[test]
fn errors_that_nobody_can_read_change_no_exit_code() {
    let full = || {
        let device = File::options().write(true).open("/dev/full");
        Stdio::from(device.expect("a device of Linux"))
    };
    for (args, expected) in [
        (&["inspect", "no such process"][..], 2),
        (&["run", "no-such-program"], 127),
        (&["spec", "show", "fork"], 2),
    ] {
        let status = stayput().args(args).stderr(full()).status();
        assert_eq!(status.expect("it runs").code(), Some(expected), "{args:?}");
    }
}

#[test]
fn results_that_can_not_be_written_are_an_error() {
    for args in [
        &["config", "docker"][..],
        &["spec", "list"],
        &["spec", "show", "mlock"],
        &["completions", "bash"],
    ] {
        let full = File::options().write(true).open("/dev/full");
        let full = Stdio::from(full.expect("a device of Linux"));
        let run = stayput()
            .args(args)
            .stdout(full)
            .stderr(Stdio::piped())
            .spawn();
        let run = run.and_then(std::process::Child::wait_with_output);
        let run = run.expect("it runs");
        let stderr = String::from_utf8_lossy(&run.stderr);
        assert_eq!(run.status.code(), Some(2), "{args:?}");
        assert!(
            stderr.contains("printing the results: No space"),
            "{stderr}"
        );
    }
}

#[test]
fn a_form_that_a_command_has_not_is_refused_by_all() {
    assert_refused(
        &["completions", "bash", "--format", "json"],
        &["completions", "json", "expected --format"],
    );
    assert_refused(&["man", "/nonexistent", "--format", "tap"], &["man", "tap"]);
    assert_refused(&["spec", "diff", "-", "-"], &["standard input", "once"]);
}
