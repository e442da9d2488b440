//! `mlock`, and what `mlock2` shares with it: after its flags both run the kernel's `do_mlock`. In
//! the scenarios `mlock2` is called with flags 0 where nothing else is said.

pub(super) mod effects;
pub(super) mod errors;
mod terms;

use super::Clause;

pub(super) const CLAUSES: [&[Clause]; 3] = [terms::CLAUSES, errors::CLAUSES, effects::CLAUSES];
