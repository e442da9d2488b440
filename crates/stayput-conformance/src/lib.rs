//! The specification against the live kernel.
#![forbid(unsafe_code)]
