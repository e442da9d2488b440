//! Platforms without a backend of their own: everything is unsupported.

pub(crate) use super::unsupported::*;
