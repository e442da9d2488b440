//! Whether this process is locked as a whole (`mlockall`), and for whom.
//!
//! Kept here, at the bottom, because the last guard on a page must know: it may
//! not unlock a page that `mlockall` locked too.

use stayput_sys::process::fork_generation;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// The fork generation that called `mlockall`; locks are not inherited.
static LOCKED_IN: AtomicU64 = AtomicU64::new(0);
/// Held until `munlockall` is asked for, whatever guards go.
static PINNED: AtomicBool = AtomicBool::new(false);
static GUARDS: AtomicUsize = AtomicUsize::new(0);
/// Counts how often the process was unlocked: older guards hold nothing.
static ROUND: AtomicU64 = AtomicU64::new(0);

/// Whether `mlockall` holds this process.
pub(crate) fn process_is_locked() -> bool {
    LOCKED_IN.load(Ordering::Acquire) == fork_generation()
}

/// One guard's share in the process's lock.
#[derive(Debug)]
pub(crate) struct Share {
    generation: u64,
    round: u64,
}

/// Locks the process by `call`, until [`unlock_process`].
pub(crate) fn pin_process(call: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    lock(call, || PINNED.store(true, Ordering::Relaxed))
}

/// Locks the process by `call`, until the last share is given back.
pub(crate) fn share_process(call: impl FnOnce() -> io::Result<()>) -> io::Result<Share> {
    lock(call, || {
        GUARDS.fetch_add(1, Ordering::Relaxed);
        Share {
            generation: fork_generation(),
            round: ROUND.load(Ordering::Relaxed),
        }
    })
}

/// Gives a share back; unlocks by `call` if nothing else holds the process.
pub(crate) fn give_back(share: &Share, call: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    // A fork child inherited the share but not the lock.
    if share.generation != fork_generation() {
        return Ok(());
    }
    let _turn = Turn::take();
    if share.round != ROUND.load(Ordering::Relaxed) {
        return Ok(());
    }
    let others = GUARDS.fetch_sub(1, Ordering::Relaxed) - 1;
    if others > 0 || PINNED.load(Ordering::Relaxed) {
        return Ok(());
    }
    unlock(call)
}

/// Unlocks the process by `call`, whoever holds it.
pub(crate) fn unlock_process(call: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let _turn = Turn::take();
    unlock(call)
}

fn lock<T>(call: impl FnOnce() -> io::Result<()>, hold: impl FnOnce() -> T) -> io::Result<T> {
    let _turn = Turn::take();
    let before = process_is_locked();
    if !before {
        forget();
        // Said before it is so: a guard on a page that goes in between must not
        // unlock what the call has just locked.
        LOCKED_IN.store(fork_generation(), Ordering::Release);
    }
    match call() {
        Ok(()) => Ok(hold()),
        Err(error) => {
            if !before {
                LOCKED_IN.store(0, Ordering::Release);
            }
            Err(error)
        }
    }
}

fn unlock(call: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    call()?;
    LOCKED_IN.store(0, Ordering::Release);
    forget();
    Ok(())
}

/// Nobody holds the process.
fn forget() {
    PINNED.store(false, Ordering::Relaxed);
    GUARDS.store(0, Ordering::Relaxed);
    ROUND.fetch_add(1, Ordering::Relaxed);
}

/// One thread at a time changes the process's lock. A fork child finds it open,
/// even if its parent was in the middle of a change: hence no `Mutex`.
struct Turn;

/// The fork generation in which a thread has its turn; 0 for none.
static TURN: AtomicU64 = AtomicU64::new(0);

impl Turn {
    fn take() -> Self {
        let own = fork_generation();
        loop {
            let holder = TURN.load(Ordering::Relaxed);
            let free = holder != own;
            if free
                && TURN
                    .compare_exchange(holder, own, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
            {
                return Self;
            }
            // Not a mere yield: a thread before all ordinary ones (`SCHED_FIFO`) would keep
            // the holder from its processor. The call it waits for takes longer.
            thread::sleep(Duration::from_micros(100));
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        TURN.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // One test: the state is the process's. No system call is made.
    #[test]
    fn the_last_holder_unlocks() {
        let unlocked = AtomicUsize::new(0);
        let unlock_call = || {
            unlocked.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        let count = || unlocked.load(Ordering::Relaxed);
        let share = || share_process(|| Ok(())).expect("locked");

        let (first, second) = (share(), share());
        give_back(&first, unlock_call).expect("given back");
        assert!(process_is_locked() && count() == 0, "one share is left");
        give_back(&second, unlock_call).expect("given back");
        assert!(!process_is_locked() && count() == 1);

        let beside = share();
        pin_process(|| Ok(())).expect("locked");
        give_back(&beside, unlock_call).expect("given back");
        assert!(process_is_locked() && count() == 1, "pinned");

        let outlived = share();
        unlock_process(unlock_call).expect("unlocked");
        assert!(!process_is_locked() && count() == 2);
        let newer = share();
        give_back(&outlived, unlock_call).expect("given back");
        assert!(
            process_is_locked() && count() == 2,
            "an older round's share"
        );
        give_back(&newer, unlock_call).expect("given back");
        assert!(!process_is_locked() && count() == 3);

        pin_process(|| Err(io::ErrorKind::OutOfMemory.into())).expect_err("refused");
        assert!(!process_is_locked());
    }
}
