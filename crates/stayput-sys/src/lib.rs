//! Raw locked-memory calls.
