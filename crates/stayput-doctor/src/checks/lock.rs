//! The lock that was asked for, tried.

use super::limit::{remedy_for_need, size};
use crate::facts::Facts;
use crate::remedy::Remedy;
use crate::trial::{self, Answer, Trial};
use crate::verdict::Finding;
use anyhow::Result;

pub(super) fn lock(facts: &Facts) -> Result<Finding> {
    let Some(bytes) = facts.require else {
        return Ok(Finding::skip(
            "no size was asked for (--require SIZE tries a lock)",
        ));
    };
    if facts.process.is_some() {
        return Ok(Finding::skip(
            "a lock can't be tried in another process's place; see memlock-limit",
        ));
    }
    // Trying would have the kernel kill to make room, not always the trial.
    if let Some(available) = available_memory(facts).filter(|&available| bytes > available) {
        let text = format!(
            "not tried: {} are needed, the machine has {} to give",
            size(bytes),
            size(available)
        );
        let finding = Finding::fail(text).evidence("available_memory", available);
        return Ok(finding.remedy(Remedy::words(
            "ask for less, or give the machine more memory",
        )));
    }
    Ok(match trial::lock(bytes)? {
        Trial::Killed(how) => {
            Finding::fail(format!("the trial was killed: {how}")).remedy(Remedy::words(
                "SIGKILL: raise the control group's memory limit, or lock less; SIGSYS: let the \
                 seccomp filter pass mlock",
            ))
        }
        Trial::Answered(answer) => judge(bytes, *answer, remedy_for_need(facts).into()),
    })
}

/// `raise` is what spares a program from raising the limit itself.
fn judge(bytes: u64, answer: Answer, raise: Remedy) -> Finding {
    if let Some(refusal) = answer.lock {
        let finding = Finding::fail(format!(
            "{} were not locked: {}",
            size(bytes),
            refusal.cause
        ))
        .evidence("errno", refusal.errno);
        return match refusal.remedy {
            Some(remedy) => finding.remedy(remedy),
            None => finding,
        };
    }
    let finding = match answer.observed {
        Some(observed) if observed < bytes => Finding::fail(format!(
            "the call succeeded, but the kernel counts {} as locked",
            size(observed)
        ))
        .remedy(Remedy::words(
            "report it: a kernel that counts so is new to us",
        )),
        _ => match answer.raised {
            None => Finding::pass(format!("{} were locked", size(bytes))),
            Some((from, to)) => Finding::warn(format!(
                "{} were locked, after the soft limit was raised from {} to {}: a program that \
                 doesn't raise it is refused",
                size(bytes),
                size(from),
                size(to)
            ))
            .evidence("raised_from", from)
            .evidence("raised_to", to)
            .remedy(raise),
        },
    };
    finding.evidence("locked", answer.observed)
}

fn available_memory(facts: &Facts) -> Option<u64> {
    let meminfo = facts.machine.read("/proc/meminfo").ok()?;
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;

    #[test]
    fn what_the_kernel_counts_decides() {
        let answer = |observed| Answer {
            observed: Some(observed),
            ..Answer::default()
        };
        let raise = || Remedy::words("raise it");
        assert_eq!(judge(8192, answer(8192), raise()).verdict, Verdict::Pass);
        assert_eq!(judge(8192, answer(4096), raise()).verdict, Verdict::Fail);
        let raised = Answer {
            raised: Some((0, 8192)),
            ..answer(8192)
        };
        assert_eq!(judge(8192, raised, raise()).verdict, Verdict::Warn);
    }
}
