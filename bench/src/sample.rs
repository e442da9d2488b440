//! What one run of one library in a process of its own has to tell.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One run's figures, printed as a line of JSON by the process that made them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// By name of the metric; nanoseconds, bytes, or counts.
    pub(crate) figures: BTreeMap<String, f64>,
    /// The share of the secrets whose every byte was seen locked, where looked at.
    pub(crate) locked: Option<f64>,
    /// What the library said when it refused; at the end of a run that is to fill it up,
    /// otherwise instead of figures.
    pub(crate) refusal: Option<String>,
}

impl Sample {
    pub(crate) fn of<const N: usize>(figures: [(&str, f64); N]) -> Self {
        Self {
            figures: figures.map(|(name, value)| (name.to_owned(), value)).into(),
            ..Self::default()
        }
    }

    pub(crate) fn locked(mut self, share: f64) -> Self {
        self.locked = Some(share);
        self
    }
}
