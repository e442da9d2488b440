//! The specification against the live kernel.
