//! Growth that is refused on the way: an error or a reported degradation, and every
//! earlier secret intact and still locked.
//!
//! Not on Windows: seccomp, RLIMIT_MEMLOCK and vm.max_map_count.
#![cfg(unix)]

#[path = "support/crowd.rs"]
mod crowd;
#[path = "support/observe.rs"]
mod observe;
#[path = "support/own_process.rs"]
mod own_process;
#[path = "support/seccomp.rs"]
mod seccomp;

use crowd::Crowd;
use observe::{all_locked, locked};
use own_process::{Setup, is_root, own_process};
use seccomp::{refuse, works};
use stayput::limits::Cause;
use stayput::pool::Block;
use stayput::{LockError, Policy, Pool};
use stayput_sys::limits::{Limit, Resource, setrlimit};
use stayput_sys::page_size;

/// From a slot to pages of its own.
const SIZES: [usize; 9] = [1, 16, 33, 200, 1000, 2500, 4096, 10_000, 70_000];
const MORE: usize = 3000;

/// Blocks of a pool, the content of each told by its place.
struct Blocks {
    pool: Pool,
    blocks: Vec<Block>,
}

impl Blocks {
    fn in_pool(pool: &Pool) -> Self {
        let mut earlier = Self {
            pool: pool.clone(),
            blocks: Vec::with_capacity(100_000), // no growth where growth is refused
        };
        for len in SIZES.repeat(3) {
            earlier.add(len).expect("within limits");
        }
        earlier
    }

    fn add(&mut self, len: usize) -> Result<(), LockError> {
        let mark = mark(self.blocks.len());
        let mut block = self.pool.block(len)?;
        assert!(block.as_slice().iter().all(|&byte| byte == 0), "fresh");
        block.as_mut_slice().fill(mark);
        self.blocks.push(block);
        Ok(())
    }

    /// Slots, single pages and runs of pages until each is refused; the last refusal.
    fn add_until_refused(&mut self) -> LockError {
        let refusal = |len| {
            while self.blocks.len() < 90_000 {
                if let Err(error) = self.add(len) {
                    return error;
                }
            }
            panic!("never refused");
        };
        SIZES
            .map(refusal)
            .into_iter()
            .next_back()
            .expect("of some size")
    }

    /// Each byte is as it was written, and the report on each lock is true.
    fn assert_intact(&self) {
        for (index, block) in self.blocks.iter().enumerate() {
            let bytes = block.as_slice();
            assert!(
                bytes.iter().all(|&byte| byte == mark(index)),
                "block {index}"
            );
            let says = block.protection().locked.is_yes();
            assert_eq!(all_locked(bytes), says, "block {index}");
        }
    }

    fn unlocked(&self) -> usize {
        let locked = |block: &&Block| !block.protection().locked.is_yes();
        self.blocks.iter().filter(locked).count()
    }
}

fn mark(index: usize) -> u8 {
    u8::try_from(index % 255).expect("below 255") + 1
}

/// Secrets first, then `refuse`, then secrets again.
fn refused_after_start(refuse: impl FnOnce(), is_expected: fn(&Cause) -> bool) {
    let preferring = Pool::builder().policy(Policy::Prefer).build();
    let (mut required, mut preferred) = (
        Blocks::in_pool(Pool::global()),
        Blocks::in_pool(&preferring),
    );
    let first = preferred.blocks.len();
    assert_eq!((required.unlocked(), preferred.unlocked()), (0, 0));

    refuse();
    let error = required.add_until_refused();
    assert!(is_expected(error.cause()), "{error}");
    required.assert_intact();
    assert_eq!(required.unlocked(), 0, "locked or refused");

    // Where memory is to be had but no lock, that is reported; else it is an error.
    match (0..MORE).find_map(|_| preferred.add(4096).err()) {
        Some(error) => assert!(is_expected(error.cause()), "{error}"),
        None => assert!(preferred.unlocked() > 0, "never refused"),
    }
    preferred.assert_intact();
    for block in &preferred.blocks[..first] {
        assert!(block.protection().locked.is_yes(), "an earlier one");
    }
    is_usable_again(required, preferred);
}

/// What comes back serves again, without growth.
fn is_usable_again(mut required: Blocks, preferred: Blocks) {
    for len in SIZES {
        let at = required.blocks.iter().position(|block| block.len() == len);
        drop(required.blocks.swap_remove(at.expect("three of each")));
        let block = required.pool.block(len).expect("no growth needed");
        assert!(block.as_slice().iter().all(|&byte| byte == 0), "wiped");
        assert!(all_locked(block.as_slice()));
    }
    let pools = [required.pool.clone(), preferred.pool.clone()];
    drop((required, preferred));
    for pool in pools {
        assert_eq!(pool.stats().used, 0);
        pool.trim();
    }
}

#[test]
fn the_limit_is_lowered_in_the_middle_of_growth() {
    const NAME: &str = "the_limit_is_lowered_in_the_middle_of_growth";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().without_ipc_lock(), || {
        let lower = || lower_limit(locked() + 7 * page_size() as u64);
        refused_after_start(lower, |cause| matches!(cause, Cause::LimitReached { .. }));
        assert_eq!(locked(), 0, "all was given back");
    });
}

#[test]
fn a_pools_bound_is_met_in_the_middle_of_growth() {
    let pool = Pool::builder().max_locked(1 << 20).build();
    let mut blocks = Blocks::in_pool(&pool);
    let error = blocks.add_until_refused();
    assert!(matches!(error.cause(), Cause::PoolBudget { .. }), "{error}");
    blocks.assert_intact();
    assert_eq!(blocks.unlocked(), 0);
    assert_eq!(pool.stats().locked, pool.stats().total);
    assert!(pool.stats().total <= 1 << 20);
}

