//! Mappings, sums, order and filters.

use crate::probe::Probe;
use crate::run::{output, stayput};
use crate::{address, has, inspect, row, rows, status};
use std::collections::BTreeSet;
use std::fs;

#[test]
fn each_kind_of_memory_is_told_apart() {
    let Some(probe) = Probe::compile("each_kind_of_memory_is_told_apart", "probe", &[]) else {
        return;
    };
    let process = probe.start(&["kinds"]);
    let page = inspect(&[&process.id()]);
    let (start, size) = (address(&process.line), 4096);
    let [undumped, locked, plain, none] =
        [0, 4, 16, 32].map(|number| row(&page, start + number * size));
    assert!(has(undumped, "lo") && has(undumped, "dd"), "{undumped}");
    assert!(has(locked, "lo") && !has(locked, "dd"), "{locked}");
    assert_eq!(
        (&locked["locked"], &locked["size"]),
        (&(12 * size).into(), &(12 * size).into())
    );
    assert!(!has(plain, "lo"), "{plain}");
    assert_eq!(
        (&plain["locked"], &plain["resident"]),
        (&0.into(), &0.into())
    );
    assert_eq!(none["inaccessible"], true, "{none}");
    let totals = &page["totals"];
    for (sum, bytes) in [
        ("locked", 16 * size),
        ("locked_size", 16 * size),
        ("charged", status(&process.id(), "VmLck:")),
        ("size", status(&process.id(), "VmSize:")),
    ] {
        assert_eq!(totals[sum], bytes, "{sum} in {totals}");
    }
    assert!(
        totals["special"].as_u64() > Some(0) && totals["inaccessible"].as_u64() >= Some(16 * size)
    );
}

#[test]
fn a_shared_page_that_is_locked_counts_whole() {
    let test = "a_shared_page_that_is_locked_counts_whole";
    let Some(probe) = Probe::compile(test, "probe", &[]) else {
        return;
    };
    let process = probe.start(&["shared"]);
    let page = inspect(&[&process.id()]);
    let row = row(&page, address(&process.line));
    assert_eq!(
        (&row["locked"], &row["resident"]),
        (&(1 << 20).into(), &(1 << 20).into())
    );
    assert_eq!(row["proportional"], 1 << 18, "four processes share it");
    // The control: the kernel's own line is the fourth part.
    let smaps = fs::read_to_string(format!("/proc/{}/smaps", process.id())).expect("our child");
    assert!(smaps.contains("Locked:              256 kB"));
}

#[test]
fn fifty_thousand_mappings_are_all_there() {
    let Some(probe) = Probe::compile("fifty_thousand_mappings_are_all_there", "probe", &[]) else {
        return;
    };
    let process = probe.start(&["many", "50000"]);
    let (list, svg) = (probe.dir.path().join("list"), probe.dir.path().join("svg"));
    let mut command = stayput();
    command
        .args(["inspect", &process.id(), "--output"])
        .arg(&list);
    let (_, stderr, code) = output(command.arg("--svg").arg(&svg));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    let list = fs::read_to_string(list).expect("a list");
    let ranges: BTreeSet<_> = list
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(range, _)| range)
        .collect();
    let maps = fs::read_to_string(format!("/proc/{}/maps", process.id())).expect("our child");
    assert!(maps.lines().count() > 50_000);
    for line in maps.lines() {
        let (range, _) = line.split_once(' ').expect("a range");
        assert!(ranges.contains(range), "no {range}");
    }
    let count = format!("{} mappings", maps.lines().count());
    assert!(
        list.lines()
            .next()
            .is_some_and(|line| line.ends_with(&count))
    );
    let picture = fs::read_to_string(svg).expect("a picture");
    assert!(
        picture.len() < 1 << 20 && picture.contains("anonymous (5000"),
        "{picture}"
    );
}

#[test]
fn mappings_are_sorted_and_filtered() {
    let Some(probe) = Probe::compile("mappings_are_sorted_and_filtered", "probe", &[]) else {
        return;
    };
    let process = probe.start(&["kinds"]);
    let id = process.id();
    let by_size = inspect(&[&id, "--sort=size"]);
    let sizes: Vec<_> = rows(&by_size)
        .iter()
        .map(|row| row["size"].as_u64())
        .collect();
    assert!(
        sizes.is_sorted_by(|a, b| a >= b) && sizes.len() > 10,
        "{sizes:?}"
    );
    let locked = inspect(&[&id, "--only=locked"]);
    assert_eq!(rows(&locked).len(), 2);
    assert_eq!(rows(&inspect(&[&id, "--only=locked,undumped"])).len(), 1);
    // Not Pss, which changes with what other processes map.
    for sum in ["mappings", "size", "locked", "charged"] {
        let (some, all) = (&locked["totals"][sum], &by_size["totals"][sum]);
        assert_eq!(some, all, "{sum} is of the whole process");
    }
    let libc = inspect(&[&id, "--name=libc", "--min-size=1MiB"]);
    assert_eq!(rows(&libc).len(), 1);
    assert!(
        rows(&libc)[0]["name"]
            .as_str()
            .is_some_and(|name| name.contains("libc"))
    );
    let special = inspect(&[&id, "--only=special"]);
    assert!(
        rows(&special).iter().any(|row| row["name"] == "[vvar]"),
        "{special:#}"
    );
    assert!(inspect(&[&id, "--summary"]).get("mappings").is_none());
}
