//! The mlock family as data.
//!
//! - [`language`]: the kernel's specification language as types.
//! - [`contract`]: `mlock`, `mlock2`, `munlock`, `mlockall` and `munlockall`, clause by clause.
//! - [`model`]: one address space, and what the kernel will do with it.
//! - [`read`] and [`mod@render`]: specifications in their published notations, in and out.
//! - [`diff`]: what two specifications disagree on, and what the kernel refutes.

#![forbid(unsafe_code)]

pub mod contract;
pub mod diff;
pub mod language;
pub mod model;
pub mod read;
pub mod render;

mod outline;
