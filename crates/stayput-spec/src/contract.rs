//! The mlock family's contract: what the kernel does, clause by clause.
//!
//! A [`Clause`] states one fact, where it is written down, since which kernel it holds, how it is
//! known ([`Evidence`]) and what a program sees of it ([`Expect`]). The conformance crate binds a
//! live probe to each clause that is not merely cited; [`clauses`] is what it walks.
//!
//! The five [`SPECS`] say the same in the kernel's own specification language; their errors are
//! made from the clauses, so the two cannot drift apart.

mod clause;
mod expect;
mod lifetime;
mod mapping;
mod mlock;
mod mlock2;
mod mlockall;
mod munlock;
mod munlockall;
mod secretmem;
mod specs;
mod under_limit;

pub use clause::{Call, Clause, Evidence, Part};
pub use expect::{Errno, Expect, Page};
pub use specs::SPECS;

use crate::language::Spec;

/// Every clause, grouped by the call it is named after.
pub fn clauses() -> impl Iterator<Item = &'static Clause> {
    mlock::CLAUSES.into_iter().chain(OTHERS).flatten()
}

/// The clause of that id.
#[must_use]
pub fn clause(id: &str) -> Option<&'static Clause> {
    clauses().find(|clause| clause.id == id)
}

/// The clauses that hold for a call: `mlock2` has its own and those it shares with `mlock`.
pub fn clauses_of(call: Call) -> impl Iterator<Item = &'static Clause> {
    clauses().filter(move |clause| clause.calls.contains(&call))
}

/// The specification of a call, by its name with or without `sys_`.
#[must_use]
pub fn spec(name: &str) -> Option<&'static Spec> {
    SPECS
        .iter()
        .find(|spec| spec.name == name || spec.call_name() == name)
}

const OTHERS: [&[Clause]; 8] = [
    mlock2::CLAUSES,
    munlock::CLAUSES,
    mlockall::CLAUSES,
    munlockall::CLAUSES,
    mapping::CLAUSES,
    under_limit::CLAUSES,
    lifetime::CLAUSES,
    secretmem::CLAUSES,
];
