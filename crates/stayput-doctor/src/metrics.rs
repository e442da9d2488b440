//! The report as metrics, for the node exporter's textfile collector.

use crate::report::Report;
use crate::verdict::Verdict;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::atomic::AtomicU64;

type Labels = Vec<(&'static str, String)>;
type Numbers = Family<Labels, Gauge<f64, AtomicU64>>;

/// The report in Prometheus's text format, without timestamps. No limit is
/// `+Inf`.
///
/// # Errors
/// The encoder's, which writes to memory and has none.
pub fn prometheus(report: &Report) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    for (name, help, values) in [
        (
            "stayput_doctor_info",
            "The version that looked",
            version(report),
        ),
        (
            "stayput_doctor_check",
            "How each check ended: 1 for its verdict, 0 for the others",
            verdicts(report),
        ),
        (
            "stayput_doctor_passed",
            "Whether nothing that counts was found",
            single(f64::from(u8::from(report.summary.passed))),
        ),
        (
            "stayput_memlock_limit_bytes",
            "RLIMIT_MEMLOCK, soft and hard",
            limits(report),
        ),
        (
            "stayput_memlock_held_bytes",
            "Memory that the process has locked",
            optional(report.subject.held),
        ),
        (
            "stayput_ipc_lock_effective",
            "Whether CAP_IPC_LOCK lifts the limit",
            single(f64::from(u8::from(
                report.subject.capability == "effective",
            ))),
        ),
        (
            "stayput_required_bytes",
            "What was asked to be lockable",
            optional(report.require),
        ),
    ] {
        registry.register(name, help, values);
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn version(report: &Report) -> Numbers {
    let numbers = Numbers::default();
    set(&numbers, [("version", report.version)], 1.0);
    numbers
}

fn verdicts(report: &Report) -> Numbers {
    let numbers = Numbers::default();
    for check in &report.checks {
        for verdict in Verdict::ALL {
            let labels = [("check", check.id.id()), ("verdict", verdict.id())];
            let is_it = check.verdict == verdict;
            set(&numbers, labels, f64::from(u8::from(is_it)));
        }
    }
    numbers
}

fn limits(report: &Report) -> Numbers {
    let numbers = Numbers::default();
    let subject = &report.subject;
    for (which, limit) in [("soft", subject.soft_limit), ("hard", subject.hard_limit)] {
        set(
            &numbers,
            [("limit", which)],
            limit.map_or(f64::INFINITY, rounded),
        );
    }
    numbers
}

fn optional(bytes: Option<u64>) -> Numbers {
    match bytes {
        Some(bytes) => single(rounded(bytes)),
        None => Numbers::default(),
    }
}

fn single(value: f64) -> Numbers {
    let numbers = Numbers::default();
    set(&numbers, [], value);
    numbers
}

fn set<const N: usize>(numbers: &Numbers, labels: [(&'static str, &str); N], value: f64) {
    let labels = labels.map(|(name, value)| (name, value.to_owned()));
    numbers.get_or_create(&labels.into()).set(value);
}

/// Exact up to 8 PiB.
#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus knows no other numbers"
)]
fn rounded(bytes: u64) -> f64 {
    bytes as f64
}
