//! What remedies say, for each environment, and what is known of other processes.
#![cfg_attr(
    windows,
    allow(
        dead_code,
        unused_imports,
        reason = "what reads other processes stays out"
    )
)]

use stayput::limits::{
    Budget, Capability, Cause, Environment, MemoryGroup, Place, Privileges, Remedy, Situation,
};
use std::process::{Child, Command, Stdio};

const MIB: u64 = 1 << 20;

/// Over a limit of 64 KiB, without the capability.
fn limited(environment: Environment) -> Situation {
    let mut situation = Situation::current();
    situation.environment = environment;
    situation.budget.soft = Some(65536);
    situation.budget.hard = Some(65536);
    situation.budget.capability = Capability::Absent;
    situation.privileges.user = Some(1000);
    situation.privileges.bounding = Some(true);
    situation.privileges.no_new_privileges = Some(false);
    situation.privileges.initial_user_namespace = Some(true);
    situation
}

fn remedy(situation: &Situation) -> Remedy {
    let cause = Cause::LimitReached {
        held: 1,
        limit: 65536,
        needed: MIB,
    };
    Remedy::new(&cause, situation)
}

/// What to type, with the place it goes to.
fn lines(remedy: &Remedy) -> Vec<(Place, &str)> {
    let settings = remedy.ways.iter().flat_map(|way| &way.settings);
    settings.map(|it| (it.place, it.line.as_ref())).collect()
}

#[test]
fn each_environment_has_its_own_words() {
    // One byte over a mebibyte, in whole KiB.
    let cases: [(Environment, &[(Place, &str)]); 9] = [
        (
            Environment::Shell,
            &[
                (Place::RootCommand, "ulimit -l 1025"),
                (Place::LimitsFile, "USER - memlock 1025"),
                (Place::RootCommand, "setcap cap_ipc_lock=+ep FILE"),
            ],
        ),
        (
            Environment::Systemd,
            &[
                (Place::Unit, "LimitMEMLOCK=1049600"),
                (Place::Unit, "AmbientCapabilities=CAP_IPC_LOCK"),
            ],
        ),
        (
            Environment::Docker,
            &[
                (Place::ContainerOption, "--ulimit memlock=1049600:1049600"),
                (
                    Place::Compose,
                    "ulimits: {memlock: {soft: 1049600, hard: 1049600}}",
                ),
                (Place::RootCommand, "setcap cap_ipc_lock=+ep FILE"),
            ],
        ),
        (
            Environment::Podman,
            &[
                (Place::ContainerOption, "--ulimit memlock=1049600:1049600"),
                (
                    Place::Compose,
                    "ulimits: {memlock: {soft: 1049600, hard: 1049600}}",
                ),
                (Place::ContainerOption, "--cap-add=IPC_LOCK"),
                (Place::Compose, "cap_add: [IPC_LOCK]"),
            ],
        ),
        (
            Environment::Kubernetes,
            &[
                (Place::NodeUnit, "LimitMEMLOCK=infinity"),
                (
                    Place::Pod,
                    "securityContext: {capabilities: {add: [\"IPC_LOCK\"]}}",
                ),
            ],
        ),
        (
            Environment::Lxc,
            &[
                (Place::LxcConfig, "lxc.prlimit.memlock = 1049600"),
                (Place::LxcConfig, "lxc.cap.keep = ipc_lock"),
            ],
        ),
        (
            Environment::Nspawn,
            &[
                (Place::ContainerOption, "--rlimit=RLIMIT_MEMLOCK=1049600"),
                (Place::ContainerOption, "--capability=CAP_IPC_LOCK"),
            ],
        ),
        (
            Environment::FreeBsd,
            &[
                (Place::RootCommand, "ulimit -l 1025"),
                (Place::JailHost, "jail -m name=NAME allow.mlock=1"),
            ],
        ),
        (
            Environment::Windows,
            &[(
                Place::Program,
                "SetProcessWorkingSetSizeEx(GetCurrentProcess(), 1049600, maximum, 0)",
            )],
        ),
    ];
    for (environment, expected) in cases {
        let remedy = remedy(&limited(environment));
        assert_eq!(lines(&remedy), expected, "{environment:?}");
        for (_, line) in expected {
            assert!(remedy.to_string().contains(line), "{remedy}");
        }
    }
}

#[test]
fn a_capability_on_a_file_is_offered_where_it_works() {
    let offered = |situation: &Situation| remedy(situation).to_string().contains("setcap");
    let mut situation = limited(Environment::Shell);
    assert!(offered(&situation));
    assert!(
        remedy(&situation).to_string().contains("LD_PRELOAD"),
        "with its price"
    );
    situation.privileges.bounding = Some(false);
    assert!(!offered(&situation), "exec would be refused");
    situation.privileges.bounding = Some(true);
    situation.privileges.no_new_privileges = Some(true);
    assert!(!offered(&situation), "it would be ignored");
}

