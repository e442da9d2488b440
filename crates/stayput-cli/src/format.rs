//! The forms that results come in.

use clap::ValueEnum;

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs: one JSON object, with a version in `schema`.
    Json,
    /// For the node exporter's textfile collector: doctor and inspect.
    Prometheus,
}
