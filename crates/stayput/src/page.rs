//! Whole locked pages.

pub(crate) mod hardening;
