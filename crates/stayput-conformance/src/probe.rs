//! Live probes: one for each clause that is observed or traced, named after it.
//!
//! A probe arranges the clause's scenario and tells what it saw, in order and in
//! words; it does not know what the clause expects. Each runs in a process of its
//! own.

mod access;
mod lifetime;
mod limit;
mod lock;
mod lock_errors;
mod lockall;
mod mapping;
mod onfault;
mod scene;
mod secret;
mod surroundings;
mod trace;
mod unlock;

pub(crate) use lifetime::nothing_locked;
pub(crate) use scene::{Outcome, Scene, Stop, Via};

/// One probe.
pub(crate) type Probe = fn(&mut Scene) -> Outcome;

const GROUPS: [&[(&str, Probe)]; 12] = [
    lock_errors::PROBES,
    lock::PROBES,
    access::PROBES,
    surroundings::PROBES,
    trace::PROBES,
    onfault::PROBES,
    unlock::PROBES,
    lockall::PROBES,
    mapping::PROBES,
    limit::PROBES,
    lifetime::PROBES,
    secret::PROBES,
];

/// The probe of that clause.
pub(crate) fn probe(id: &str) -> Option<Probe> {
    let all = GROUPS.iter().copied().flatten();
    all.clone()
        .find(|(name, _)| *name == id)
        .map(|(_, probe)| *probe)
}

/// The ids of all probes.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().copied().flatten().map(|(name, _)| *name)
}
