//! The limit on locked memory, by arithmetic.

use crate::facts::Facts;
use crate::report::capability_id;
use crate::verdict::Finding;
use bytesize::ByteSize;
use stayput::limits::{Budget, Capability, Cause, Remedy, Situation};

/// What a pool needs for a thousand keys: less is little.
const ENOUGH: u64 = 64 * 1024;

pub(super) fn memlock_limit(facts: &Facts) -> Finding {
    let budget = &facts.situation.budget;
    let needed = whole_pages(facts.require.unwrap_or(ENOUGH));
    let finding = match Room::of(budget, needed) {
        Room::NoLimit => Finding::pass(match budget.capability {
            Capability::Effective => "CAP_IPC_LOCK is effective: no limit applies",
            _ => "no limit on locked memory",
        }),
        Room::Enough => Finding::pass(format!("{} may be locked", size(left(budget)))),
        Room::AfterRaising => Finding::warn(format!(
            "{} may be locked; for {} a program has to raise its soft limit first (stayput does, \
             most don't)",
            size(left(budget)),
            size(needed)
        )),
        Room::TooLittle => {
            let text = format!(
                "{} may be locked, {} are needed",
                size(left(budget)),
                size(needed)
            );
            let nothing = budget.soft == Some(0);
            if facts.require.is_some() || nothing {
                Finding::fail(text)
            } else {
                Finding::warn(text)
            }
        }
    };
    let finding = finding
        .evidence("soft", budget.soft)
        .evidence("hard", budget.hard)
        .evidence("held", budget.held)
        .evidence("available", budget.available())
        .evidence("needed", needed)
        .evidence("capability", capability_id(budget.capability));
    match Room::of(budget, needed) {
        Room::NoLimit | Room::Enough => finding,
        Room::AfterRaising | Room::TooLittle => finding.remedy(remedy(&facts.situation, needed)),
    }
}

/// Whether what is needed may be locked, by arithmetic alone.
pub(super) fn suffices(facts: &Facts) -> bool {
    let needed = whole_pages(facts.require.unwrap_or(ENOUGH));
    matches!(
        Room::of(&facts.situation.budget, needed),
        Room::NoLimit | Room::Enough
    )
}

/// What to do so that `needed` more bytes fit.
pub(super) fn remedy_for_need(facts: &Facts) -> Remedy {
    let needed = whole_pages(facts.require.unwrap_or(ENOUGH));
    remedy(&facts.situation, needed)
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

fn remedy(situation: &Situation, needed: u64) -> Remedy {
    let held = situation.budget.held.unwrap_or(0);
    let limit = situation.budget.soft.unwrap_or(u64::MAX);
    let cause = match situation.budget.capability {
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
    Remedy::new(&cause, situation)
}

/// The kernel counts pages.
fn whole_pages(bytes: u64) -> u64 {
    bytes
        .checked_next_multiple_of(stayput_sys::page_size() as u64)
        .unwrap_or(u64::MAX)
}

fn left(budget: &Budget) -> u64 {
    budget.available().unwrap_or(u64::MAX)
}

pub(super) fn size(bytes: u64) -> String {
    ByteSize(bytes).display().iec().to_string()
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
