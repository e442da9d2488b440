//! Who may read a process's memory, and what they can't.

use crate::facts::Facts;
use crate::remedy::Remedy;
use crate::trial::{Kind, Trial};
use crate::verdict::Finding;
use stayput::limits::{Environment, Place};

const NOT_DUMPABLE: &str = "prctl(PR_SET_DUMPABLE, 0)";

/// A pipe ignores an `RLIMIT_CORE` of 0 (core(5)).
pub(super) fn core_pattern(facts: &Facts) -> Finding {
    const FILE: &str = "/proc/sys/kernel/core_pattern";
    let pattern = match facts.machine.read(FILE) {
        Ok(pattern) => pattern,
        Err(error) => return super::unreadable(FILE, &error),
    };
    let limit = match facts.of_process("limits") {
        Ok(limits) => soft_core_limit(&limits),
        Err(error) => return super::unreadable("limits", &error),
    };
    let finding = if pattern.starts_with('|') {
        Finding::warn("dumps go to a program, whatever RLIMIT_CORE says").remedy(Remedy::line(
            "stayput's memory is not in them; for the rest, forbid dumps",
            Place::Program,
            NOT_DUMPABLE,
        ))
    } else if limit.as_deref() == Some("0") {
        Finding::pass("no dumps are written: RLIMIT_CORE is 0")
    } else {
        Finding::warn("a crash writes memory to a file").remedy(no_core(facts))
    };
    finding
        .evidence("core_pattern", pattern)
        .evidence("rlimit_core", limit)
}

fn no_core(facts: &Facts) -> Remedy {
    let words = "stayput's memory is not in it; for the rest, write none";
    match facts.situation.environment {
        Environment::Docker | Environment::Podman => {
            Remedy::line(words, Place::ContainerOption, "--ulimit core=0:0")
        }
        Environment::Systemd => Remedy::line(words, Place::Unit, "LimitCORE=0"),
        Environment::Kubernetes => Remedy::line(words, Place::Program, NOT_DUMPABLE),
        _ => Remedy::line(words, Place::Command, "ulimit -c 0"),
    }
}

/// From the line `Max core file size  0  unlimited  bytes`.
fn soft_core_limit(limits: &str) -> Option<String> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max core file size"))?;
    line.split_whitespace().next().map(str::to_owned)
}

pub(super) fn ptrace_scope(facts: &Facts) -> Finding {
    const FILE: &str = "/proc/sys/kernel/yama/ptrace_scope";
    let dumpable = || Remedy::line("forbid it for one program", Place::Program, NOT_DUMPABLE);
    match facts.machine.read(FILE) {
        Ok(scope) => {
            let finding = match scope.as_str() {
                "0" => Finding::warn("any process of the same user may read memory").remedy(
                    Remedy::line(
                        "restrict it for the machine",
                        Place::RootCommand,
                        "sysctl kernel.yama.ptrace_scope=1",
                    ),
                ),
                "1" => Finding::pass("only a parent, and root, may read memory"),
                "2" => Finding::pass("only root may read memory"),
                _ => Finding::pass("nobody may attach"),
            };
            finding.evidence("ptrace_scope", scope)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if facts.machine.read("/proc/sys/kernel/core_pattern").is_err() {
                return super::unreadable(FILE, &error);
            }
            Finding::warn("this kernel has no Yama: any process of the same user may read memory")
                .remedy(dumpable())
                .evidence("ptrace_scope", None::<String>)
        }
        Err(error) => super::unreadable(FILE, &error),
    }
}

pub(super) fn memfd_secret(facts: &Facts) -> Finding {
    let answer = match &facts.calls {
        None => return Finding::skip("can't be tried in another process's place"),
        Some(Trial::Killed(how)) => {
            return Finding::skip(format!("the trial was killed ({how}); see seccomp"));
        }
        Some(Trial::Answered(answer)) => answer,
    };
    let Some(refusal) = &answer.secret else {
        return Finding::pass("works").evidence("errno", None::<i32>);
    };
    let finding = match refusal.kind {
        Kind::Limit => Finding::skip("the limit on locked memory refuses it; see memlock-limit"),
        Kind::Seccomp => Finding::skip("a filter refuses it; see seccomp"),
        Kind::Unsupported => Finding::skip("this system has no such memory"),
        Kind::SecretMemory | Kind::Other => {
            let finding = Finding::warn(refusal.cause.clone());
            match &refusal.remedy {
                Some(remedy) => finding.remedy(remedy.clone()),
                None => finding,
            }
        }
    };
    finding.evidence("errno", refusal.errno)
}
