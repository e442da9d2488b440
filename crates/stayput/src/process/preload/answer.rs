//! What the library answers, a line each.

use crate::process::LockReport;
use std::fmt;
use std::str::FromStr;

/// How far the library has come. `Display` gives the line, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// It was loaded and has read its orders.
    Begun,
    /// All is done.
    Done {
        /// Bytes locked (`VmLck`).
        locked: u64,
        /// Bytes that may still be mapped; `None` for no bound, or none known.
        room: Option<u64>,
    },
    /// What to know beside that.
    Warning(String),
    /// It could not be done: the program ends before its `main`.
    Refused(String),
}

impl Answer {
    /// What to say of a lock that was made, if one was ordered.
    #[must_use]
    pub fn to(report: Option<&LockReport>) -> Vec<Self> {
        let plan = report.and_then(LockReport::plan);
        let warnings = report.map_or(&[][..], LockReport::warnings).iter();
        let locked = report.map_or(0, |report| report.status().bytes_locked() as u64);
        warnings
            .map(|warning| Self::Warning(warning.to_string()))
            .chain([Self::Done {
                locked,
                room: plan.and_then(super::super::Plan::room),
            }])
            .collect()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line each, whatever the text.
        let line = |text: &str| text.replace('\n', " ");
        match self {
            Self::Begun => f.write_str("begun"),
            Self::Done { locked, room: None } => write!(f, "done {locked}"),
            Self::Done {
                locked,
                room: Some(room),
            } => write!(f, "done {locked} {room}"),
            Self::Warning(text) => write!(f, "warning {}", line(text)),
            Self::Refused(text) => write!(f, "refused {}", line(text)),
        }
    }
}

impl FromStr for Answer {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let answer = match word {
            "begun" => Some(Self::Begun),
            "done" => done(rest),
            "warning" => Some(Self::Warning(rest.to_owned())),
            "refused" => Some(Self::Refused(rest.to_owned())),
            _ => None,
        };
        answer.ok_or_else(|| {
            format!("expected begun, done BYTES [BYTES], warning or refused, found {line:?}")
        })
    }
}

fn done(rest: &str) -> Option<Answer> {
    let mut sizes = rest.split(' ');
    let locked = sizes.next()?.parse().ok()?;
    let room = sizes.next().map(str::parse).transpose().ok()?;
    Some(Answer::Done { locked, room })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_survive_the_pipe() {
        let done = |room| Answer::Done { locked: 8192, room };
        for answer in [
            Answer::Begun,
            done(None),
            done(Some(4096)),
            Answer::Warning("little room".into()),
            Answer::Refused("no".into()),
        ] {
            assert_eq!(answer.to_string().parse(), Ok(answer));
        }
        assert_eq!(Answer::Refused("a\nb".into()).to_string(), "refused a b");
    }

    #[test]
    fn nonsense_is_refused() {
        for line in ["", "done", "done much", "done 1 x", "hello"] {
            assert!(line.parse::<Answer>().is_err(), "{line:?}");
        }
    }
}
