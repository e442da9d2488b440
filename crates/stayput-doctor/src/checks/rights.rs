//! Capability, user namespace, filter.

use super::limit;
use crate::facts::Facts;
use crate::remedy::Remedy;
use crate::report::capability_id;
use crate::trial::{Kind, Refusal, Trial};
use crate::verdict::Finding;
use stayput::limits::{Capability, Cause};

pub(super) fn ipc_lock_capability(facts: &Facts) -> Finding {
    let (situation, privileges) = (&facts.situation, &facts.situation.privileges);
    let finding = match situation.budget.capability {
        Capability::Effective => Finding::pass("effective"),
        Capability::WithoutEffect => Finding::warn(
            "effective in a user namespace only, where the kernel does not ask for it",
        )
        .remedy(limit::remedy_for_need(facts)),
        Capability::Absent => {
            let text = match privileges.bounding {
                Some(true) => "not effective; being in the bounding set gives nothing by itself",
                _ => "not effective",
            };
            if limit::suffices(facts) {
                Finding::pass(format!("{text}; the limit is enough without it"))
            } else {
                Finding::warn(text).remedy(limit::remedy_for_need(facts))
            }
        }
        _ => Finding::skip("the system doesn't tell, or not this user"),
    };
    finding
        .evidence("capability", capability_id(situation.budget.capability))
        .evidence("in_bounding_set", privileges.bounding)
        .evidence("no_new_privileges", privileges.no_new_privileges)
        .evidence("user", privileges.user)
}

pub(super) fn user_namespace(facts: &Facts) -> Finding {
    let map = match facts.of_process("uid_map") {
        Ok(map) => map.split_whitespace().collect::<Vec<_>>().join(" "),
        Err(error) => return super::unreadable("uid_map", &error),
    };
    let Some(initial) = facts.situation.privileges.initial_user_namespace else {
        return Finding::skip("another user's process doesn't show it").evidence("uid_map", map);
    };
    let finding = if initial {
        Finding::pass("the initial one")
    } else if limit::suffices(facts) {
        Finding::pass("not the initial one, so CAP_IPC_LOCK has no effect; the limit is enough")
    } else {
        Finding::warn("not the initial one: CAP_IPC_LOCK has no effect, the limit counts")
            .remedy(limit::remedy_for_need(facts))
    };
    finding.evidence("uid_map", map)
}

pub(super) fn seccomp(facts: &Facts) -> Finding {
    let filtered = match facts.situation.privileges.filtered {
        None => return Finding::skip("the system doesn't tell"),
        Some(false) => return Finding::pass("no filter").evidence("filter", false),
        Some(true) => |finding: Finding| finding.evidence("filter", true),
    };
    filtered(match &facts.calls {
        Err(why) => Finding::skip(format!("a filter is in place; what it refuses: {why}")),
        Ok(Trial::Killed(how)) => {
            Finding::fail(format!("a trial of the calls was killed: {how}")).remedy(remedy(facts))
        }
        Ok(Trial::Answered(answer)) => {
            let calls = [
                ("mlock", &answer.lock),
                ("mlockall", &answer.lock_all),
                ("memfd_secret", &answer.secret),
            ];
            judge(&calls, facts)
        }
    })
}

fn judge(calls: &[(&str, &Option<Refusal>)], facts: &Facts) -> Finding {
    let of_kind = |kind: Kind| {
        let names = calls.iter().filter_map(move |(name, refusal)| {
            let refusal = refusal.as_ref()?;
            (refusal.kind == kind).then_some(*name)
        });
        names.collect::<Vec<_>>()
    };
    match of_kind(Kind::Seccomp)[..] {
        [] => {}
        ["memfd_secret"] => {
            return Finding::warn("a filter refuses memfd_secret").remedy(remedy(facts));
        }
        ref refused => {
            let text = format!("a filter refuses {}", refused.join(", "));
            return Finding::fail(text).remedy(remedy(facts));
        }
    }
    match of_kind(Kind::Limit)[..] {
        [] => Finding::pass("a filter is in place and lets the calls through"),
        ref unclear => Finding::skip(format!(
            "a filter is in place; the limit refuses {} already",
            unclear.join(", ")
        )),
    }
}

fn remedy(facts: &Facts) -> Remedy {
    stayput::limits::Remedy::new(&Cause::Seccomp, &facts.situation).into()
}
