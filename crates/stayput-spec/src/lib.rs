//! The mlock family as data.
