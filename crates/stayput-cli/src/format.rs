//! The forms that results come in.

use anyhow::{Result, bail};
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
    /// Markdown: spec list, spec show.
    Markdown,
    /// reStructuredText: spec show.
    Rst,
    /// An annotated kernel-doc comment: spec show.
    KernelDoc,
    /// A block of C macros: spec show.
    Macros,
    /// JUnit XML: spec check.
    Junit,
    /// Test Anything Protocol: spec check.
    Tap,
}

impl Format {
    /// The two forms that every command has.
    pub(crate) const BASIC: [Self; 2] = [Self::Text, Self::Json];
    /// Those of commands that watch machines.
    pub(crate) const METRICS: [Self; 3] = [Self::Text, Self::Json, Self::Prometheus];

    /// Itself, if the command has this form.
    pub(crate) fn among(self, command: &str, forms: &[Self]) -> Result<Self> {
        if forms.contains(&self) {
            return Ok(self);
        }
        let names: Vec<_> = forms.iter().map(|form| form.name()).collect();
        let (name, expected) = (self.name(), names.join(", "));
        bail!("{command} has no form {name}: expected --format with one of {expected}")
    }

    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}
