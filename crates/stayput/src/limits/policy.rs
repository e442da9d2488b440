//! What to do where locking is impossible.

/// What to do where memory can't be locked.
///
/// Whatever the policy, memory is wiped, guarded and excluded from dumps as far
/// as the system can; what it could not do stands in the value's
/// [`Protection`](super::Protection).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// Locked, or an error that names the cause.
    #[default]
    Require,
    /// Locked where possible; otherwise handed out unlocked and reported so.
    Prefer,
    /// Not locked at all.
    Off,
}
