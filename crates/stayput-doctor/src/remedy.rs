//! What to do, in a form that goes over a pipe and into JSON.

use serde::{Deserialize, Serialize};
use stayput::limits;
use stayput::limits::Place;

/// What to do: in words, and as lines to type or paste. Any one way is enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Remedy {
    /// All of it as one sentence.
    pub text: String,
    /// What comes before the ways; may be empty.
    pub advice: String,
    /// The ways; none where only words help.
    pub ways: Vec<Way>,
}

/// One way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Way {
    /// All of it in words.
    pub text: String,
    /// What it does.
    pub does: String,
    /// The same setting for different places; one of them is enough.
    pub settings: Vec<Setting>,
    /// What else must be so, or comes of it.
    pub note: Option<String>,
}

/// A line, and where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Setting {
    /// Where it goes: a [`Place::id`].
    pub place: String,
    /// What to type or paste. `FILE`, `USER` and `NAME` stand for one's own.
    pub line: String,
}

impl Remedy {
    pub(crate) fn words(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            advice: text.clone(),
            text,
            ways: Vec::new(),
        }
    }

    /// Words, then one line to type.
    pub(crate) fn line(words: &str, place: Place, line: &str) -> Self {
        let text = format!("{words}: `{line}`");
        Self {
            text: text.clone(),
            advice: String::new(),
            ways: vec![Way {
                text,
                does: words.to_owned(),
                settings: vec![Setting {
                    place: place.id().to_owned(),
                    line: line.to_owned(),
                }],
                note: None,
            }],
        }
    }
}

impl From<limits::Remedy> for Remedy {
    fn from(remedy: limits::Remedy) -> Self {
        Self {
            text: remedy.to_string(),
            advice: remedy.advice,
            ways: remedy.ways.into_iter().map(Way::from).collect(),
        }
    }
}

impl From<limits::Way> for Way {
    fn from(way: limits::Way) -> Self {
        let setting = |setting: limits::Setting| Setting {
            place: setting.place.id().to_owned(),
            line: setting.line.into_owned(),
        };
        Self {
            text: way.to_string(),
            does: way.does.to_owned(),
            settings: way.settings.into_iter().map(setting).collect(),
            note: way.note.map(str::to_owned),
        }
    }
}
