//! One clause of the contract.

use super::{Errno, Expect};
use crate::language::{ErrorCase, Expr, text};
use std::fmt;

/// One fact about what the kernel does.
#[derive(Clone, Debug)]
pub struct Clause {
    /// Its stable name: the call it is first stated for, the part, the point.
    pub id: &'static str,
    /// The calls it holds for.
    pub calls: &'static [Call],
    /// The part of a specification it belongs to.
    pub part: Part,
    /// The condition, in a few words.
    pub title: &'static str,
    /// What the kernel does.
    pub text: &'static str,
    /// The arrangement in which a probe sees it, step by step; empty for cited clauses. `P` is the
    /// page size; memory is private and anonymous, readable and writable, and nothing is locked,
    /// unless it says otherwise; *unprivileged* means without `CAP_IPC_LOCK`, *privileged* with it.
    pub scenario: &'static str,
    /// What the probe observes, in that order; empty for cited clauses.
    pub expect: &'static [Expect],
    /// How it is known.
    pub evidence: Evidence,
    /// The kernel version it holds since.
    pub since: &'static str,
    /// Where it is written: man page and section, or kernel file and function.
    pub source: &'static str,
    /// Ids of the clauses whose errors this one's error comes before.
    pub precedes: &'static [&'static str],
}

impl Clause {
    /// The error number the clause is about; `None` if it isn't about one.
    #[must_use]
    pub const fn errno(&self) -> Option<Errno> {
        match self.part {
            Part::Error(errno) => Some(errno),
            _ => None,
        }
    }

    /// The clause as an error of the specification language.
    ///
    /// # Panics
    /// If the clause isn't about an error; in constants, where this is used, at compile time.
    #[must_use]
    pub(super) const fn as_error(&self) -> ErrorCase {
        let Part::Error(errno) = self.part else {
            panic!("only an error clause is an error")
        };
        ErrorCase {
            number: Expr::new(errno.negated()),
            symbol: text(errno.symbol()),
            condition: text(self.title),
            description: text(self.text),
        }
    }
}

/// How a clause is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// By calls, smaps, mincore and the like, on any machine with the privilege it needs.
    Observed,
    /// By this tracepoint, in a virtual machine.
    Traced(&'static str),
    /// From the source alone, for this reason.
    Cited(&'static str),
}

impl Evidence {
    /// `observed`, `traced` or `cited`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Traced(_) => "traced",
            Self::Cited(_) => "cited",
        }
    }
}

/// The part of a specification a clause belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// Where it may be called from.
    Context,
    /// A parameter.
    Parameter,
    /// The value returned.
    Return,
    /// An error.
    Error(Errno),
    /// Which error comes first.
    Precedence,
    /// A signal.
    Signal,
    /// A side effect.
    Effect,
    /// A kernel lock.
    Lock,
    /// A capability.
    Capability,
}

/// The calls the contract speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Call {
    /// `mlock(2)`.
    Mlock,
    /// `mlock2(2)`.
    Mlock2,
    /// `munlock(2)`.
    Munlock,
    /// `mlockall(2)`.
    Mlockall,
    /// `munlockall(2)`.
    Munlockall,
    /// `mmap(2)`.
    Mmap,
    /// `munmap(2)`.
    Munmap,
    /// `mprotect(2)`.
    Mprotect,
    /// `mremap(2)`.
    Mremap,
    /// `brk(2)`.
    Brk,
    /// `madvise(2)`.
    Madvise,
    /// `msync(2)`.
    Msync,
    /// `ftruncate(2)`.
    Ftruncate,
    /// `fork(2)`, and `clone(2)` that makes a thread.
    Fork,
    /// `execve(2)`.
    Execve,
    /// `memfd_secret(2)`.
    MemfdSecret,
}

impl Call {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mlock => "mlock",
            Self::Mlock2 => "mlock2",
            Self::Munlock => "munlock",
            Self::Mlockall => "mlockall",
            Self::Munlockall => "munlockall",
            Self::Mmap => "mmap",
            Self::Munmap => "munmap",
            Self::Mprotect => "mprotect",
            Self::Mremap => "mremap",
            Self::Brk => "brk",
            Self::Madvise => "madvise",
            Self::Msync => "msync",
            Self::Ftruncate => "ftruncate",
            Self::Fork => "fork",
            Self::Execve => "execve",
            Self::MemfdSecret => "memfd_secret",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
