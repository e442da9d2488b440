//! The mlock family as data.
#![forbid(unsafe_code)]

pub mod model;
