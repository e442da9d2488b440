//! Facts in which kernels differ, measured. A release number does not tell:
//! distributions and stable series carry changes back.

use crate::configuration::{Configuration, StartLimit};
use crate::generate::Means;
use crate::privilege::capability_counts;
use crate::release::{kernel_release, version};
use crate::step::{Place, Step, What, page_size};
use crate::task::Task;
use crate::warden::Warden;
use stayput_spec::model::{Rule, Rules};
use stayput_sys::limits::{Resource, getrlimit};
use std::io;

/// Facts that stand or fall together or apart, and steps that tell.
struct Variant {
    rules: &'static [Rule],
    steps: Vec<Step>,
}

/// The bits of the `Rules` that hold here.
pub(crate) fn measure() -> io::Result<u64> {
    let (major, minor) = version(&kernel_release());
    let mut rules = Rules::of_linux(major, minor);
    let mut warden = Warden::new(Task {
        configuration: Configuration {
            capability: capability_counts()?,
            limit: StartLimit::Bytes(getrlimit(Resource::Memlock)?.soft),
        },
        seed: 0,
        first: 0,
        sequences: 0,
        steps: 0,
        rules: rules.bits(),
    })?;
    for variant in variants(warden.means()) {
        rules = settle(&mut warden, rules, &variant)?;
    }
    Ok(rules.bits())
}

/// The first combination that agrees with the kernel, the release's own first.
fn settle(warden: &mut Warden, rules: Rules, variant: &Variant) -> io::Result<Rules> {
    let mut first = None;
    for turned in 0..1_u32 << variant.rules.len() {
        let chosen = variant.rules.iter().enumerate();
        let chosen = chosen.filter(|(at, _)| turned & (1 << at) != 0);
        let supposed = chosen.fold(rules, |rules, (_, rule)| rules.flipped(*rule));
        warden.suppose(supposed);
        match warden.differs(&variant.steps)? {
            None => return Ok(supposed),
            Some((_, difference)) => first = first.or(Some(difference)),
        }
    }
    let rules = variant.rules;
    let why = first.unwrap_or_default();
    Err(io::Error::other(format!(
        "{rules:?} hold neither way: {why}"
    )))
}

fn variants(means: Means) -> Vec<Variant> {
    let mut all = vec![on_fault_shown(), populate(), move_several(), dont_unmap()];
    if means.droppable {
        all.push(Variant {
            rules: &[Rule::FutureSkipsDroppable],
            steps: vec![Step::Mlockall(2), map(0, 1, What::Droppable)],
        });
    }
    if means.secret {
        all.push(secret());
    }
    all
}

fn on_fault_shown() -> Variant {
    Variant {
        rules: &[Rule::OnFaultIsShown],
        steps: vec![
            map(0, 1, What::Anonymous),
            Step::Mlock2(Place::At(0), page_size(), 1),
        ],
    }
}

/// Over a hole, by `MADV_POPULATE_WRITE`.
fn populate() -> Variant {
    Variant {
        rules: &[Rule::PopulateStopsAtHole],
        steps: vec![
            map(1, 1, What::Anonymous),
            Step::Madvise(0, 2 * page_size(), 6),
        ],
    }
}

/// Onto pages that are mapped.
fn move_several() -> Variant {
    Variant {
        rules: &[Rule::MoveCheckedFirst, Rule::MovesSeveral],
        steps: vec![
            map(0, 1, What::Anonymous),
            Step::Mprotect(0, page_size(), 1),
            map(1, 1, What::Anonymous),
            map(8, 2, What::Anonymous),
            remap(0, 2, 3),
        ],
    }
}

/// The middle page of three, by `MREMAP_DONTUNMAP`.
fn dont_unmap() -> Variant {
    Variant {
        rules: &[Rule::DontUnmapChargesTwice, Rule::DontUnmapUnlocksRest],
        steps: vec![
            map(0, 3, What::Anonymous),
            Step::Mlock(Place::At(0), 3 * page_size()),
            remap(1, 1, 7),
        ],
    }
}

/// Within the limit and over it.
fn secret() -> Variant {
    Variant {
        rules: &[Rule::SecretBornLocked, Rule::SecretChargedAtMap],
        steps: vec![
            map(0, 1, What::Secret(0)),
            Step::DropCapability,
            Step::Setrlimit(page_size(), 0),
            map(2, 2, What::Secret(0)),
        ],
    }
}

fn map(page: u64, pages: u64, what: What) -> Step {
    Step::Mmap {
        at: page * page_size(),
        len: pages * page_size(),
        prot: 3,
        what,
        locked: false,
        no_replace: false,
    }
}

/// To page 8.
fn remap(page: u64, pages: u64, flags: u32) -> Step {
    Step::Mremap {
        at: page * page_size(),
        old: pages * page_size(),
        new: pages * page_size(),
        flags,
        to: 8 * page_size(),
    }
}
