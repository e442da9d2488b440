//! The published functions, and their effect.

use crate::kernel::{Mapped, PAGE};
use crate::observe::{has, in_fork_child, locked};
use crate::own_process::{Setup, own_process};
use stayput::inspect::Flag;
use stayput::process::*;

const RW: i32 = libc::PROT_READ | libc::PROT_WRITE;

/// Whether its first `len` bytes are in memory; smaps would count a neighbour's too.
fn is_resident(mapping: &Mapped, len: usize) -> bool {
    let range = stayput::PageRange::covering(mapping.start().addr(), len);
    let pages = stayput_sys::residency::mincore(range.expect("within the address space"));
    pages.expect("mapped").into_iter().all(|page| page)
}

#[test]
fn present_and_future_memory_is_locked_and_unlocked() {
    own_process(
        "locking::present_and_future_memory_is_locked_and_unlocked",
        Setup::new(),
        || {
            assert!(!is_locked());
            let before = Mapped::new(8 * PAGE, RW).expect("mapped");
            let status = lock_all().expect("CAP_IPC_LOCK");
            assert!(status.is_locked());
            assert_eq!(status.bytes_locked() as u64, locked());
            assert!(is_locked());
            let after = Mapped::new(8 * PAGE, RW).expect("mapped");
            for mapping in [&before, &after] {
                assert!(has(mapping.start(), Flag::Locked));
                assert!(is_resident(mapping, 8 * PAGE));
            }
            unlock_all().expect("no permission needed");
            assert!(!has(before.start(), Flag::Locked));
            assert!(!has(after.start(), Flag::Locked));
            assert!(!has(
                Mapped::new(PAGE, RW).expect("mapped").start(),
                Flag::Locked
            ));
            assert_eq!((locked(), locked_bytes(), is_locked()), (0, 0, false));
        },
    );
}

#[test]
#[expect(
    clippy::needless_borrows_for_generic_args,
    reason = "a published usage"
)]
fn flags_mean_what_they_say() {
    own_process("locking::flags_mean_what_they_say", Setup::new(), || {
        let lock = |current, future, onfault| {
            unlock_all().expect("unlocked");
            let before = Mapped::new(PAGE, RW).expect("mapped");
            let config = MlockConfig::builder()
                .current(current)
                .future(future)
                .onfault(onfault)
                .build();
            // By value and by reference.
            let status = lock_with_config(config).expect("CAP_IPC_LOCK");
            assert_eq!(
                status.is_locked(),
                lock_with_config(&config).expect("again").is_locked()
            );
            let after = Mapped::new(PAGE, RW).expect("mapped");
            let state = |mapping: &Mapped| {
                let at = mapping.start();
                assert!(onfault || !has(at, Flag::LockedOnFault));
                (has(at, Flag::Locked), is_resident(mapping, PAGE))
            };
            (state(&before), state(&after))
        };
        // Flagged, in memory.
        let (no, full, onfault) = ((false, false), (true, true), (true, false));
        assert_eq!(lock(true, true, false), (full, full));
        assert_eq!(lock(true, false, false), (full, no));
        assert_eq!(lock(false, true, false), (no, full));
        assert_eq!(lock(true, true, true), (onfault, onfault));
        assert_eq!(lock(false, true, true), (no, onfault));
        unlock_all().expect("unlocked");
        let none = MlockConfig::builder().current(false).future(false).build();
        let status = lock_with_config(none).expect("nothing is called");
        assert_eq!(status, MlockStatus::Locked { bytes_locked: 0 });
        assert_eq!(locked(), 0);
    });
}

#[test]
fn a_fork_child_is_not_locked() {
    own_process("locking::a_fork_child_is_not_locked", Setup::new(), || {
        let _ = lock_all().expect("CAP_IPC_LOCK");
        let held = locked();
        let in_child = in_fork_child(|| {
            assert_eq!(locked(), 0);
            assert!(!is_locked());
            let mapped = Mapped::new(PAGE, RW).expect("mapped");
            assert!(
                !has(mapped.start(), Flag::Locked),
                "MCL_FUTURE is not inherited"
            );
            let _ = lock_all().expect("the child may lock for itself");
            assert!(is_locked());
            0
        });
        assert_eq!(in_child, Ok(0));
        assert!(locked() >= held, "the parent's locks stay");
    });
}

#[test]
fn a_region_lock_leaves_a_locked_process_locked() {
    own_process(
        "locking::a_region_lock_leaves_a_locked_process_locked",
        Setup::new(),
        || {
            // Reading smaps would grow the heap, which is locked too.
            reserve_heap(512 << 10).expect("glibc");
            let mut buffer = vec![0u8; 4 * PAGE];
            let at = buffer.as_ptr();
            // Control: alone, the region's lock goes with its guard.
            drop(stayput::region::lock(&mut buffer).expect("locked"));
            assert!(!has(at, Flag::Locked));

            let _ = lock_all().expect("CAP_IPC_LOCK");
            let held = locked();
            drop(stayput::region::lock(&mut buffer).expect("locked"));
            assert_eq!(locked(), held, "VmLck unchanged");
            assert!(has(at, Flag::Locked));

            // And the other way round: munlockall undoes the region's lock.
            let region = stayput::region::lock(&mut buffer).expect("locked");
            unlock_all().expect("unlocked");
            assert_eq!(locked(), 0);
            drop(region);
            drop(stayput::region::lock(&mut buffer).expect("locked"));
            assert!(
                !has(at, Flag::Locked),
                "guards unlock again after unlock_all"
            );
        },
    );
}

#[test]
fn reports_tell_what_statuses_cannot() {
    own_process(
        "locking::reports_tell_what_statuses_cannot",
        Setup::new(),
        || {
            reserve_heap(512 << 10).expect("glibc");
            let report = lock_report(MlockConfig::default()).expect("CAP_IPC_LOCK");
            assert!(report.status().is_locked());
            assert_eq!(
                (report.warnings(), report.error().is_none()),
                (&[][..], true)
            );
            let plan = report.plan().expect("Linux has /proc");
            assert_eq!(
                (plan.limit(), plan.room()),
                (None, None),
                "the capability lifts the limit"
            );
            assert_eq!(plan.locked_bytes(), report.status().bytes_locked() as u64);
        },
    );
}
