//! The kernel's specification language as types.
//!
//! One [`Spec`] holds what one `DEFINE_KERNEL_API_SPEC` block, or one annotated kernel-doc
//! comment, says about one call. Text is kept as written. Enumerations and masks are typed, and
//! a symbol that this crate doesn't know is kept under its own name (`Other`), never dropped.
//!
//! Every type can be built in a constant, which is how [`crate::contract`] writes the mlock family
//! down, and can be owned, which is what [`crate::read`] returns.
//!
//! Source: `include/linux/kernel_api_spec.h` of the kernel API specification series.

mod counts;
mod expr;
mod parts;
mod spec;
mod symbols;

pub use counts::{CountMismatch, Counted, Counts};
pub use expr::Expr;
pub use parts::{
    Capability, Constraint, ErrorCase, Lock, Parameter, Return, SideEffect, Signal, SignalMask,
    Transition,
};
pub use spec::{Spec, Unknown};
pub use symbols::{
    CapabilityAction, CheckType, ConstraintType, Context, Effect, LockScope, LockType, ParamFlag,
    SignalAction, SignalDirection, SignalState, Symbol, Timing, ValueType, mask_value,
};

use std::borrow::Cow;

/// Text of a specification: borrowed in constant data, owned when read.
pub type Text = Cow<'static, str>;

/// A list of a specification: borrowed in constant data, owned when read.
pub type List<T> = Cow<'static, [T]>;

/// Borrowed text, usable in constants.
#[must_use]
pub const fn text(s: &'static str) -> Text {
    Cow::Borrowed(s)
}

/// A borrowed list, usable in constants.
#[must_use]
pub const fn list<T: Clone>(items: &'static [T]) -> List<T> {
    Cow::Borrowed(items)
}
