//! What two specifications disagree on, and what of a specification the kernel refutes.
//!
//! [`specifications`] compares clause by clause: fields that both fill in with other words, and
//! what only one of them has.
//!
//! [`against_kernel`] holds a specification of a call of the mlock family against
//! [`crate::contract`], whose clauses the conformance crate observes on a live kernel. What a
//! field says outright (a range, a mask, an error number) is compared as a value. Prose is judged
//! by its words: [`Verdict::Silent`] says which words were looked for, so that a reader can see
//! for himself whether the text says it in others.

mod judgement;
mod kernel;
mod place;
mod rules;
mod specifications;
mod topics;

pub use judgement::{Judgement, Verdict};
pub use kernel::against_kernel;
pub use specifications::{Change, Difference, specifications};
