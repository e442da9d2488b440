//! Reading published specifications into [`Spec`]s.
//!
//! Both notations are read: the C macros (`DEFINE_KERNEL_API_SPEC(…)`) and the annotated
//! kernel-doc comments that replaced them, in each form they were posted in. The text around them
//! may be plain C, a diff whose lines start with `+`, or a mail or web page with that diff in it.
//!
//! Nothing is lost silently: what a specification says and this crate doesn't know is kept in
//! [`Spec::unknown`] and reported as a [`Finding`], which names the line and the macro.
//!
//! ```
//! use stayput_spec::read;
//!
//! let patch = "+DEFINE_KERNEL_API_SPEC(sys_x)\n+\tKAPI_MOOD(\"grim\")\n+KAPI_END_SPEC;\n";
//! let reading = read::text(patch);
//! assert_eq!(&*reading.specs[0].spec.unknown[0].name, "KAPI_MOOD");
//! assert_eq!(
//!     reading.findings[0].in_file("mm/x.c".as_ref()).to_string(),
//!     "mm/x.c:2: KAPI_MOOD in sys_x: not known, kept as it is"
//! );
//! ```

mod finding;
mod kernel_doc;
mod macros;
mod source;
mod tree;

pub use finding::{Finding, FindingKind, InFile};
pub(crate) use macros::quote;
pub use tree::{FileReading, TreeError, path};

use crate::language::Spec;
use source::Source;
use std::fmt;

/// What was read from one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The specifications, in the order of the text.
    pub specs: Vec<ReadSpec>,
    /// Everything worth saying about them, in the order of the text.
    pub findings: Vec<Finding>,
}

impl Reading {
    /// The findings that make a specification wrong, as opposed to merely unusual.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_error())
    }

    /// The specification of a call, by its name with or without `sys_`.
    #[must_use]
    pub fn spec(&self, name: &str) -> Option<&Spec> {
        self.specs
            .iter()
            .map(|read| &read.spec)
            .find(|spec| spec.name == name || spec.call_name() == name)
    }
}

/// A specification and where it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadSpec {
    /// The specification.
    pub spec: Spec,
    /// How it was written.
    pub notation: Notation,
    /// The line it starts on, from 1.
    pub line: u32,
}

/// How a specification was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notation {
    /// `DEFINE_KERNEL_API_SPEC(…)` and `KAPI_…` macros.
    Macros,
    /// An annotated kernel-doc comment.
    KernelDoc,
}

impl fmt::Display for Notation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Macros => "macros",
            Self::KernelDoc => "kernel-doc",
        })
    }
}

/// Reads every specification in a text. Any text is accepted; one without a specification gives
/// an empty reading.
#[must_use]
pub fn text(text: &str) -> Reading {
    let source = Source::new(text);
    let mut reading = Reading::default();
    macros::read(&source, &mut reading);
    kernel_doc::read(&source, &mut reading);
    for read in &reading.specs {
        for mismatch in read.spec.count_mismatches() {
            reading.findings.push(Finding {
                line: read.line,
                name: match read.notation {
                    Notation::Macros => mismatch.what.macro_name(),
                    Notation::KernelDoc => mismatch.what.annotation(),
                }
                .to_owned(),
                within: read.spec.name.to_string(),
                kind: FindingKind::Count(mismatch),
            });
        }
    }
    reading.specs.sort_by_key(|read| read.line);
    reading.findings.sort_by_key(|finding| finding.line);
    reading
}
