//! The specification against the live kernel.
//!
//! [`check::check`] gives a verdict on each clause of the contract: a live probe
//! named after it looks at what the clause says will be seen. Clauses that only
//! the source tells of are listed as cited, with the reason.
//!
//! [`random::run`] drives random sequences of the model's operations at the
//! kernel and compares after every step: result and errno, `VmLck`, `total_vm`,
//! the lock flags of every page (smaps `VmFlags`), and residency (`mincore`). A
//! mismatch is shrunk to the shortest sequence that still shows it. Everything
//! follows from a seed.
//!
//! The work happens in children that execute the same program again: whoever
//! calls either must call [`child::dispatch`] first thing in `main`.

#![forbid(unsafe_code)]

pub mod check;
pub mod child;
pub mod random;

mod clauses;
mod compare;
mod configuration;
mod generate;
mod kernel;
mod observe;
mod privilege;
mod probe;
mod release;
mod render;
mod sequence;
mod shrink;
mod splitmix;
mod step;
mod sweeper;
mod tally;
mod task;
mod variants;
mod verdict;
mod warden;

pub use configuration::Configuration;
pub use render::Format;
pub use tally::Tally;
pub use verdict::{ClauseVerdict, Status, Verdict};
