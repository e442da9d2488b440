//! For the node exporter's textfile collector: sums as gauges, no timestamps.

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use stayput::inspect::{Snapshot, Totals};
use std::fmt;
use std::sync::atomic::AtomicU64;

/// Names and values.
type Labels = Vec<(&'static str, String)>;

/// The sums of one process, in Prometheus's text format.
pub(super) fn render(snapshot: &Snapshot) -> Result<String, fmt::Error> {
    let totals = Totals::of(&snapshot.mappings);
    let mut registry = Registry::with_prefix("stayput_process");
    for (name, help, value) in [
        ("mapped_bytes", "Address space mapped", totals.size),
        (
            "resident_bytes",
            "In memory, shared pages counted whole (Rss)",
            totals.resident,
        ),
        (
            "proportional_bytes",
            "In memory, shared pages divided by their users (Pss)",
            totals.share,
        ),
        ("huge_bytes", "In huge pages of hugetlbfs", totals.huge),
        ("swapped_bytes", "In swap", totals.swapped),
        ("locked_bytes", "In memory and locked", totals.locked),
        (
            "locked_charged_bytes",
            "Charged against RLIMIT_MEMLOCK (VmLck)",
            snapshot.charged,
        ),
        (
            "dump_excluded_bytes",
            "Address space left out of core dumps",
            totals.dump_excluded,
        ),
        ("mappings", "Number of mappings", totals.mappings as u64),
    ] {
        let gauge = Family::<Labels, Gauge<u64, AtomicU64>>::default();
        let labels = vec![
            ("pid", snapshot.id.to_string()),
            ("name", snapshot.name.clone()),
        ];
        gauge.get_or_create(&labels).set(value);
        registry.register(name, help, gauge);
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}
