//! The report as metrics, for the node exporter's textfile collector.

use crate::report::Report;
use crate::verdict::Verdict;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Registry;
use std::fmt;

/// The report in Prometheus's text format, without timestamps, always in the same
/// order. No limit is `+Inf`.
///
/// # Errors
/// The encoder's, which writes to memory and has none.
pub fn prometheus(report: &Report) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Metrics(report.clone())));
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Metrics(Report);

impl Collector for Metrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let (report, subject) = (&self.0, &self.0.subject);
        let info = [(vec![("version", report.version)], 1.0)];
        let capability = subject.capability == "effective";
        for (name, help, values) in [
            (
                "stayput_doctor_info",
                "The version that looked",
                info.into(),
            ),
            (
                "stayput_doctor_check",
                "How each check ended: 1 for its verdict, 0 for the others",
                verdicts(report),
            ),
            (
                "stayput_doctor_passed",
                "Whether nothing that counts was found",
                single(truth(report.summary.passed)),
            ),
            (
                "stayput_memlock_limit_bytes",
                "RLIMIT_MEMLOCK, soft and hard",
                limits(report),
            ),
            (
                "stayput_memlock_held_bytes",
                "Memory that the process has locked",
                optional(subject.held),
            ),
            (
                "stayput_ipc_lock_effective",
                "Whether CAP_IPC_LOCK lifts the limit",
                single(truth(capability)),
            ),
            (
                "stayput_required_bytes",
                "What was asked to be lockable",
                optional(report.require),
            ),
        ] {
            gauge(&mut encoder, name, help, &values)?;
        }
        Ok(())
    }
}

/// Labels and a number.
type Value = (Vec<(&'static str, &'static str)>, f64);

fn gauge(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: &[Value],
) -> fmt::Result {
    if values.is_empty() {
        return Ok(());
    }
    let mut metric = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in values {
        if labels.is_empty() {
            metric.encode_gauge(value)?;
        } else {
            metric.encode_family(labels)?.encode_gauge(value)?;
        }
    }
    Ok(())
}

fn verdicts(report: &Report) -> Vec<Value> {
    let checks = report.checks.iter();
    let values = checks.flat_map(|check| {
        Verdict::ALL.map(|verdict| {
            let labels = vec![("check", check.id.id()), ("verdict", verdict.id())];
            (labels, truth(check.verdict == verdict))
        })
    });
    values.collect()
}

fn limits(report: &Report) -> Vec<Value> {
    let subject = &report.subject;
    let limits = [("soft", subject.soft_limit), ("hard", subject.hard_limit)];
    let values = limits.map(|(which, limit)| {
        let limit = limit.map_or(f64::INFINITY, rounded);
        (vec![("limit", which)], limit)
    });
    values.into()
}

fn optional(bytes: Option<u64>) -> Vec<Value> {
    bytes
        .map(|bytes| single(rounded(bytes)))
        .unwrap_or_default()
}

fn single(value: f64) -> Vec<Value> {
    vec![(Vec::new(), value)]
}

fn truth(whether: bool) -> f64 {
    f64::from(u8::from(whether))
}

/// Exact up to 8 PiB; Prometheus knows no other numbers.
#[expect(clippy::cast_precision_loss, reason = "sizes of memory")]
fn rounded(bytes: u64) -> f64 {
    bytes as f64
}
