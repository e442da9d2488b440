//! Where this process runs: the remedy differs.

use std::env;
use std::fs;
use std::path::Path;

/// The surroundings that decide how a limit is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// A pod of Kubernetes.
    Kubernetes,
    /// A Docker container (Compose included).
    Docker,
    /// A Podman container.
    Podman,
    /// A systemd service.
    Systemd,
    /// None of these: a shell, or something else that sets limits.
    Shell,
}

impl Environment {
    /// Looks around: environment variables, marker files, the control group.
    #[must_use]
    pub fn current() -> Self {
        let cgroup = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        if env::var_os("KUBERNETES_SERVICE_HOST").is_some() || cgroup.contains("/kubepods") {
            Self::Kubernetes
        } else if Path::new("/.dockerenv").exists() || cgroup.contains("/docker") {
            Self::Docker
        } else if Path::new("/run/.containerenv").exists() || cgroup.contains("/libpod") {
            Self::Podman
        } else if cgroup.lines().any(|line| line.ends_with(".service")) {
            Self::Systemd
        } else {
            Self::Shell
        }
    }
}
