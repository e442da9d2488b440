//! Guards on the whole process stack.

use crate::observe::{in_fork_child, locked};
use crate::own_process::{Setup, own_process};
use stayput::process::{LockAllGuard, MlockConfig, lock_all, unlock_all};

fn guard() -> LockAllGuard {
    LockAllGuard::new(MlockConfig::default()).expect("CAP_IPC_LOCK")
}

#[test]
fn the_last_guard_unlocks() {
    own_process("guards::the_last_guard_unlocks", Setup::new(), || {
        let (first, second) = (guard(), guard());
        assert!(first.report().status().is_locked());
        drop(first);
        assert!(locked() > 0, "the second guard still holds");
        drop(second);
        assert_eq!(locked(), 0);
    });
}

#[test]
fn a_guard_leaves_lock_all_alone() {
    own_process(
        "guards::a_guard_leaves_lock_all_alone",
        Setup::new(),
        || {
            let outer = guard();
            let _ = lock_all().expect("CAP_IPC_LOCK");
            drop(outer);
            assert!(locked() > 0, "lock_all still holds");
            let outlived = guard();
            unlock_all().expect("unlocked");
            assert_eq!(locked(), 0, "unlock_all undoes guards too");
            let newer = guard();
            drop(outlived);
            assert!(
                locked() > 0,
                "an undone guard holds nothing, and takes nothing"
            );
            drop(newer);
            assert_eq!(locked(), 0);
        },
    );
}

#[test]
fn a_guard_does_nothing_in_a_fork_child() {
    own_process(
        "guards::a_guard_does_nothing_in_a_fork_child",
        Setup::new(),
        || {
            let inherited = guard();
            let held = locked();
            let in_child = in_fork_child(move || {
                let own = guard();
                drop(inherited);
                assert!(locked() > 0, "the child's own lock stays");
                drop(own);
                assert_eq!(locked(), 0);
                0
            });
            assert_eq!(in_child, Ok(0));
            assert!(
                locked() < held,
                "moved into the closure, the parent's guard is gone"
            );
        },
    );
}
