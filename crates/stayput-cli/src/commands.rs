//! The subcommands, one file each.

pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod prove;
pub(crate) mod run;
pub(crate) mod spec;
