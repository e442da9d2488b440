//! What to lock, and what a refusal means.

use stayput_sys::lock::{MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT};

/// What [`lock_with_config`](super::lock_with_config) locks.
///
/// ```
/// use stayput::process::MlockConfig;
///
/// const WHEN_POSSIBLE: MlockConfig = MlockConfig::builder().required(false).build();
/// assert!(WHEN_POSSIBLE.current() && WHEN_POSSIBLE.future() && !WHEN_POSSIBLE.onfault());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MlockConfig {
    current: bool,
    future: bool,
    required: bool,
    onfault: bool,
}

impl MlockConfig {
    /// A builder that starts from the defaults.
    #[must_use]
    pub const fn builder() -> MlockConfigBuilder {
        MlockConfigBuilder::new()
    }

    /// Whether present mappings are locked (`MCL_CURRENT`).
    #[must_use]
    pub const fn current(&self) -> bool {
        self.current
    }

    /// Whether later mappings are locked (`MCL_FUTURE`).
    #[must_use]
    pub const fn future(&self) -> bool {
        self.future
    }

    /// Whether a refusal is an error.
    #[must_use]
    pub const fn required(&self) -> bool {
        self.required
    }

    /// Whether pages are locked as they are touched (`MCL_ONFAULT`).
    #[must_use]
    pub const fn onfault(&self) -> bool {
        self.onfault
    }

    /// The kernel's flags.
    pub(super) const fn flags(self) -> u32 {
        (if self.current { MCL_CURRENT } else { 0 })
            | (if self.future { MCL_FUTURE } else { 0 })
            | (if self.onfault { MCL_ONFAULT } else { 0 })
    }
}

impl Default for MlockConfig {
    /// Present and future memory, at once, required.
    fn default() -> Self {
        Self::builder().build()
    }
}

/// Builds an [`MlockConfig`].
#[derive(Clone, Copy, Debug)]
pub struct MlockConfigBuilder {
    config: MlockConfig,
}

impl MlockConfigBuilder {
    /// Starts from the defaults: current, future and required, not onfault.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            config: MlockConfig {
                current: true,
                future: true,
                required: true,
                onfault: false,
            },
        }
    }

    /// Lock present mappings (`MCL_CURRENT`); true by default.
    #[must_use]
    pub const fn current(mut self, value: bool) -> Self {
        self.config.current = value;
        self
    }

    /// Lock mappings made from now on (`MCL_FUTURE`); true by default.
    #[must_use]
    pub const fn future(mut self, value: bool) -> Self {
        self.config.future = value;
        self
    }

    /// Make a refusal an error; true by default.
    #[must_use]
    pub const fn required(mut self, value: bool) -> Self {
        self.config.required = value;
        self
    }

    /// Lock pages as they are touched instead of bringing all in now
    /// (`MCL_ONFAULT`, Linux 4.4); false by default.
    #[must_use]
    pub const fn onfault(mut self, value: bool) -> Self {
        self.config.onfault = value;
        self
    }

    /// The configuration.
    #[must_use]
    pub const fn build(self) -> MlockConfig {
        self.config
    }
}

impl Default for MlockConfigBuilder {
    fn default() -> Self {
        Self::new()
    }
}
