//! A fork child inherits its parent's memory: what does it read there?

use crate::channel::Channel;
use crate::lab::Lab;
use crate::look::Look;
use crate::observation::{Evidence, Finding, Observation};
use anyhow::Result;

pub(super) fn observe(lab: &Lab<'_>) -> Result<Vec<Finding>> {
    lab.for_each_storage(&[Channel::Fork], |mut victim| {
        let child = victim.look_in_fork_child()?;
        victim.ensure_held()?;
        let evidence = seen(&child)
            .with("held", victim.markers())
            .with("vm_flags", victim.flags()?);
        let observation = Observation::Ran {
            leaked: child.markers > 0,
            evidence,
        };
        Ok(vec![(Channel::Fork, observation)])
    })
}

/// What a reader saw, as evidence.
pub(super) fn seen(look: &Look) -> Evidence {
    let evidence = Evidence::default()
        .with("found", look.markers)
        .with("zero_bytes", look.zeros)
        .with("other_bytes", look.other)
        .with("refused_bytes", look.refused);
    if look.errors.is_empty() {
        return evidence;
    }
    evidence.with("errors", Vec::from_iter(look.errors.iter().cloned()))
}
