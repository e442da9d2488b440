//! What is wrong with a part of a specification, and what the kernel does instead.

use crate::contract::Clause;
use std::fmt;

/// One point on which a specification and the kernel are not at one.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The part of the specification, such as `Parameters, len`.
    pub place: String,
    /// What is wrong with it.
    pub verdict: Verdict,
    /// What the kernel does instead; `None` where no clause of the contract has anything like it.
    pub clause: Option<&'static Clause>,
}

/// What is wrong with a part of a specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It says what the kernel doesn't do.
    Refuted {
        /// What it says.
        says: String,
    },
    /// It doesn't say what the kernel does, or not in these words.
    Silent {
        /// What should be there.
        about: &'static str,
        /// The words of which one or another would have been enough.
        looked_for: String,
    },
}

impl Verdict {
    /// `refuted` or `silent`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Refuted { .. } => "refuted",
            Self::Silent { .. } => "silent",
        }
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.verdict.name(), self.place)?;
        match &self.verdict {
            Verdict::Refuted { says } => write!(f, "\n- {says}")?,
            Verdict::Silent { about, looked_for } => {
                write!(
                    f,
                    "\n  says nothing of this: {about} (looked for {looked_for})"
                )?;
            }
        }
        match self.clause {
            Some(clause) => write!(
                f,
                "\n+ {}\n  {}, {}, since {}",
                clause.text,
                clause.id,
                clause.evidence.name(),
                clause.since
            ),
            None => f.write_str("\n+ The contract has no clause of this kind for the call"),
        }
    }
}
