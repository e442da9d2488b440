//! For the node exporter's textfile collector: sums as gauges, no timestamps.

use stayput::inspect::{Snapshot, Totals};
use std::fmt::Write;

/// The sums of one process, in the text format 0.0.4.
pub(super) fn render(snapshot: &Snapshot) -> String {
    let totals = Totals::of(&snapshot.mappings);
    let gauges = [
        ("mapped_bytes", "Address space mapped.", totals.size),
        (
            "resident_bytes",
            "In memory, shared pages counted whole (Rss).",
            totals.resident,
        ),
        (
            "proportional_bytes",
            "In memory, shared pages divided by their users (Pss).",
            totals.share,
        ),
        ("huge_bytes", "In huge pages of hugetlbfs.", totals.huge),
        ("swapped_bytes", "In swap.", totals.swapped),
        ("locked_bytes", "In memory and locked.", totals.locked),
        (
            "locked_charged_bytes",
            "Charged against RLIMIT_MEMLOCK (VmLck).",
            snapshot.charged,
        ),
        (
            "dump_excluded_bytes",
            "Address space left out of core dumps.",
            totals.dump_excluded,
        ),
        ("mappings", "Number of mappings.", totals.mappings as u64),
    ];
    let (id, name) = (snapshot.id, escape(&snapshot.name));
    let mut text = String::new();
    for (metric, help, value) in gauges {
        let metric = format!("stayput_process_{metric}");
        // Writing to a String can't fail.
        let _ = write!(
            text,
            "# HELP {metric} {help}\n# TYPE {metric} gauge\n\
             {metric}{{pid=\"{id}\",name=\"{name}\"}} {value}\n"
        );
    }
    text
}

/// A label's value: backslash, quote and line feed are escaped.
fn escape(value: &str) -> String {
    value
        .replace('\\', r"\\")
        .replace('"', "\\\"")
        .replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn label_values_are_escaped() {
        assert_eq!(super::escape("a\\b\"c\nd"), r#"a\\b\"c\nd"#);
    }
}
