//! Rounds of churn: a fault is set, threads come, work and end, all is checked.

use super::churn::{Shared, churn};
use super::faults::Fault;
use super::item::Item;
use super::random::Random;
use super::tally::Tally;
use super::{check, hog};
use stayput::inspect::{Flag, Process, mappings};
use stayput::process::{LockAllGuard, MlockConfig, Unlocked};
use stayput::{Policy, Pool};
use std::sync::Mutex;
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};

/// Held at most, so that all fits into the limit of a plain user: 8 MiB.
const MOST_ITEMS: usize = 60;
const THREADS: usize = 4;
/// After so many rounds everything is dropped and measured.
const CYCLE: u64 = 20;

pub(crate) fn run(seconds: u64, seed: u64) -> Tally {
    let mut random = Random::new(seed);
    let mut tally = Tally::default();
    let mut hog = hog::start();
    // A control: what is not locked is pushed out, or there is no pressure.
    let control = vec![7u8; 4 << 20];
    let (start, mut told) = (Instant::now(), Instant::now());
    while start.elapsed() < Duration::from_secs(seconds) && tally.findings.is_empty() {
        cycle(&mut random, &mut tally);
        // Where swap is slow the kernel may kill it for want of memory.
        if let Ok(Some(status)) = hog.try_wait() {
            eprintln!("soak: the hog ended ({status}); another takes its place");
            tally.count("hogs lost");
            hog = hog::start();
        }
        let swapped = check::swapped_at(control.as_ptr().addr() + control.len() / 2);
        tally.most_swapped_control = tally.most_swapped_control.max(swapped);
        tally.most_swapped_hog = tally.most_swapped_hog.max(check::swapped_of(hog.id()));
        if told.elapsed() > Duration::from_secs(10) {
            told = Instant::now();
            tell(start, &tally);
        }
    }
    drop(hog.stdin.take());
    if let Err(error) = hog.wait() {
        tally.find(format!("the hog: {error}"));
    }
    tally.judge_growth();
    tally
}

/// Rounds from nothing to nothing.
fn cycle(random: &mut Random, tally: &mut Tally) {
    let dir = std::env::current_dir().expect("a directory");
    let mut pools = vec![(Policy::Require, Pool::global().clone())];
    for policy in [Policy::Require, Policy::Prefer, Policy::FileBacked { dir }] {
        let pool = Pool::builder().policy(policy.clone()).max_locked(2 << 20);
        pools.push((policy, pool.build()));
    }
    let mut items = Vec::new();
    for _ in 0..CYCLE {
        let locked = (random.below(4) == 0).then(|| lock_process(random, tally));
        let locked = locked.flatten();
        round(&pools, &mut items, locked.is_some(), random, tally);
        if let Some(guard) = locked {
            unlock_process(guard, &pools, &mut items, tally);
        }
    }
    drop(items);
    for (_, pool) in &pools {
        let (stats, lapses) = (pool.stats(), pool.verify().expect("own smaps"));
        if stats.used != 0 || stats.errors_in_drop != 0 || !lapses.is_empty() {
            tally.find(format!("a pool that is not empty: {stats:?} {lapses:?}"));
        }
        pool.trim();
    }
    drop(pools);
    check::low_water(false, tally);
}

fn round(
    pools: &[(Policy, Pool)],
    items: &mut Vec<Item>,
    process_locked: bool,
    random: &mut Random,
    tally: &mut Tally,
) {
    let fault = match random.below(6) {
        0 | 1 if !process_locked => Fault::Limit,
        2 => Fault::Refused([libc::EPERM, libc::ENOSYS, libc::EACCES][random.below(3)]),
        _ => Fault::None,
    };
    tally.count(format!("rounds {}", fault.name()));
    let exchange = Mutex::new(std::mem::take(items));
    let shared = Shared {
        exchange: &exchange,
        pools,
        fault,
        most_items: MOST_ITEMS / THREADS,
    };
    let restore = fault.begin();
    let ended = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                let (shared, seed) = (&shared, random.next());
                scope.spawn(move || churn(shared, seed))
            })
            .collect();
        threads
            .into_iter()
            .map(ScopedJoinHandle::join)
            .collect::<Vec<_>>()
    });
    drop(restore);
    items.extend(exchange.into_inner().expect("no panic"));
    for thread in ended {
        match thread {
            Ok((kept, seen)) => {
                items.extend(kept);
                tally.add(seen);
            }
            Err(_) => tally.find("a thread panicked"),
        }
    }
    while items.len() > MOST_ITEMS {
        drop(items.swap_remove(random.below(items.len())));
    }
    tally.rounds += 1;
    check::check(items, process_locked, tally);
}

/// Present and future memory; brought in now, or as it is touched.
fn lock_process(random: &mut Random, tally: &mut Tally) -> Option<LockAllGuard> {
    let onfault = random.below(2) == 0;
    let config = MlockConfig::builder().current(true).future(true);
    match LockAllGuard::new(config.onfault(onfault).build()) {
        Ok(guard) => {
            tally.count(if onfault {
                "lock_all onfault"
            } else {
                "lock_all"
            });
            let seen = stayput::process::verify().expect("own smaps");
            // On fault means: what is in swap stays there until it is touched.
            if !onfault && !seen.holds() {
                let swappable = |it: &&Unlocked| it.reason.is_swappable();
                let left = seen.unlocked.iter().filter(swappable).collect::<Vec<_>>();
                tally.find(format!("lock_all left mappings unlocked: {left:?}"));
            }
            Some(guard)
        }
        Err(error) => {
            tally.count("lock_all refused");
            if !matches!(error.cause(), stayput::limits::Cause::MemoryCgroup { .. }) {
                tally.find(format!("lock_all: {error}"));
            }
            None
        }
    }
}

/// `munlockall` undoes every lock, as is documented: pools find that and mend it.
fn unlock_process(
    guard: LockAllGuard,
    pools: &[(Policy, Pool)],
    items: &mut Vec<Item>,
    tally: &mut Tally,
) {
    items.retain(Item::is_in_pool);
    drop(guard);
    let locked = mappings(Process::Current).expect("own smaps");
    if locked.iter().any(|mapping| mapping.has(Flag::Locked)) {
        tally.find("munlockall left a lock");
    }
    for (_, pool) in pools {
        match pool.relock() {
            Ok(_) if pool.verify().expect("own smaps").is_empty() => tally.count("relocks"),
            Ok(_) => tally.find("a relock left lapses"),
            Err(error) => tally.find(format!("relock: {error}")),
        }
    }
    check::check(items, false, tally);
}

fn tell(start: Instant, tally: &Tally) {
    let low = tally.low_waters.last();
    eprintln!(
        "soak: {:>5} s  {} rounds, {} pages checked, {} MiB scanned, {} KiB of the control and {} \
         MiB of the hog in swap, low water {low:?}",
        start.elapsed().as_secs(),
        tally.rounds,
        tally.pages_checked,
        tally.bytes_scanned >> 20,
        tally.most_swapped_control >> 10,
        tally.most_swapped_hog >> 20,
    );
}
