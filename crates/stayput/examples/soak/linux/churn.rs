//! A thread's life: makes, moves, resizes and drops items, and forks.

use super::faults::Fault;
use super::item::{Item, KINDS};
use super::random::Random;
use super::tally::Tally;
use stayput::limits::Cause;
use stayput::{LockError, Policy, Pool, Secret};
use std::sync::Mutex;

/// What the threads of a round share.
pub(crate) struct Shared<'a> {
    /// Items that one thread leaves and another takes.
    pub(crate) exchange: &'a Mutex<Vec<Item>>,
    pub(crate) pools: &'a [(Policy, Pool)],
    pub(crate) fault: Fault,
    pub(crate) most_items: usize,
}

pub(crate) fn churn(shared: &Shared<'_>, seed: u64) -> (Vec<Item>, Tally) {
    let (mut random, mut tally, mut items) = (Random::new(seed), Tally::default(), Vec::new());
    shared.fault.enter();
    tally.count("threads");
    for _ in 0..400 {
        match random.below(100) {
            0..50 if items.len() < shared.most_items => {
                make(shared, &mut items, &mut random, &mut tally);
            }
            0..75 if !items.is_empty() => {
                drop(items.swap_remove(random.below(items.len())));
                tally.count("dropped");
            }
            75..85 => exchange(shared, &mut items, &mut random, &mut tally),
            85..95 if !items.is_empty() => {
                let at = random.below(items.len());
                let resized = items[at].resize(&mut random);
                note(shared.fault, resized.err(), "resize", &mut tally);
            }
            95..97 => {
                let pool = &shared.pools[random.below(shared.pools.len())].1;
                pool.trim();
                tally.count("trims");
            }
            97 if random.below(4) == 0 => fork(&items, shared.fault, &mut tally),
            _ => check_one(&items, &mut random, &mut tally),
        }
    }
    (items, tally)
}

fn make(shared: &Shared<'_>, items: &mut Vec<Item>, random: &mut Random, tally: &mut Tally) {
    let (policy, pool) = &shared.pools[random.below(shared.pools.len())];
    let kind = KINDS[random.below(KINDS.len())];
    match Item::make(kind, policy, pool, random) {
        Ok(item) => {
            let kept = match item.protection() {
                Some(it) if it.file_backed.is_yes() => "file",
                Some(it) if !it.locked.is_yes() => "unlocked",
                _ => "locked",
            };
            if *policy == Policy::Require && kept != "locked" {
                tally.find(format!("{kind} is {kept} under Require"));
            }
            tally.count(format!("made {kind} {kept}"));
            items.push(item);
        }
        Err(error) => note(shared.fault, Some(error), kind, tally),
    }
}

/// A refusal is expected where a fault was set, or where memory is short.
fn note(fault: Fault, error: Option<LockError>, what: &str, tally: &mut Tally) {
    let Some(error) = error else { return };
    let (name, expected) = match error.cause() {
        Cause::MemoryCgroup { .. } => ("MemoryCgroup", true),
        Cause::LimitReached { .. } => ("LimitReached", fault == Fault::Limit),
        Cause::Seccomp => ("Seccomp", matches!(fault, Fault::Refused(_))),
        Cause::PoolBudget { .. } => ("PoolBudget", true),
        _ => ("Other", false),
    };
    tally.count(format!("refused {name}"));
    if !expected {
        tally.find(format!("{what} under fault {}: {error:?}", fault.name()));
    }
}

fn exchange(shared: &Shared<'_>, items: &mut Vec<Item>, random: &mut Random, tally: &mut Tally) {
    let mut exchange = shared.exchange.lock().expect("no panic");
    if exchange.len() > 50 || (!exchange.is_empty() && random.below(2) == 0) {
        let at = random.below(exchange.len());
        items.push(exchange.swap_remove(at));
    } else if !items.is_empty() {
        exchange.push(items.swap_remove(random.below(items.len())));
        tally.count("handed over");
    }
}

fn check_one(items: &[Item], random: &mut Random, tally: &mut Tally) {
    if items.is_empty() {
        return;
    }
    match items[random.below(items.len())].is_intact() {
        Ok(true) => tally.count("read"),
        Ok(false) => tally.find("content changed"),
        Err(error) => tally.find(format!("not exposed: {error}")),
    }
}

/// The child finds none of the parent's secrets, has its own, and ends.
fn fork(items: &[Item], fault: Fault, tally: &mut Tally) {
    tally.count("forks");
    // SAFETY: the child uses what is made for that, and leaves by _exit.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let code = in_child(items, fault);
        // SAFETY: ends the child without the parent's destructors.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    // SAFETY: the child is ours, `status` is live.
    let ended = child > 0 && unsafe { libc::waitpid(child, &mut status, 0) } == child;
    if !ended || status != 0 {
        tally.find(format!("a fork child ended with status {status:#x}"));
    }
}

fn in_child(items: &[Item], fault: Fault) -> libc::c_int {
    for item in items.iter().filter(|item| item.is_in_pool()).take(20) {
        let Ok(place) = item.place() else { return 10 };
        // A file's pages are absent, and reading them would be a fault.
        let mut resident = [0u8; 64];
        let page = place.start & !(stayput_sys::page_size() - 1);
        // SAFETY: asks about one page, into a buffer that has room.
        let mapped = unsafe { libc::mincore(page as *mut _, 1, resident.as_mut_ptr()) } == 0;
        if mapped && item.is_intact().unwrap_or(true) {
            return 12;
        }
    }
    match Secret::<[u8; 32]>::try_init_with(|it| it.fill(1)) {
        Ok(own) => {
            let start = own.expose().as_ptr().addr();
            let pages = stayput::PageRange::covering(start, 32);
            let locked = pages.map(stayput_sys::residency::all_locked);
            if !matches!(locked, Some(Ok(true))) || *own.expose() != [1; 32] {
                return 13;
            }
        }
        Err(_) if fault != Fault::None => {}
        Err(error) if matches!(error.cause(), Cause::MemoryCgroup { .. }) => {}
        Err(_) => return 14,
    }
    0
}
