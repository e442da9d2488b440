//! Events, where the `tracing` feature is on; nothing otherwise.

/// An event at `trace`, `warn` or `error` level; the arguments are `tracing`'s.
/// Without the feature they are type-checked and dropped.
macro_rules! event {
    ($level:ident, $($field:ident = $value:expr,)* $message:literal) => {{
        #[cfg(feature = "tracing")]
        tracing::$level!($($field = ?$value,)* $message);
        #[cfg(not(feature = "tracing"))]
        { $(let _ = &$value;)* }
    }};
}

pub(crate) use event;
