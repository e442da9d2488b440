//! Linux: processes, capabilities, tracing and timers for `crate::raw`.

