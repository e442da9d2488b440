//! What a check came to: a verdict for each clause, and the random run.

use crate::random::Report;
use stayput_spec::model::Rules;

/// The verdict on one clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// The kernel does what the clause says.
    Confirmed,
    /// The kernel does something else.
    Refuted,
    /// It could not be looked at here, for this reason.
    Skipped(String),
    /// Nothing to observe: known from the source, for this reason.
    Cited(String),
    /// The probe did not get as far as the question, for this reason.
    Broken(String),
}

impl Status {
    /// One word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Refuted => "refuted",
            Self::Skipped(_) => "skipped",
            Self::Cited(_) => "cited",
            Self::Broken(_) => "broken",
        }
    }
}

/// One clause and what was seen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseVerdict {
    /// The clause's id.
    pub id: String,
    /// `observed`, `traced` or `cited`.
    pub evidence: &'static str,
    /// The verdict.
    pub status: Status,
    /// What the clause says will be seen, in order.
    pub expected: Vec<String>,
    /// What was seen, in order.
    pub seen: Vec<String>,
}

impl ClauseVerdict {
    /// The verdict on what was seen, were the clause to say this.
    #[must_use]
    pub fn against(self, expected: Vec<String>) -> Self {
        let status = if self.seen == expected {
            Status::Confirmed
        } else {
            Status::Refuted
        };
        Self {
            status,
            expected,
            ..self
        }
    }
}

/// A whole check.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// `uname -r`.
    pub kernel: String,
    /// The facts that hold on this kernel, where kernels differ as measured.
    pub rules: Rules,
    /// In the order of the contract.
    pub clauses: Vec<ClauseVerdict>,
    /// The random run, if there was one.
    pub random: Option<Report>,
}

impl Verdict {
    /// How many clauses are observed, traced and cited.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, usize); 3] {
        ["observed", "traced", "cited"].map(|evidence| {
            let of_kind = |clause: &&ClauseVerdict| clause.evidence == evidence;
            (evidence, self.clauses.iter().filter(of_kind).count())
        })
    }

    /// No clause is refuted, no probe broke and no sequence differs.
    #[must_use]
    pub fn agrees(&self) -> bool {
        let bad =
            |clause: &ClauseVerdict| matches!(clause.status, Status::Refuted | Status::Broken(_));
        !self.clauses.iter().any(bad) && self.random.as_ref().is_none_or(Report::agrees)
    }
}