#[test]
fn ulimit_is_for_everyone_below_the_hard_limit() {
    let mut situation = limited(Environment::Shell);
    situation.budget.hard = Some(4 * MIB);
    let remedy = remedy(&situation);
    assert_eq!(lines(&remedy)[0], (Place::Command, "ulimit -l 1025"));
}

#[test]
fn a_pod_says_what_its_user_needs() {
    let mut situation = limited(Environment::Kubernetes);
    assert!(remedy(&situation).to_string().contains("setcap"));
    situation.privileges.user = Some(0);
    let text = remedy(&situation).to_string();
    assert!(
        !text.contains("setcap"),
        "root needs the pod's alone: {text}"
    );
    assert!(text.contains("a pod has no field for limits"), "{text}");
}

#[test]
fn a_quota_that_can_not_grow_names_the_right_that_lets_it() {
    let cause = Cause::WorkingSetQuota {
        minimum: 204_800,
        needed: MIB,
    };
    assert!(cause.to_string().contains("204800"), "{cause}");
    let remedy = Remedy::new(&cause, &limited(Environment::Windows));
    let places = [Place::SecurityPolicy, Place::Program];
    assert_eq!(remedy.ways.len(), places.len());
    for ((place, line), expected) in lines(&remedy).into_iter().zip(places) {
        assert_eq!(place, expected, "{line}");
    }
    assert!(remedy.to_string().contains("SeIncreaseWorkingSetPrivilege"));
}

#[test]
fn a_user_namespace_is_no_place_for_the_capability() {
    let mut situation = limited(Environment::Podman);
    situation.privileges.initial_user_namespace = Some(false);
    assert_eq!(remedy(&situation).ways.len(), 1, "nor for granting it");
    let cause = Cause::CapabilityWithoutEffect {
        held: 0,
        limit: 65536,
        needed: MIB,
    };
    let remedy = Remedy::new(&cause, &situation);
    assert_eq!(remedy.ways.len(), 1, "{remedy}");
    assert_eq!(
        lines(&remedy)[0],
        (Place::ContainerOption, "--ulimit memlock=1048576:1048576")
    );
}

/// A process that waits; ended when dropped.
struct Waiting(Child);

impl Waiting {
    fn start(program: &str, args: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(args).args(["cat"]).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("util-linux");
        // `cat` runs once it echoes: the limits are set by then.
        let mut echo = [0];
        std::io::Write::write_all(child.stdin.as_mut().expect("piped"), b"x").expect("open");
        std::io::Read::read_exact(child.stdout.as_mut().expect("piped"), &mut echo)
            .expect("cat echoes");
        Self(child)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let status = self.0.wait().expect("it ends with its input");
        assert!(status.success() || std::thread::panicking(), "{status}");
    }
}

// Not on Windows: /proc tells about other processes.
#[cfg(unix)]
#[test]
fn another_process_has_its_own_situation() {
    let other = Waiting::start("prlimit", &["--memlock=4096:8192"]);
    let situation = Situation::of(other.0.id()).expect("it lives");
    assert_eq!(
        (situation.budget.soft, situation.budget.hard),
        (Some(4096), Some(8192))
    );
    assert_eq!(situation.budget.held, Some(0));
    assert_eq!(situation.privileges, Privileges::current());
    assert_eq!(situation.environment, Environment::current());
    assert_eq!(
        MemoryGroup::of(other.0.id())
            .expect("it lives")
            .map(|group| group.path),
        MemoryGroup::current().map(|group| group.path)
    );
}

// Not on Windows: /proc tells about other processes.
#[cfg(unix)]
#[test]
fn another_process_may_lack_the_capability() {
    const NAME: &str = "another_process_may_lack_the_capability";
    if Budget::current().capability != Capability::Effective {
        eprintln!("SKIPPED {NAME}: needs CAP_IPC_LOCK");
        return;
    }
    let dropped = [
        "--bounding-set=-ipc_lock",
        "--inh-caps=-ipc_lock",
        "--no-new-privs",
    ];
    let other = Waiting::start("setpriv", &dropped);
    let situation = Situation::of(other.0.id()).expect("it lives");
    assert_eq!(situation.budget.capability, Capability::Absent);
    assert_eq!(situation.privileges.bounding, Some(false));
    assert_eq!(situation.privileges.no_new_privileges, Some(true));
}

#[test]
fn no_process_no_situation() {
    // Beyond the largest pid_max.
    let error = Situation::of(1 << 30).expect_err("there is none");
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}
