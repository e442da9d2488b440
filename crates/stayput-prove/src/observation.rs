//! What an experiment saw, before anybody judges it.

use crate::channel::Channel;
use crate::storage::Storage;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One cell's outcome, unjudged.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) channel: Channel,
    pub(crate) storage: Storage,
    pub(crate) observation: Observation,
}

#[derive(Clone, Debug)]
pub(crate) enum Observation {
    /// It was looked for, and found or not.
    Ran { leaked: bool, evidence: Evidence },
    /// It was not looked for.
    Skipped { why: String },
}

impl Observation {
    pub(crate) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped { why: why.into() }
    }
}

/// What a judgement rests on: named values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Evidence(Map<String, Value>);

impl Evidence {
    /// The names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Adds what another holds.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Adds a value.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }
}
