//! Who may read a process's memory, and what they can't.

use crate::facts::Facts;
use crate::remedy::Remedy;
use crate::trial::{Kind, Trial};
use crate::verdict::Finding;
use stayput::limits::{Environment, Place};
use std::io;

const NOT_DUMPABLE: &str = "prctl(PR_SET_DUMPABLE, 0)";

/// A pipe and a socket ignore an `RLIMIT_CORE` of 0 (core(5); `@` since Linux 6.16).
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
    let uses_pid = || facts.machine.read("/proc/sys/kernel/core_uses_pid");
    let finding = match pattern.chars().next() {
        Some('|') => whatever_the_limit("a program"),
        Some('@') => whatever_the_limit("a socket"),
        None if uses_pid().is_ok_and(|uses| uses == "0") => {
            Finding::pass("no dumps are written: core_pattern is empty")
        }
        _ if limit.as_deref() == Some("0") => {
            Finding::pass("no dumps are written: RLIMIT_CORE is 0")
        }
        _ => Finding::warn("a crash writes memory to a file").remedy(no_core(facts)),
    };
    finding
        .evidence("core_pattern", pattern)
        .evidence("rlimit_core", limit)
}

fn whatever_the_limit(reader: &str) -> Finding {
    let text = format!("dumps go to {reader}, whatever RLIMIT_CORE says");
    Finding::warn(text).remedy(Remedy::line(
        "stayput's memory is not in them; for the rest, forbid dumps (`stayput run --no-dump`, \
         or in the program)",
        Place::Program,
        NOT_DUMPABLE,
    ))
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
    match facts.machine.read(FILE) {
        Ok(scope) => judge_scope(&scope).evidence("ptrace_scope", scope),
        Err(error) if error.kind() == io::ErrorKind::NotFound && facts.machine.has_sysctls() => {
            Finding::warn("this kernel has no Yama: any process of the same user may read memory")
                .remedy(Remedy::line(
                    "forbid it for one program (`stayput run --no-dump`, or in the program)",
                    Place::Program,
                    NOT_DUMPABLE,
                ))
                .evidence("ptrace_scope", None::<String>)
        }
        Err(error) => super::unreadable(FILE, &error),
    }
}

/// The values of Documentation/admin-guide/LSM/Yama.rst.
fn judge_scope(scope: &str) -> Finding {
    match scope {
        "0" => Finding::warn("any process of the same user may read memory").remedy(Remedy::line(
            "restrict it for the machine",
            Place::RootCommand,
            "sysctl kernel.yama.ptrace_scope=1",
        )),
        "1" => Finding::pass("only a parent, and root, may read memory"),
        "2" => Finding::pass("only root may read memory"),
        _ => Finding::pass("nobody may attach"),
    }
}

pub(super) fn memfd_secret(facts: &Facts) -> Finding {
    let answer = match &facts.calls {
        Err(why) => return Finding::skip(why.as_str()),
        Ok(Trial::Killed(how)) => {
            return Finding::skip(format!("the trial was killed ({how}); see seccomp"));
        }
        Ok(Trial::Answered(answer)) => answer,
    };
    let Some(refusal) = &answer.secret else {
        return Finding::pass("works");
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;

    #[test]
    fn the_core_limit_is_the_soft_one() {
        let limits = "Max cpu time  unlimited  unlimited  seconds\n\
            Max core file size        0                    unlimited            bytes\n";
        assert_eq!(soft_core_limit(limits).as_deref(), Some("0"));
        assert_eq!(soft_core_limit("Max cpu time  1  1  seconds\n"), None);
    }

    #[test]
    fn an_open_ptrace_scope_is_a_warning() {
        for (scope, expected) in [
            ("0", Verdict::Warn),
            ("1", Verdict::Pass),
            ("2", Verdict::Pass),
            ("3", Verdict::Pass),
        ] {
            assert_eq!(judge_scope(scope).verdict, expected, "{scope}");
        }
    }
}
