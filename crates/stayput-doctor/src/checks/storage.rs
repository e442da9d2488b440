//! Where memory may be written: swap, the hibernation image.

use super::surroundings::no_swap_for_the_group;
use crate::devices::{Keeps, SwapArea, swap_areas};
use crate::facts::Facts;
use crate::remedy::Remedy;
use crate::verdict::Finding;
use serde_json::json;
use stayput::limits::Place;

pub(super) fn swap_devices(facts: &Facts) -> Finding {
    let areas = match swap_areas(&facts.machine) {
        Ok(areas) => areas,
        Err(error) => return super::unreadable("/proc/swaps", &error),
    };
    let swap_limit = facts.group.as_ref().and_then(|group| group.swap_limit);
    let finding = if areas.is_empty() {
        Finding::pass("no swap")
    } else if areas.iter().all(|area| area.keeps != Keeps::Plain) {
        Finding::pass("what is swapped out stays in memory or is encrypted")
    } else if swap_limit == Some(0) {
        Finding::pass("unencrypted swap, which this control group does not use")
    } else {
        let plain = areas.iter().filter(|area| area.keeps == Keeps::Plain);
        let names: Vec<_> = plain.map(|area| area.name.as_str()).collect();
        let text = format!("unencrypted swap: {}", names.join(", "));
        Finding::warn(text).remedy(no_swap_for_the_group(facts.situation.environment))
    };
    let listed = areas.iter().map(describe).collect::<Vec<_>>();
    finding.evidence("areas", listed)
}

fn describe(area: &SwapArea) -> serde_json::Value {
    json!({
        "name": area.name,
        "bytes": area.bytes,
        "used": area.used,
        "keeps": area.keeps.id(),
    })
}

pub(super) fn hibernation(facts: &Facts) -> Finding {
    let states = match facts.machine.read("/sys/power/state") {
        Ok(states) => states,
        Err(error) => return super::unreadable("/sys/power/state", &error),
    };
    let areas = match swap_areas(&facts.machine) {
        Ok(areas) => areas,
        Err(error) => return super::unreadable("/proc/swaps", &error),
    };
    // Absent where the kernel can't hibernate.
    let modes = facts.machine.read("/sys/power/disk").unwrap_or_default();
    judge_image(&states, &modes, areas.iter().map(|area| area.keeps))
        .evidence("states", states)
        .evidence("modes", modes)
}

/// By `/sys/power/state` and `/sys/power/disk`
/// (Documentation/admin-guide/pm/sleep-states.rst), and by where the image would go.
fn judge_image(states: &str, modes: &str, swap: impl Iterator<Item = Keeps>) -> Finding {
    let disks: Vec<_> = swap.filter(|&keeps| keeps != Keeps::Memory).collect();
    if !states.split_whitespace().any(|state| state == "disk") {
        Finding::pass("this kernel can't hibernate")
    } else if modes.contains("[disabled]") {
        Finding::pass("refused at the moment (lockdown, or a live memfd_secret)")
    } else if disks.is_empty() {
        Finding::pass("there is no swap on a disk to hold the image")
    } else if disks.iter().all(|&keeps| keeps == Keeps::Encrypted) {
        Finding::pass("the image is encrypted, as swap is")
    } else {
        Finding::warn("locked memory is written to the image, unencrypted").remedy(Remedy::line(
            "encrypt swap, keep secrets in Backing::SecretMem, or forbid it",
            Place::RootCommand,
            "systemctl mask hibernate.target hybrid-sleep.target suspend-then-hibernate.target",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::Verdict;

    #[test]
    fn an_image_on_a_plain_disk_is_a_warning() {
        let verdict = |states, modes, swap: &[Keeps]| {
            judge_image(states, modes, swap.iter().copied()).verdict
        };
        let (states, modes) = ("freeze mem disk", "[platform] shutdown reboot suspend");
        let plain = [Keeps::Encrypted, Keeps::Plain];
        assert_eq!(verdict(states, modes, &plain), Verdict::Warn);
        for (states, modes, swap) in [
            ("freeze mem", modes, &plain[..]),
            (states, "[disabled]", &plain),
            (states, modes, &[]),
            (states, modes, &[Keeps::Memory]),
            (states, modes, &[Keeps::Encrypted, Keeps::Memory]),
        ] {
            assert_eq!(
                verdict(states, modes, swap),
                Verdict::Pass,
                "{states} {modes} {swap:?}"
            );
        }
    }
}
