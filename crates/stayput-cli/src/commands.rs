//! The subcommands, one file each.

pub(crate) mod completions;
pub(crate) mod man;
pub(crate) mod prove;
pub(crate) mod spec;
