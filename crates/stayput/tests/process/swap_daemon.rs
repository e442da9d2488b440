//! The swap daemon's profile: parts are what the kernel shows.

use crate::kernel::{oom_score, scheduling};
use crate::observe::{in_fork_child, locked};
use crate::own_process::{Setup, is_root, own_process};
use caps::{CapSet, Capability};
use stayput::limits::Cause;
use stayput::process::{Effect, PartKind, SwapDaemon, verify};

const ORDINARY: (i32, i32) = (libc::SCHED_OTHER, 0);

fn may(capability: Capability) -> bool {
    caps::has_cap(None, CapSet::Effective, capability).expect("own capabilities")
}

/// In effect exactly with the capability; refused with `errno` without.
fn assert_follows(effect: &Effect, capability: Capability, refusal: i32) {
    match effect {
        Effect::InEffect => assert!(may(capability), "in effect without {capability}"),
        Effect::Refused { errno, reason } => {
            assert!(!may(capability), "refused with {capability}");
            assert_eq!(*errno, Some(refusal));
            assert!(reason.contains(&capability.to_string()), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_part_is_told_truthfully() {
    const NAME: &str = "swap_daemon::every_part_is_told_truthfully";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        let before = oom_score();
        let daemon = SwapDaemon::builder()
            .heap(1 << 20)
            .enter()
            .expect("CAP_IPC_LOCK");
        let effect = |kind| daemon.effect(kind);
        for kind in [PartKind::Lock, PartKind::Stack] {
            assert_eq!(*effect(kind), Effect::InEffect, "{kind:?}");
        }
        let glibc = cfg!(target_env = "gnu");
        let heap = if glibc {
            Effect::InEffect
        } else {
            Effect::Unsupported
        };
        assert_eq!(*effect(PartKind::Heap), heap);
        assert!(locked() > 0 && verify().expect("own smaps").holds());
        assert_follows(
            effect(PartKind::IoFlusher),
            Capability::CAP_SYS_RESOURCE,
            libc::EPERM,
        );
        assert_follows(
            effect(PartKind::Scheduling),
            Capability::CAP_SYS_NICE,
            libc::EPERM,
        );
        assert_follows(
            effect(PartKind::OomScore),
            Capability::CAP_SYS_RESOURCE,
            libc::EACCES,
        );
        let fifo = *effect(PartKind::Scheduling) == Effect::InEffect;
        assert_eq!(
            scheduling(),
            if fifo {
                (libc::SCHED_FIFO, 1)
            } else {
                ORDINARY
            }
        );
        let scored = *effect(PartKind::OomScore) == Effect::InEffect;
        assert_eq!(oom_score(), if scored { -1000 } else { before });
        // libtest's first thread waits for this one.
        assert_eq!(daemon.threads_before(), 1);
        assert_eq!(daemon.parts().len(), 6);
        assert!(
            daemon
                .parts()
                .iter()
                .all(|part| !part.to_string().is_empty())
        );
        daemon.leave().expect("all undone");
        assert_eq!((locked(), scheduling(), oom_score()), (0, ORDINARY, before));
    });
}

#[test]
fn configuration_is_followed_and_children_can_clear_it() {
    const NAME: &str = "swap_daemon::configuration_is_followed_and_children_can_clear_it";
    if !is_root(NAME) {
        return;
    }
    own_process(NAME, Setup::new(), || {
        let before = oom_score();
        // A worse score needs no capability.
        let daemon = SwapDaemon::builder()
            .stack(0)
            .without_io_flusher()
            .fifo_priority(7)
            .oom_score(500)
            .enter()
            .expect("CAP_IPC_LOCK");
        for kind in [PartKind::Stack, PartKind::Heap, PartKind::IoFlusher] {
            assert_eq!(*daemon.effect(kind), Effect::NotAsked, "{kind:?}");
        }
        assert_eq!(*daemon.effect(PartKind::OomScore), Effect::InEffect);
        assert_eq!((scheduling(), oom_score()), ((libc::SCHED_FIFO, 7), 500));
        let in_child = in_fork_child(|| {
            assert_eq!(locked(), 0, "locks are not inherited");
            assert_eq!((scheduling(), oom_score()), ((libc::SCHED_FIFO, 7), 500));
            daemon.clear_in_child().expect("cleared");
            assert_eq!((scheduling(), oom_score()), (ORDINARY, before));
            0
        });
        assert_eq!(in_child, Ok(0));
        assert_eq!((scheduling(), oom_score()), ((libc::SCHED_FIFO, 7), 500));
    });
}

#[test]
fn refused_parts_don_t_stop_the_rest() {
    const NAME: &str = "swap_daemon::refused_parts_don_t_stop_the_rest";
    if !is_root(NAME) {
        return;
    }
    let setup = Setup::new().memlock(8 << 20).nobody().small();
    own_process(NAME, setup, || {
        let daemon = SwapDaemon::builder()
            .fifo_priority(100)
            .enter()
            .expect("fits in 8 MiB");
        assert_eq!(*daemon.effect(PartKind::Lock), Effect::InEffect);
        for (kind, expected) in [
            (PartKind::IoFlusher, libc::EPERM),
            (PartKind::Scheduling, libc::EINVAL),
            (PartKind::OomScore, libc::EACCES),
        ] {
            let effect = daemon.effect(kind);
            let refused =
                matches!(effect, Effect::Refused { errno, .. } if *errno == Some(expected));
            assert!(refused, "{kind:?}: {effect}");
        }
        assert_eq!(scheduling(), ORDINARY);
    });
}

#[test]
fn a_refused_lock_changes_nothing() {
    const NAME: &str = "swap_daemon::a_refused_lock_changes_nothing";
    if !is_root(NAME) {
        return;
    }
    own_process(
        NAME,
        Setup::new().memlock(1 << 20).without_ipc_lock(),
        || {
            let before = (scheduling(), oom_score());
            let error = SwapDaemon::builder()
                .oom_score(500)
                .enter()
                .expect_err("over the limit");
            assert!(
                matches!(error.cause(), Cause::LimitReached { .. }),
                "{error}"
            );
            assert_eq!((scheduling(), oom_score()), before);
            assert_eq!(locked(), 0);
        },
    );
}