#[test]
fn mlock_is_refused_after_start() {
    const NAME: &str = "mlock_is_refused_after_start";
    if !works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        let filter = || refuse(libc::SYS_mlock, libc::EPERM);
        refused_after_start(filter, |cause| *cause == Cause::Seccomp);
    });
}

#[test]
fn mprotect_is_refused_after_start() {
    const NAME: &str = "mprotect_is_refused_after_start";
    if !works(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        let filter = || refuse(libc::SYS_mprotect, libc::EPERM);
        refused_after_start(filter, |cause| *cause == Cause::Seccomp);
    });
}

#[test]
fn mappings_run_out_after_start() {
    own_process("mappings_run_out_after_start", Setup::new(), || {
        let mut crowd = None;
        let fill = || crowd = Some(Crowd::take_all());
        refused_after_start(fill, |cause| matches!(cause, Cause::TooManyMappings { .. }));
    });
}

/// Somebody else unlocks everything, and the limit has no room for it any more.
#[test]
fn a_relock_that_is_refused_says_so_and_keeps_the_content() {
    const NAME: &str = "a_relock_that_is_refused_says_so_and_keeps_the_content";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new().without_ipc_lock(), || {
        let pool = Pool::global();
        let mut block = pool.block(8 * page_size()).expect("within limits");
        block.as_mut_slice().fill(mark(0));
        stayput_sys::raw::munlockall().expect("no privilege needed");
        lower_limit(3 * page_size() as u64);
        let error = pool.relock().expect_err("no room for 8 pages");
        assert!(
            matches!(error.cause(), Cause::LimitReached { .. }),
            "{error}"
        );
        let lapses = pool.verify().expect("own smaps");
        let held = lapses.iter().map(|lapse| lapse.pages.len()).sum::<usize>();
        assert_eq!(
            held as u64 + locked(),
            8 * page_size() as u64,
            "locked or named"
        );
        assert!(held > 0 && block.as_slice().iter().all(|&byte| byte == mark(0)));
    });
}

/// Advice that lapsed is given again, or the refusal told.
#[test]
fn a_refused_advice_is_told_by_a_relock() {
    let name = "a_refused_advice_is_told_by_a_relock";
    if !works(name) {
        return;
    }
    own_process(name, Setup::new(), || {
        let pool = Pool::builder().build();
        let block = pool.block(page_size()).expect("within limits");
        let start = block.as_slice().as_ptr().cast_mut().cast();
        // SAFETY: the page is the block's; the advice changes no content.
        let advised = unsafe { libc::madvise(start, page_size(), libc::MADV_DODUMP) };
        assert_eq!(advised, 0);
        assert_eq!(pool.verify().expect("own smaps").len(), 1, "the control");
        refuse(libc::SYS_madvise, libc::EPERM);
        let error = pool.relock().expect_err("refused");
        assert_eq!(
            (error.cause(), error.errno()),
            (&Cause::Seccomp, Some(libc::EPERM))
        );
        assert_eq!(pool.verify().expect("own smaps").len(), 1);
    });
}

#[test]
fn pages_that_the_system_does_not_take_back_stay_locked() {
    let name = "pages_that_the_system_does_not_take_back_stay_locked";
    if !works(name) {
        return;
    }
    own_process(name, Setup::new(), || {
        let pool = Pool::builder().build();
        let len = 4 * page_size();
        drop(pool.block(len).expect("within limits"));
        let (held, before) = (locked(), pool.stats());
        refuse(libc::SYS_mmap, libc::ENOMEM);
        refuse(libc::SYS_mlock, libc::EPERM);
        assert_eq!(pool.trim(), 0, "nothing was given back");
        let stats = pool.stats();
        assert_eq!(stats.errors_in_drop, before.errors_in_drop + 1);
        assert_eq!((locked(), stats.locked), (held, before.locked));
        let block = pool.block(len).expect("no growth needed");
        assert!(all_locked(block.as_slice()), "locked, or not handed out");
        assert!(block.protection().locked.is_yes());
    });
}

#[test]
fn what_a_drop_could_not_undo_is_counted() {
    use stayput::page::{AllocateLocked, FreeLocked, LockedPages, PosixLockedPageAllocator};
    use stayput::process::{LockAllGuard, MlockConfig};
    let name = "what_a_drop_could_not_undo_is_counted";
    if !works(name) {
        return;
    }
    own_process(name, Setup::new(), || {
        let failures = || Pool::global().stats().errors_in_drop;
        let pages = LockedPages::new(page_size()).expect("within limits");
        let mut allocator = PosixLockedPageAllocator::new();
        let raw = allocator.allocate_locked(page_size(), std::ptr::null_mut());
        let onfault = MlockConfig::builder().onfault(true).build();
        let whole = LockAllGuard::new(onfault).expect("within limits");
        assert_eq!(failures(), 0);
        refuse(libc::SYS_munmap, libc::EPERM);
        refuse(libc::SYS_munlockall, libc::EPERM);
        drop(pages);
        assert_eq!(failures(), 1, "unmapping");
        allocator.free_locked(raw, page_size());
        assert_eq!(failures(), 2, "unmapping");
        drop(whole);
        assert_eq!(failures(), 3, "unlocking the process");
    });
}

/// For good: the soft limit can't be raised again either.
fn lower_limit(bytes: u64) {
    let limit = Limit {
        soft: bytes,
        hard: bytes,
    };
    setrlimit(Resource::Memlock, limit).expect("lower is allowed");
}
