//! What a reader has to say about a text.

use crate::language::CountMismatch;
use std::fmt;
use std::path::Path;

/// Something worth saying, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The line, from 1.
    pub line: u32,
    /// The macro, initialiser or annotation.
    pub name: String,
    /// The specification and the part of it.
    pub within: String,
    /// What there is to say.
    pub kind: FindingKind,
}

/// What there is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// It isn't known; it was kept.
    Unknown,
    /// The macro is known, this symbol in it isn't; it was kept.
    UnknownSymbol(String),
    /// It was given before; C keeps this one, and the earlier one was kept as unknown.
    Repeated,
    /// It doesn't have the form it must have; it was kept as unknown.
    Malformed {
        /// What is wrong.
        found: String,
        /// What would be right.
        expected: String,
    },
    /// A number in the source is not the position it stands at.
    Index {
        /// The number given.
        given: String,
        /// The position.
        position: usize,
    },
    /// A declared count is not true.
    Count(CountMismatch),
}

impl Finding {
    /// Whether the specification is wrong, as opposed to saying more than this crate knows.
    #[must_use]
    pub const fn is_error(&self) -> bool {
        matches!(
            self.kind,
            FindingKind::Malformed { .. } | FindingKind::Index { .. } | FindingKind::Count(_)
        )
    }

    /// `path:line: macro: message`, as compilers write it.
    #[must_use]
    pub const fn in_file<'a>(&'a self, path: &'a Path) -> InFile<'a> {
        InFile {
            path,
            finding: self,
        }
    }

    /// What there is to say, in one line, without the place.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { name, within, .. } = self;
        let space = if within.is_empty() { "" } else { " in " };
        let message = format!("{name}{space}{within}: {}", self.kind);
        message.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message())
    }
}

/// A finding in a file, as compilers write it: `path:line: message`.
pub struct InFile<'a> {
    path: &'a Path,
    finding: &'a Finding,
}

impl fmt::Display for InFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, finding } = self;
        let (path, line) = (path.display(), finding.line);
        write!(f, "{path}:{line}: {}", finding.message())
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("not known, kept as it is"),
            Self::UnknownSymbol(symbol) => {
                write!(f, "the symbol {symbol} is not known, kept as it is")
            }
            Self::Repeated => {
                f.write_str("given before; this one counts, the earlier one is kept as unknown")
            }
            Self::Malformed { found, expected } => {
                write!(f, "{found}; expected {expected}; kept as it is")
            }
            Self::Index { given, position } => {
                write!(f, "its index is {given}, but its position is {position}")
            }
            Self::Count(mismatch) => {
                let (declared, actual) = (mismatch.declared, mismatch.actual);
                write!(f, "declares {declared}, but there are {actual}")
            }
        }
    }
}
