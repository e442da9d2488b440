//! The limit on locked memory, by arithmetic.

use crate::facts::Facts;
use crate::report::capability_id;
use crate::verdict::Finding;
use bytesize::ByteSize;
use stayput::limits::{Budget, Capability, Cause, Remedy};

/// What a pool needs for a thousand keys: less is little.
const ENOUGH: u64 = 64 * 1024;

pub(super) fn memlock_limit(facts: &Facts) -> Finding {
    let (budget, needed) = (&facts.situation.budget, needed(facts));
    judge(facts, needed)
        .evidence("soft", budget.soft)
        .evidence("hard", budget.hard)
        .evidence("held", budget.held)
        .evidence("available", budget.available())
        .evidence("needed", needed)
        .evidence("capability", capability_id(budget.capability))
}

fn judge(facts: &Facts, needed: u64) -> Finding {
    let budget = &facts.situation.budget;
    let left = size(budget.available().unwrap_or(u64::MAX));
    let wanted = size(needed);
    let finding = match Room::of(budget, needed) {
        Room::NoLimit if budget.capability == Capability::Effective => {
            return Finding::pass("CAP_IPC_LOCK is effective: no limit applies");
        }
        Room::NoLimit => return Finding::pass("no limit on locked memory"),
        Room::Enough => return Finding::pass(format!("{left} may be locked")),
        Room::AfterRaising => Finding::warn(format!(
            "{left} may be locked; for {wanted} a program has to raise its soft limit first \
             (stayput does, most don't)"
        )),
        Room::TooLittle if facts.require.is_some() || budget.soft == Some(0) => {
            Finding::fail(format!("{left} may be locked, {wanted} are needed"))
        }
        Room::TooLittle => Finding::warn(format!("{left} may be locked, {wanted} are not much")),
    };
    finding.remedy(remedy_for_need(facts))
}

/// Whether what is needed may be locked as things are, by arithmetic alone.
pub(super) fn suffices(facts: &Facts) -> bool {
    let room = Room::of(&facts.situation.budget, needed(facts));
    matches!(room, Room::NoLimit | Room::Enough)
}

/// What to do so that what is needed fits.
pub(super) fn remedy_for_need(facts: &Facts) -> Remedy {
    let (budget, needed) = (&facts.situation.budget, needed(facts));
    let held = budget.held.unwrap_or(0);
    let limit = budget.soft.unwrap_or(u64::MAX);
    let cause = match budget.capability {
        Capability::WithoutEffect => Cause::CapabilityWithoutEffect {
            held,
            limit,
            needed,
        },
        _ => Cause::LimitReached {
            held,
            limit,
            needed,
        },
    };
    Remedy::new(&cause, &facts.situation)
}

/// As the kernel counts it: in pages.
fn needed(facts: &Facts) -> u64 {
    whole_pages(facts.require.unwrap_or(ENOUGH))
}

pub(super) fn size(bytes: u64) -> String {
    ByteSize(bytes).display().iec().to_string()
}

/// How `needed` more bytes fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    NoLimit,
    Enough,
    AfterRaising,
    TooLittle,
}

impl Room {
    fn of(budget: &Budget, needed: u64) -> Self {
        let total = budget.held.unwrap_or(0).saturating_add(needed);
        match (budget.available(), budget.hard) {
            (None, _) => Self::NoLimit,
            (Some(available), _) if needed <= available => Self::Enough,
            (_, None) => Self::AfterRaising,
            (_, Some(hard)) if total <= hard => Self::AfterRaising,
            _ => Self::TooLittle,
        }
    }
}

fn whole_pages(bytes: u64) -> u64 {
    bytes
        .checked_next_multiple_of(stayput_sys::page_size() as u64)
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(soft: Option<u64>, hard: Option<u64>, held: u64) -> Budget {
        let mut budget = Budget::current();
        (budget.soft, budget.hard, budget.held) = (soft, hard, Some(held));
        budget.capability = Capability::Absent;
        budget
    }

    #[test]
    fn room_is_what_is_left_below_the_limits() {
        let room = |soft, hard, held| Room::of(&budget(soft, hard, held), 100);
        assert_eq!(room(None, None, 0), Room::NoLimit);
        assert_eq!(room(Some(100), Some(100), 0), Room::Enough);
        assert_eq!(room(Some(100), Some(100), 1), Room::TooLittle);
        assert_eq!(room(Some(100), Some(101), 1), Room::AfterRaising);
        assert_eq!(room(Some(0), None, 0), Room::AfterRaising);
        let mut capable = budget(Some(0), Some(0), 0);
        capable.capability = Capability::Effective;
        assert_eq!(Room::of(&capable, 100), Room::NoLimit);
        capable.capability = Capability::WithoutEffect;
        assert_eq!(Room::of(&capable, 100), Room::TooLittle);
    }

    #[test]
    fn part_of_a_page_is_a_page() {
        let page = stayput_sys::page_size() as u64;
        assert_eq!(whole_pages(1), page);
        assert_eq!(whole_pages(page), page);
        assert_eq!(whole_pages(u64::MAX), u64::MAX);
    }
}
