//! Settings for service managers and container engines, ready to paste.
//!
//! They grant what the published snippets of the field grant: the capability, and
//! no limit. With a size they grant that much and no capability, which would lift
//! the limit again; a pod has no field for limits, so there the capability stays.

use serde::Serialize;

/// Who reads the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// systemd: a drop-in for a service.
    Systemd,
    /// Docker or Podman: a command line.
    Docker,
    /// Compose: a file.
    Compose,
    /// Kubernetes: a pod.
    Kubernetes,
}

/// The settings with comments, for `bytes` of locked memory or, without them, for
/// any amount.
///
/// `your-image` and `daemon` stand for one's own.
#[must_use]
pub fn config(target: Target, bytes: Option<u64>) -> String {
    match (target, bytes) {
        (Target::Systemd, None) => SYSTEMD.to_owned(),
        (Target::Systemd, Some(bytes)) => systemd(bytes),
        (Target::Docker, None) => DOCKER.to_owned(),
        (Target::Docker, Some(bytes)) => docker(bytes),
        (Target::Compose, None) => compose(COMPOSE_CAPABILITY, "-1"),
        (Target::Compose, Some(bytes)) => compose(COMPOSE_LIMIT, &bytes.to_string()),
        (Target::Kubernetes, None) => kubernetes(""),
        (Target::Kubernetes, Some(bytes)) => kubernetes(&kubernetes_memory(bytes)),
    }
}

const SYSTEMD: &str = "\
# /etc/systemd/system/daemon.service.d/memlock.conf, then: systemctl daemon-reload
[Service]
# Takes all other capabilities away, from root too: add those the service needs.
CapabilityBoundingSet=CAP_IPC_LOCK
# Effective whatever User= says; the bounding set alone would give nothing.
AmbientCapabilities=CAP_IPC_LOCK
# For what the service starts without the capability.
LimitMEMLOCK=infinity
";

fn systemd(bytes: u64) -> String {
    format!(
        "\
# /etc/systemd/system/daemon.service.d/memlock.conf, then: systemctl daemon-reload
[Service]
# No AmbientCapabilities=CAP_IPC_LOCK: it would lift this limit. Root would have it
# anyway, so it is taken away.
CapabilityBoundingSet=~CAP_IPC_LOCK
LimitMEMLOCK={bytes}
"
    )
}

const DOCKER: &str = "\
# The capability serves root. Docker gives it to other users only through the
# program's file (setcap cap_ipc_lock=+ep FILE when the image is built), Podman at
# once; the limit serves everybody.
docker run --cap-add=IPC_LOCK --ulimit memlock=-1:-1 your-image
";

fn docker(bytes: u64) -> String {
    format!(
        "\
# No --cap-add=IPC_LOCK: it would lift this limit.
docker run --ulimit memlock={bytes}:{bytes} your-image
"
    )
}

const COMPOSE_CAPABILITY: &str = "    \
    # The capability serves root; other users get it from the program's file only
    # (setcap cap_ipc_lock=+ep FILE when the image is built). The limit serves all.
    cap_add:
      - IPC_LOCK
";

const COMPOSE_LIMIT: &str = "    \
    # No cap_add: IPC_LOCK would lift this limit.
";

fn compose(capability: &str, limit: &str) -> String {
    format!(
        "\
services:
  daemon:
    # Compose asks for one.
    image: your-image
{capability}    ulimits:
      memlock:
        soft: {limit}
        hard: {limit}
"
    )
}

fn kubernetes(resources: &str) -> String {
    format!(
        "\
apiVersion: v1
kind: Pod
metadata:
  # Kubernetes asks for one.
  name: daemon
spec:
  containers:
  - name: daemon
    image: your-image
    securityContext:
      # Serves root. Another user (runAsUser) gets it from the program's file only:
      # setcap cap_ipc_lock=+ep FILE when the image is built, and no
      # allowPrivilegeEscalation: false here, which would switch that off.
      capabilities:
        add: [\"IPC_LOCK\"]
{resources}"
    )
}

fn kubernetes_memory(bytes: u64) -> String {
    format!(
        "    \
    # A pod has no field for this limit, and the capability lifts it. What is locked
    # can't be taken back, so have the scheduler set it aside; a limits.memory has to
    # be higher, past it the kernel kills.
    resources:
      requests:
        memory: \"{bytes}\"
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that are no comments.
    fn settings(target: Target, bytes: Option<u64>) -> Vec<String> {
        let text = config(target, bytes);
        let lines = text.lines().filter(|line| !line.trim().starts_with('#'));
        lines.map(str::to_owned).collect()
    }

    #[test]
    fn without_a_size_they_are_the_published_settings() {
        let systemd = [
            "[Service]",
            "CapabilityBoundingSet=CAP_IPC_LOCK",
            "AmbientCapabilities=CAP_IPC_LOCK",
            "LimitMEMLOCK=infinity",
        ];
        assert_eq!(settings(Target::Systemd, None), systemd);
        let docker = ["docker run --cap-add=IPC_LOCK --ulimit memlock=-1:-1 your-image"];
        assert_eq!(settings(Target::Docker, None), docker);
        let compose = [
            "services:",
            "  daemon:",
            "    image: your-image",
            "    cap_add:",
            "      - IPC_LOCK",
            "    ulimits:",
            "      memlock:",
            "        soft: -1",
            "        hard: -1",
        ];
        assert_eq!(settings(Target::Compose, None), compose);
        let kubernetes = [
            "apiVersion: v1",
            "kind: Pod",
            "metadata:",
            "  name: daemon",
            "spec:",
            "  containers:",
            "  - name: daemon",
            "    image: your-image",
            "    securityContext:",
            "      capabilities:",
            "        add: [\"IPC_LOCK\"]",
        ];
        assert_eq!(settings(Target::Kubernetes, None), kubernetes);
    }

    #[test]
    fn a_size_is_not_lifted_by_the_capability() {
        for target in [Target::Systemd, Target::Docker, Target::Compose] {
            let settings = settings(target, Some(65536)).join("\n");
            assert!(settings.contains("65536"), "{settings}");
            let granted = settings.replace("CapabilityBoundingSet=~CAP_IPC_LOCK", "");
            assert!(!granted.contains("IPC_LOCK"), "{settings}");
        }
        let pod = settings(Target::Kubernetes, Some(65536)).join("\n");
        assert!(
            pod.contains("memory: \"65536\"") && pod.contains("IPC_LOCK"),
            "{pod}"
        );
    }
}
