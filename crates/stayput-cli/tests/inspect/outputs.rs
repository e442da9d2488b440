//! Text, pictures, metrics.

use crate::address;
use crate::probe::Probe;
use crate::run::{output, stayput};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn text_says_what_flags_and_sums_mean() {
    let Some(probe) = Probe::compile("text_says_what_flags_and_sums_mean", "probe", &[]) else {
        return;
    };
    let process = probe.start(&["kinds"]);
    let (text, _, code) = output(stayput().args(["inspect", &process.id()]));
    assert_eq!(code, Some(0));
    for part in [
        &format!("probe (process {})", process.id()),
        "lo  locked\n",
        "dd  left out of core dumps\n",
        "RLIMIT_MEMLOCK (VmLck)",
        "(Pss)",
        "[stack]",
        "48.0 KiB",
    ] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    let (all, ..) = output(stayput().args(["inspect", &process.id(), "--verbose"]));
    assert!(
        all.contains("rd  readable") && !text.contains("rd  readable"),
        "{all}"
    );
    let (some, ..) = output(stayput().args(["inspect", &process.id(), "--only=locked"]));
    assert!(
        some.contains("Mappings shown") && some.contains("Whole process"),
        "{some}"
    );
}

#[test]
fn a_picture_shows_kinds_addresses_and_sizes() {
    let Some(probe) = Probe::compile("a_picture_shows_kinds_addresses_and_sizes", "probe", &[])
    else {
        return;
    };
    let process = probe.start(&["kinds"]);
    let file = probe.dir.path().join("picture.svg");
    let (stdout, stderr, code) = output(
        stayput()
            .args(["inspect", &process.id(), "--svg"])
            .arg(&file),
    );
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), "", ""));
    let picture = fs::read_to_string(&file).expect("a picture");
    let mut classes = BTreeSet::new();
    for event in svg::read(&picture).expect("SVG") {
        match event {
            svg::parser::Event::Error(error) => panic!("{error}"),
            svg::parser::Event::Tag("rect", _, attributes) => {
                classes.extend(attributes.get("class").map(ToString::to_string));
            }
            _ => {}
        }
    }
    for class in [
        "locked",
        "resident",
        "absent",
        "special",
        "inaccessible",
        "undumped",
    ] {
        assert!(classes.contains(class), "no {class} in {classes:?}");
    }
    let start = address(&process.line);
    for text in [
        "swapped: 0 B",
        "locked: 64.0 KiB",
        &format!("{start:012x}"),
        "libc.so.6",
        "[stack]",
        "not mapped",
    ] {
        assert!(picture.contains(text), "no {text:?}");
    }
    let (_, stderr, code) =
        output(stayput().args(["inspect", "self", "--svg", "/nonexistent/picture.svg"]));
    assert_eq!(code, Some(2));
    assert!(
        stderr.contains("/nonexistent/picture.svg") && stderr.contains("expected"),
        "{stderr}"
    );
}

#[test]
fn names_of_any_characters_do_no_harm() {
    let name = "<p>&\"\u{1b}[31mx";
    let Some(probe) = Probe::compile("names_of_any_characters_do_no_harm", name, &[]) else {
        return;
    };
    let process = probe.start(&["kinds"]);
    let file = probe.dir.path().join("picture.svg");
    let mut command = stayput();
    command.args(["inspect", &process.id(), "--svg"]);
    let (_, stderr, code) = output(command.arg(&file));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let (text, ..) = output(stayput().args(["inspect", &process.id()]));
    assert!(
        text.contains("<p>&\"\u{fffd}[31mx") && !text.contains('\u{1b}'),
        "{text}"
    );
    let picture = fs::read_to_string(&file).expect("a picture");
    assert!(
        picture.contains("&lt;p&gt;&amp;") && !picture.contains('\u{1b}'),
        "{picture}"
    );
}

#[test]
fn metrics_go_into_a_file_that_the_collector_may_read() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("self.prom");
    let mut command = stayput();
    command
        .args(["inspect", "self", "--format=prometheus", "--output"])
        .arg(&file);
    let (stdout, stderr, code) = output(&mut command);
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (Some(0), "", ""));
    let text = fs::read_to_string(&file).expect("metrics");
    let mut metrics = 0;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (metric, value) = line.rsplit_once(' ').expect("a value");
        assert!(
            metric.starts_with("stayput_process_") && metric.ends_with("\"}"),
            "{line}"
        );
        value
            .parse::<u64>()
            .expect("a number, and no timestamp after it");
        metrics += 1;
    }
    assert_eq!(text.matches("# TYPE stayput_process_").count(), metrics);
    assert!(
        text.contains("stayput_process_locked_bytes{pid=") && metrics > 5,
        "{text}"
    );
    let mode = fs::metadata(&file).expect("our own").permissions().mode();
    assert_eq!(mode & 0o444, 0o444, "the exporter is another user");
    assert_eq!(
        fs::read_dir(dir.path()).expect("our own").count(),
        1,
        "no other file is left"
    );
}
