//! Leak experiments.
