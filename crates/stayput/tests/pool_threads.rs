//! Many threads at once: no secret is torn, handed out twice or left unwiped, and threads
//! that end leave nothing behind. Also run under AddressSanitizer and ThreadSanitizer.

#[path = "support/own_process.rs"]
mod own_process;

use own_process::{Setup, own_process, run};
use stayput::Pool;
use stayput::pool::Block;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::{self, JoinHandle};

const THREADS: u64 = 64;
const ROUNDS: u64 = 300;

/// A secret, and what its bytes must be.
struct Held {
    block: Block,
    seed: u64,
}

impl Held {
    fn new(pool: &Pool, seed: u64) -> Self {
        let mut block = pool.block(length(seed)).expect("within limits");
        let fresh = block.as_slice().iter().all(|&byte| byte == 0);
        assert!(fresh, "fresh memory is zero");
        let bytes = block.as_mut_slice().iter_mut();
        bytes.zip(pattern(seed)).for_each(|(byte, new)| *byte = new);
        Self { block, seed }
    }

    fn check(&self) {
        let bytes = self.block.as_slice().iter().copied();
        assert!(bytes.eq(pattern(self.seed).take(length(self.seed))));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.check();
        }
    }
}

/// From 1 byte up to two pages, small ones more often.
fn length(seed: u64) -> usize {
    let mixed = mix(seed);
    let bits = mixed % 13;
    usize::try_from((1 << bits) + (mixed >> 32) % (1 << bits)).expect("small")
}

/// Never zero, and different for each seed.
fn pattern(seed: u64) -> impl Iterator<Item = u8> {
    (0..).map(move |at: u64| mix(seed ^ (at << 32)).to_le_bytes()[0] | 1)
}

/// The finalizer of SplitMix64.
fn mix(seed: u64) -> u64 {
    let mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Makes, keeps, hands on and drops secrets.
fn churn(pool: &Pool, thread: u64, next: &SyncSender<Held>, inbox: &Receiver<Held>) {
    let mut kept = Vec::new();
    for round in 0..ROUNDS {
        let seed = thread * ROUNDS + round;
        let held = Held::new(pool, seed);
        match mix(seed) % 4 {
            0 => drop(held),
            1 | 2 => match next.try_send(held) {
                Ok(()) => {}
                // The neighbour is busy, or done: then it is this thread's to drop.
                Err(TrySendError::Full(held) | TrySendError::Disconnected(held)) => drop(held),
            },
            _ => kept.push(held),
        }
        if kept.len() > 20 {
            let at = usize::try_from(mix(!seed) % 20).expect("small");
            drop(kept.swap_remove(at));
        }
        inbox.try_iter().for_each(drop);
    }
}

/// Each thread hands secrets to the next, the last to the first.
fn churn_in_a_ring(pool: &Pool) {
    let (mut senders, inboxes): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| sync_channel(8)).unzip();
    senders.rotate_left(1);
    let pairs = (0..THREADS).zip(senders.into_iter().zip(inboxes));
    let threads: Vec<JoinHandle<()>> = pairs
        .map(|(index, (next, inbox))| {
            let pool = pool.clone();
            thread::spawn(move || churn(&pool, index, &next, &inbox))
        })
        .collect();
    // Joining waits for thread-local destructors too, which a scope does not.
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("no panic"));
}

fn assert_nothing_is_left(pool: &Pool) {
    let stats = pool.stats();
    assert_eq!((stats.used, stats.chunks_used), (0, 0), "{stats:?}");
    assert_eq!(stats.free, stats.total);
    pool.trim();
    let stats = pool.stats();
    assert_eq!(
        (stats.total, stats.locked),
        (0, 0),
        "a cache was kept: {stats:?}"
    );
    assert_eq!(stats.errors_in_drop, 0);
}

#[test]
fn sixty_four_threads_share_the_process_wide_pool() {
    let name = "sixty_four_threads_share_the_process_wide_pool";
    own_process(name, Setup::new(), || {
        churn_in_a_ring(Pool::global());
        assert_nothing_is_left(Pool::global());
    });
}

#[test]
fn sixty_four_threads_share_a_pool_of_their_own() {
    let name = "sixty_four_threads_share_a_pool_of_their_own";
    own_process(name, Setup::new(), || {
        let pool = Pool::builder().build();
        churn_in_a_ring(&pool);
        assert_nothing_is_left(&pool);
    });
}

#[test]
fn a_living_threads_cache_is_kept_and_an_ended_ones_is_not() {
    let name = "a_living_threads_cache_is_kept_and_an_ended_ones_is_not";
    own_process(name, Setup::new(), || {
        let (sender, receiver) = sync_channel(0);
        let (go_on, wait) = sync_channel::<()>(0);
        let thread = thread::spawn(move || {
            drop(Held::new(Pool::global(), 1));
            sender.send(()).expect("the test waits");
            wait.recv().expect("the test lives");
        });
        receiver.recv().expect("the thread lives");
        Pool::global().trim();
        let stats = Pool::global().stats();
        assert!(stats.used == 0 && stats.total > 0, "the control: {stats:?}");
        go_on.send(()).expect("the thread waits");
        thread.join().expect("no panic");
        assert_nothing_is_left(Pool::global());
    });
}

/// What ThreadSanitizer must find, or its silence means nothing: one slot of the pool,
/// written by two threads. `ci/tsan.sh` sets the variable.
#[test]
fn a_race_on_a_slot_is_reported() {
    const NAME: &str = "a_race_on_a_slot_is_reported";
    if std::env::var_os("STAYPUT_UNDER_TSAN").is_none() {
        return eprintln!("SKIPPED {NAME}: not under ThreadSanitizer");
    }
    let output = run(NAME, Setup::new(), || {
        let mut block = Pool::global().block(32).expect("within limits");
        let place = block.as_mut_slice().as_mut_ptr().expose_provenance();
        let write = move |value: u8| {
            let place = std::ptr::with_exposed_provenance_mut::<u8>(place);
            // SAFETY: none: two threads that write at once are the misuse under test.
            unsafe { place.write(value) };
        };
        let other = thread::spawn(move || write(1));
        write(2);
        other.join().expect("no panic");
    });
    if let Some(output) = output {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{stderr}");
        assert!(stderr.contains("ThreadSanitizer: data race"), "{stderr}");
    }
}
