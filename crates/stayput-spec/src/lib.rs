//! The mlock family as data.
//!
//! - [`language`]: the kernel's specification language as types.
//! - [`contract`]: `mlock`, `mlock2`, `munlock`, `mlockall` and `munlockall`, clause by clause.

#![forbid(unsafe_code)]

pub mod contract;
pub mod language;
pub mod read;
pub mod render;
