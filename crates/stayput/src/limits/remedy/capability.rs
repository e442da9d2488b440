//! Granting the capability.

use super::{Place, Way};
use crate::limits::environment::Environment;
use crate::limits::situation::Situation;

const GRANT: &str = "grant CAP_IPC_LOCK";
const SETCAP: &str = "setcap cap_ipc_lock=+ep FILE";

/// The way to the capability, where there is one.
pub(super) fn way(situation: &Situation) -> Option<Way> {
    let privileges = situation.privileges;
    if privileges.initial_user_namespace == Some(false) {
        return None;
    }
    match situation.environment {
        Environment::Shell => privileges.file_capabilities_work().then(|| {
            Way::new(GRANT, Place::RootCommand, SETCAP)
                .note("a program whose file has capabilities ignores LD_PRELOAD")
        }),
        Environment::Systemd => Some(
            Way::new(GRANT, Place::Unit, "AmbientCapabilities=CAP_IPC_LOCK")
                .note("a CapabilityBoundingSet= in the unit must list it too"),
        ),
        Environment::Docker => Some(docker(situation)),
        // Podman hands added capabilities to users other than root as ambient.
        Environment::Podman => Some(container()),
        Environment::Kubernetes => Some(kubernetes(situation)),
        Environment::Lxc => Some(
            Way::new(GRANT, Place::LxcConfig, "lxc.cap.keep = ipc_lock")
                .note("privileged containers only, beside the others they need"),
        ),
        Environment::Nspawn => Some(Way::new(
            GRANT,
            Place::ContainerOption,
            "--capability=CAP_IPC_LOCK",
        )),
        Environment::FreeBsd | Environment::Windows => None,
    }
}

fn container() -> Way {
    Way::new(GRANT, Place::ContainerOption, "--cap-add=IPC_LOCK")
        .or(Place::Compose, "cap_add: [IPC_LOCK]")
}

fn docker(situation: &Situation) -> Way {
    if situation.privileges.is_root() {
        container()
    } else if situation.privileges.bounding == Some(true) {
        Way::new(GRANT, Place::RootCommand, SETCAP).note(
            "when the image is built: the container has the capability, but a user other than \
             root gets it from the program's file only",
        )
    } else {
        container().note(
            "a user other than root needs it on the program's file as well, when the image is \
             built: `setcap cap_ipc_lock=+ep FILE`",
        )
    }
}

fn kubernetes(situation: &Situation) -> Way {
    let line = "securityContext: {capabilities: {add: [\"IPC_LOCK\"]}}";
    let way = Way::new(GRANT, Place::Pod, line);
    if situation.privileges.is_root() {
        way
    } else {
        way.note(
            "gives nothing to a user other than root unless the program's file carries it too: \
             `setcap cap_ipc_lock=+ep FILE` when the image is built, and \
             allowPrivilegeEscalation not false",
        )
    }
}
