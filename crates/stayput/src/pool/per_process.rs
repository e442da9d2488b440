//! A value that each process makes for itself.

use crate::region::ForkLocal;
use std::sync::OnceLock;

/// A value for each process that uses it: a fork child makes its own, and never
/// touches its parent's, which may lie in memory that the child does not have.
pub(crate) struct PerProcess<T>(ForkLocal<OnceLock<T>>);

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self(ForkLocal::new())
    }

    /// This process's value, made by `make` if there is none yet; of several that are
    /// made at once, one stays. `None` where the system has no page left for it.
    pub(crate) fn get_or_try_make<E>(
        &self,
        make: impl FnOnce() -> Result<T, E>,
    ) -> Option<Result<&T, E>> {
        let cell = self.0.get_or_make(OnceLock::new)?;
        Some(match cell.get() {
            Some(value) => Ok(value),
            None => make().map(|made| cell.get_or_init(|| made)),
        })
    }
}
