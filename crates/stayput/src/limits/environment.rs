//! Where a process runs: the remedy differs.

use stayput_sys::process::HAS_PROC;
use std::env;
use std::fs;
use std::io;
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
    /// A container of LXC, LXD or Incus.
    Lxc,
    /// A container of systemd-nspawn.
    Nspawn,
    /// A systemd service.
    Systemd,
    /// FreeBSD, in a jail or not.
    FreeBsd,
    /// Windows.
    Windows,
    /// None of these: a shell, or something else that sets limits.
    Shell,
}

impl Environment {
    /// Looks around: environment variables, marker files, the control group.
    #[must_use]
    pub fn current() -> Self {
        let os = env::consts::OS;
        if !HAS_PROC {
            return Surroundings {
                os,
                ..Surroundings::default()
            }
            .environment();
        }
        let text = |file: &str| fs::read_to_string(file).unwrap_or_default();
        // In a container whose first program is an image's own, the manager's
        // mark is in that program's environment only.
        let first = fs::read("/proc/1/environ").unwrap_or_default();
        let own = env::var("container").ok();
        Surroundings {
            os,
            kubernetes: env::var_os("KUBERNETES_SERVICE_HOST").is_some(),
            manager: own.or_else(|| variable(&first, "container")),
            cgroup: text("/proc/self/cgroup"),
            dockerenv: Path::new("/.dockerenv").exists(),
            containerenv: Path::new("/run/.containerenv").exists(),
        }
        .environment()
    }

    /// Where another process runs, as far as one may look: its variables and its
    /// root directory are for the same user and root.
    ///
    /// # Errors
    /// There is no such process, or no `/proc`.
    pub fn of(pid: u32) -> io::Result<Self> {
        let cgroup = fs::read_to_string(format!("/proc/{pid}/cgroup"))?;
        let variables = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let exists = |file: &str| Path::new(&format!("/proc/{pid}/root{file}")).exists();
        let surroundings = Surroundings {
            os: env::consts::OS,
            kubernetes: variable(&variables, "KUBERNETES_SERVICE_HOST").is_some(),
            manager: variable(&variables, "container"),
            cgroup,
            dockerenv: exists("/.dockerenv"),
            containerenv: exists("/run/.containerenv"),
        };
        Ok(surroundings.environment())
    }
}

/// What gives an environment away.
#[derive(Default)]
struct Surroundings {
    os: &'static str,
    kubernetes: bool,
    /// The `container` variable (systemd's container interface).
    manager: Option<String>,
    cgroup: String,
    dockerenv: bool,
    containerenv: bool,
}

impl Surroundings {
    fn environment(&self) -> Environment {
        let group = |part: &str| self.cgroup.contains(part);
        let manager = |name: &str| self.manager.as_deref() == Some(name);
        if self.kubernetes || group("/kubepods") {
            Environment::Kubernetes
        } else if self.dockerenv || manager("docker") || group("/docker") {
            Environment::Docker
        } else if self.containerenv || manager("podman") || group("/libpod") {
            Environment::Podman
        } else if manager("lxc") || group("/lxc.payload") {
            Environment::Lxc
        } else if manager("systemd-nspawn") {
            Environment::Nspawn
        } else if self.cgroup.lines().any(|line| line.ends_with(".service")) {
            Environment::Systemd
        } else {
            match self.os {
                "freebsd" => Environment::FreeBsd,
                "windows" => Environment::Windows,
                _ => Environment::Shell,
            }
        }
    }
}

/// A variable in the form of `/proc/PID/environ`.
fn variable(environ: &[u8], name: &str) -> Option<String> {
    let mut variables = environ.split(|&byte| byte == 0);
    variables.find_map(|variable| {
        let value = std::str::from_utf8(variable).ok()?.strip_prefix(name)?;
        value.strip_prefix('=').map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_group(cgroup: &str) -> Environment {
        let cgroup = cgroup.to_owned();
        let surroundings = Surroundings {
            cgroup,
            ..Surroundings::default()
        };
        surroundings.environment()
    }

    #[test]
    fn control_groups_give_their_makers_away() {
        for (cgroup, expected) in [
            ("0::/\n", Environment::Shell),
            (
                "0::/user.slice/user-0.slice/session-1.scope\n",
                Environment::Shell,
            ),
            ("0::/system.slice/ssh.service\n", Environment::Systemd),
            ("0::/system.slice/docker-0123.scope\n", Environment::Docker),
            ("4:memory:/docker/0123\n0::/\n", Environment::Docker),
            ("0::/machine.slice/libpod-0123.scope\n", Environment::Podman),
            (
                "0::/kubepods.slice/kubepods-besteffort.slice/x.scope\n",
                Environment::Kubernetes,
            ),
            (
                "0::/lxc.payload.web/system.slice/x.service\n",
                Environment::Lxc,
            ),
        ] {
            assert_eq!(in_group(cgroup), expected, "{cgroup}");
        }
    }

    #[test]
    fn marks_come_before_groups() {
        let inside = Surroundings {
            cgroup: "0::/init.service\n".into(),
            manager: Some("systemd-nspawn".into()),
            ..Surroundings::default()
        };
        assert_eq!(inside.environment(), Environment::Nspawn);
        let pod = Surroundings {
            kubernetes: true,
            containerenv: true,
            ..Surroundings::default()
        };
        assert_eq!(pod.environment(), Environment::Kubernetes);
    }

    #[test]
    fn variables_are_found_by_their_whole_name() {
        let environ = b"PATH=/bin\0containers=3\0container=lxc\0\xff=1\0";
        assert_eq!(variable(environ, "container").as_deref(), Some("lxc"));
        assert_eq!(variable(environ, "HOME"), None);
    }
}
